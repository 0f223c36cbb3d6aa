"""The office's colour, if it is readable on light pages (WCAG 2.2); the style sheets mix its other shades."""

import re

from bot.errors import OfficeError

# Success criterion 1.4.3, level AA, for text of any size.
MIN_CONTRAST = 4.5
# The background of light pages, and how much of the colour the soft background has (base.css).
_PAPER = "#faf9f6"
_SOFT = 0.12
# On dark pages 60 % of white make even black readable, so no colour needs a share of its own.
_SHADES = (
    "html:root{{--accent:light-dark({0},color-mix(in srgb,{0} 40%,#fff));"
    "--accent-strong:color-mix(in srgb,var(--accent) 75%,light-dark(#000,#fff));"
    "--accent-soft:color-mix(in srgb,var(--accent) 12%,var(--paper));--on-accent:light-dark(#fff,#10202e)}}"
)


def read_accent(text: str) -> str:
    """Return the CSS rule of the shades of `#rrggbb`. Raises OfficeError if it is invalid or pale on light pages."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise OfficeError(f"SHIRUBE_ACCENT_COLOR の「{text}」は色ではありません。#1d4f7c の形で書いてください。")
    if (contrast := _contrast_on_light(text)) < MIN_CONTRAST:
        darker = next(
            colour
            for share in range(100)
            if _contrast_on_light(colour := _mix(text, "#000000", share / 100)) >= MIN_CONTRAST
        )
        raise OfficeError(
            f"SHIRUBE_ACCENT_COLOR の「{text}」は薄く、明るい地では読めません（コントラスト比 {contrast:.1f}、"
            f"必要なのは {MIN_CONTRAST} 以上）。もっと濃い色、たとえば {darker} にしてください。"
        )
    return _SHADES.format(text.lower())


def contrast_ratio(colour: str, other: str) -> float:
    """Return the contrast ratio of two `#rrggbb`, from 1 (the same) to 21 (black on white), by WCAG 2.2."""
    darker, lighter = sorted((_luminance(colour), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _contrast_on_light(colour: str) -> float:
    return min(contrast_ratio(colour, "#ffffff"), contrast_ratio(colour, _mix(_PAPER, colour, _SOFT)))


def _luminance(colour: str) -> float:
    channels = (one / 255 for one in bytes.fromhex(colour[1:]))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return f"#{bytes(round(a + (b - a) * share) for a, b in pairs).hex()}"
