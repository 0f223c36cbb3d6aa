"""Contrast ratio of two colours as WCAG 2.2 defines it."""

from typing import NamedTuple

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
    return sum(weight * _linear(channel / 255) for weight, channel in zip(_WEIGHTS, colour, strict=True))


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _LINEAR_UP_TO else float(((channel + 0.055) / 1.055) ** 2.4)
