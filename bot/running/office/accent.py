"""The office's colour: its check for contrast (WCAG 2.2), and the CSS rule of its shades."""

import re

from bot.errors import OfficeError

# Success criterion 1.4.3, level AA, for text of any size.
_MIN_CONTRAST = 4.5
# The light background of the pages (bot/channels/html/static/base.css), and the colour's share of a soft background.
_PAPER = (250, 249, 246)
_SOFT = 0.12


def _contrast_ratio(colour: tuple[float, ...], other: tuple[float, ...]) -> float:
    luminances = []
    for rgb in (colour, other):
        channels = (channel / 255 for channel in rgb)
        linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
        luminances.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
    return float((max(luminances) + 0.05) / (min(luminances) + 0.05))


def accent_css(text: str | None, selector: str = "html:root") -> str:
    """Return the rule that overrides the colours of a style sheet by the shades of `#rrggbb`, "" without a colour.

    The shades of dark pages are readable for every colour. Raises OfficeError if it is invalid or too pale on a light
    background.
    """
    if not text:
        return ""
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise OfficeError(f"SHIRUBE_ACCENT_COLOR の「{text}」は色ではありません。#1d4f7c の形で書いてください。")
    colour = tuple(bytes.fromhex(text[1:]))
    ratio = _contrast_ratio(colour, tuple(p + (c - p) * _SOFT for p, c in zip(_PAPER, colour, strict=True)))
    if ratio < _MIN_CONTRAST:
        raise OfficeError(
            f"SHIRUBE_ACCENT_COLOR の「{text}」は薄く、明るい地では読めません（コントラスト比 {ratio:.1f}、"
            f"必要なのは {_MIN_CONTRAST} 以上）。もっと濃い色にしてください。"
        )
    light, dark = f"color-mix(in srgb,{text} ", f"color-mix(in srgb,color-mix(in srgb,{text} 40%,#fff) "
    return (
        f"{selector}{{--accent:light-dark({text},{dark}100%,#fff));--accent-strong:light-dark({light}75%,#000),"
        f"{dark}75%,#fff));--accent-soft:light-dark({light}12%,#faf9f6),{dark}12%,#14181c));"
        "--on-accent:light-dark(#fff,#14181c)}"
    )
