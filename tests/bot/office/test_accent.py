"""Tests of the accent colour of an office."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import OfficeError
from bot.office import read_office
from bot.office.accent import DARK_PAPER, MIN_CONTRAST, PAPER, WHITE, Accent, Colour, contrast_ratio, read_accent
from ingest.configuration.settings import Settings
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54)],
)
def test_contrast_is_that_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast_ratio(Colour.parse(one), Colour.parse(other)) == pytest.approx(ratio, abs=0.01)
    assert contrast_ratio(Colour.parse(other), Colour.parse(one)) == contrast_ratio(
        Colour.parse(one), Colour.parse(other)
    )


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_unreadable_colour_is_refused_with_an_alternative(rgb: tuple[int, int, int]) -> None:
    try:
        accent = read_accent(str(Colour(*rgb)))
    except OfficeError as error:
        proposed = re.findall("#[0-9a-f]{6}", str(error))[-1]
        accent = read_accent(proposed)
    for paper, shades in ((PAPER, accent.light), (DARK_PAPER, accent.dark)):
        for background in (paper, shades.soft):
            assert contrast_ratio(shades.accent, background) >= MIN_CONTRAST
            assert contrast_ratio(shades.strong, background) >= MIN_CONTRAST
        assert contrast_ratio(shades.on_accent, shades.accent) >= MIN_CONTRAST
        assert contrast_ratio(shades.on_accent, shades.strong) >= MIN_CONTRAST


def test_contrast_is_computed_against_the_page_background() -> None:
    papers = re.findall(
        r"--paper: light-dark\((.*), (.*)\);", (ROOT / "bot/rendering/html/static/base.css").read_text("utf-8")
    )
    assert papers == [(str(PAPER), str(DARK_PAPER))]


def test_the_configured_colour_is_used_on_light_pages() -> None:
    accent = read_accent("#0B6E4F")
    assert accent.light.accent == Colour.parse("#0b6e4f")
    assert accent.light.on_accent == WHITE
    assert accent.css().startswith(f"html:root{{--accent:light-dark(#0b6e4f,{accent.dark.accent});--accent-strong:")
    assert f"--on-accent:light-dark({WHITE},{accent.dark.on_accent})}}" in accent.css()


@pytest.mark.parametrize("written", ["red", "#12345", "#1234567", "1d4f7c", "#12345g", "</style>"])
def test_what_is_no_colour_is_refused(written: str) -> None:
    with pytest.raises(OfficeError, match="#1d4f7c の形"):
        read_accent(written)


def test_without_a_colour_no_accent_is_set() -> None:
    accent: Accent | None = read_office(Settings(_env_file=None)).accent
    assert accent is None
