"""Stretches of a measure and days of the week in words: the figures and days that lie in them."""

from decimal import Decimal

import pytest

from bot.understand.intervals import interval_of, measured
from bot.understand.weekdays import days_asked, days_of_head

HOLDS = [
    ("120cm以上180cm未満", "ちょうど120センチ", True),
    ("120cm以上180cm未満", "1.8メートル", False),
    ("2時間を超え4時間まで", "2時間", False),
    ("2時間を超え4時間まで", "240分", True),
    ("3~5歳", "5歳", True),
    ("10kgまで", "12キロ", False),
    ("65歳以上", "65歳", True),
]


@pytest.mark.parametrize(("stretch", "figure", "inside"), HOLDS)
def test_whether_a_figure_lies_in_a_stretch(stretch: str, figure: str, inside: bool) -> None:  # noqa: FBT001 -- a table of cases
    """Ends count as they are said to, and a measure said in words is the one written in signs."""
    found = interval_of(stretch)
    assert found is not None
    assert [found.holds(value, unit) for value, unit in measured(figure)] == [inside]


@pytest.mark.parametrize("text", ["9時30分~20時", "1日", "令和9年度以降", "200円", ""])
def test_what_is_no_stretch(text: str) -> None:
    """Hours, dates and single figures are none."""
    assert interval_of(text) is None


DAYS = [("平日", "月火水木金"), ("土・日・祝日", "土日祝"), ("月曜日~木曜日", "月火水木"), ("休館日", ""), ("日", "")]


@pytest.mark.parametrize(("head", "days"), DAYS)
def test_the_days_of_a_column(head: str, days: str) -> None:
    """A head of nothing but days holds for each of them."""
    assert days_of_head(head) == frozenset(days)


def test_the_days_that_a_question_names() -> None:
    """A day of the month is none of the week."""
    assert days_asked("3月1日の水曜日は何時まで") == frozenset("水")


def test_a_stretch_has_both_its_ends() -> None:
    """The lower and the upper end are told apart, with whether they count."""
    found = interval_of("60cm以上120cm未満")
    assert found is not None
    assert (found.low, found.low_closed, found.high, found.high_closed) == (Decimal(60), True, Decimal(120), False)
