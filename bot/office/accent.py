"""Shades of the office's colour that are readable on light and dark pages, by their contrast (WCAG 2.2)."""

import re
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import NamedTuple

from bot.errors import OfficeError

# Weights of red, green and blue in the relative luminance (WCAG 2.2).
_WEIGHTS = (0.2126, 0.7152, 0.0722)
# Below this value sRGB is linear.
_LINEAR_UP_TO = 0.04045
# Success criterion 1.4.3, level AA, for text of any size.
MIN_CONTRAST = 4.5


class Colour(NamedTuple):
    """Red, green and blue, 0 to 255 each."""

    red: int
    green: int
    blue: int

    @classmethod
    def parse(cls, text: str) -> "Colour":
        """Return the colour of `#rrggbb`."""
        return cls(*bytes.fromhex(text.removeprefix("#")))

    def __str__(self) -> str:
        return f"#{bytes(self).hex()}"

    def mix_with(self, other: "Colour", share: float) -> "Colour":
        """Return the mixture with this share of the other colour."""
        return Colour(*(round(a + (b - a) * share) for a, b in zip(self, other, strict=True)))


def contrast_ratio(colour: Colour, other: Colour) -> float:
    """Return the contrast ratio, from 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(colour), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Colour) -> float:
    channels = (channel / 255 for channel in colour)
    linear = (one / 12.92 if one <= _LINEAR_UP_TO else float(((one + 0.055) / 1.055) ** 2.4) for one in channels)
    return sum(weight * channel for weight, channel in zip(_WEIGHTS, linear, strict=True))


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
