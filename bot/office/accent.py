"""Shades of the office's colour that are readable on light and dark pages."""

import re
from collections.abc import Callable
from dataclasses import astuple, dataclass

from bot.errors import OfficeError
from bot.office.contrast import MIN_CONTRAST, Colour, contrast_ratio

WHITE = Colour(255, 255, 255)
BLACK = Colour(0, 0, 0)
# The backgrounds of the pages (bot/rendering/html/static/base.css).
PAPER = Colour.parse("#faf9f6")
DARK_PAPER = Colour.parse("#14181c")
# The CSS variables of the fields of `Shades`, in order.
_VARIABLES = ("--accent", "--accent-strong", "--accent-soft", "--on-accent")
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Shades:
    """The shades of a colour on one background: text, hover, soft background, and text on the colour itself."""

    accent: Colour
    strong: Colour
    soft: Colour
    on_accent: Colour


@dataclass(frozen=True, slots=True)
class Accent:
    """The office's colour on light and dark backgrounds."""

    light: Shades
    dark: Shades

    def css(self, selector: str = "html:root") -> str:
        """Return the CSS rule that overrides the colours of the style sheet."""
        shades = zip(_VARIABLES, astuple(self.light), astuple(self.dark), strict=True)
        return f"{selector}{{{';'.join(f'{name}:light-dark({light},{dark})' for name, light, dark in shades)}}}"


# The colours of the theme (bot/rendering/html/static/base.css).
DEFAULT_ACCENT = Accent(
    Shades(Colour.parse("#1d4f7c"), Colour.parse("#143a5d"), Colour.parse("#e6eef5"), WHITE),
    Shades(Colour.parse("#93c1e8"), Colour.parse("#b7d7f2"), Colour.parse("#22313f"), Colour.parse("#10202e")),
)


def read_accent(text: str) -> Accent:
    """Return the shades of `#rrggbb`. Raises OfficeError if it is invalid or too pale on a light background."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise OfficeError(f"SHIRUBE_ACCENT_COLOR の「{text}」は色ではありません。#1d4f7c の形で書いてください。")
    light = Colour.parse(text)
    if not _is_readable_on_light(light):
        darker = _first_readable(light, BLACK, _is_readable_on_light)
        raise OfficeError(
            f"SHIRUBE_ACCENT_COLOR の「{text}」は薄く、明るい地では読めません（コントラスト比 "
            f"{contrast_ratio(light, _background_shade(light, PAPER)):.1f}、必要なのは {MIN_CONTRAST} 以上）。"
            f"もっと濃い色、たとえば {darker} にしてください。"
        )
    dark = _first_readable(light, WHITE, _is_readable_on_dark)
    return Accent(
        Shades(light, light.mix_with(BLACK, 0.25), _background_shade(light, PAPER), WHITE),
        Shades(dark, dark.mix_with(WHITE, 0.25), _background_shade(dark, DARK_PAPER), DARK_PAPER.mix_with(dark, 0.05)),
    )


def _is_readable_on_light(colour: Colour) -> bool:
    backgrounds = (_background_shade(colour, PAPER), WHITE)
    return all(contrast_ratio(colour, background) >= MIN_CONTRAST for background in backgrounds)


def _is_readable_on_dark(colour: Colour) -> bool:
    return contrast_ratio(colour, _background_shade(colour, DARK_PAPER)) >= MIN_CONTRAST


def _background_shade(colour: Colour, paper: Colour) -> Colour:
    return paper.mix_with(colour, 0.12)


def _first_readable(colour: Colour, target: Colour, is_readable: Callable[[Colour], bool]) -> Colour:
    mixtures = (colour.mix_with(target, step / _STEPS) for step in range(_STEPS + 1))
    return next(filter(is_readable, mixtures))
