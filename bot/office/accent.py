"""Shades of the office's colour that are readable on light and dark pages."""

import re
from collections.abc import Callable
from dataclasses import astuple, dataclass

from bot.errors import OfficeError
from bot.office.contrast import READABLE, Colour, contrast_ratio

WHITE, BLACK = Colour(255, 255, 255), Colour(0, 0, 0)
# The papers of the pages (bot/rendering/html/static/base.css): a colour is read on them.
PAPER, DARK_PAPER = Colour.of("#faf9f6"), Colour.of("#14181c")
# What the style sheet calls the colours of `Shades`, in their order.
SHADED = ("--accent", "--accent-strong", "--accent-soft", "--on-accent")
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Shades:
    """A colour on one paper: itself, stronger under the pointer, soft as a background, and what is written on it."""

    accent: Colour
    strong: Colour
    soft: Colour
    on_accent: Colour


@dataclass(frozen=True, slots=True)
class Accent:
    """The office's colour on light and on dark paper."""

    light: Shades
    dark: Shades

    def css(self, on: str = "html:root") -> str:
        """Return the rule that puts these colours in place of the style sheet's, wherever that stands."""
        both = zip(SHADED, astuple(self.light), astuple(self.dark), strict=True)
        return f"{on}{{{';'.join(f'{name}:light-dark({light},{dark})' for name, light, dark in both)}}}"


# The theme's own colours (bot/rendering/html/static/base.css), where the office has none.
OWN = Accent(
    Shades(Colour.of("#1d4f7c"), Colour.of("#143a5d"), Colour.of("#e6eef5"), WHITE),
    Shades(Colour.of("#93c1e8"), Colour.of("#b7d7f2"), Colour.of("#22313f"), Colour.of("#10202e")),
)


def read_accent(written: str) -> Accent:
    """Return the shades of `#rrggbb`. Raises OfficeError where it is none, or too pale to be read on light paper."""
    if not re.fullmatch("#[0-9a-fA-F]{6}", written):
        raise OfficeError(f"SHIRUBE_ACCENT_COLOR の「{written}」は色ではありません。#1d4f7c の形で書いてください。")
    given = Colour.of(written)
    if not _readable_on_light(given):
        darker = _first_readable(given, BLACK, _readable_on_light)
        raise OfficeError(
            f"SHIRUBE_ACCENT_COLOR の「{written}」は薄く、明るい地では読めません（コントラスト比 "
            f"{contrast_ratio(given, _background_shade(given, PAPER)):.1f}、必要なのは {READABLE} 以上）。"
            f"もっと濃い色、たとえば {darker} にしてください。"
        )
    dark = _first_readable(
        given, WHITE, lambda colour: contrast_ratio(colour, _background_shade(colour, DARK_PAPER)) >= READABLE
    )
    return Accent(
        Shades(given, given.mix_with(BLACK, 0.25), _background_shade(given, PAPER), WHITE),
        Shades(dark, dark.mix_with(WHITE, 0.25), _background_shade(dark, DARK_PAPER), DARK_PAPER.mix_with(dark, 0.05)),
    )


def _readable_on_light(colour: Colour) -> bool:
    return (
        contrast_ratio(colour, _background_shade(colour, PAPER)) >= READABLE
        and contrast_ratio(colour, WHITE) >= READABLE
    )


def _background_shade(colour: Colour, paper: Colour) -> Colour:
    return paper.mix_with(colour, 0.12)


def _first_readable(colour: Colour, towards: Colour, readable: Callable[[Colour], bool]) -> Colour:
    mixed = (colour.mix_with(towards, step / _STEPS) for step in range(_STEPS + 1))
    return next(filter(readable, mixed))
