"""Whether a figure follows from others, and how results are written."""

from decimal import Decimal

import pytest

from bot.tables.arithmetic import Amount, Way, difference, follows, share, total, written


def amounts(*figures: str) -> list[Amount]:
    return [Amount(Decimal(number), unit) for number, _, unit in (figure.partition(" ") for figure in figures)]


@pytest.mark.parametrize(
    ("claimed", "given", "way"),
    [
        ("12 件", ["12 件", "5 件"], Way.SAME),
        ("17 件", ["12 件", "5 件"], Way.SUM),
        ("7 件", ["12 件", "5 件"], Way.DIFFERENCE),
        ("41.7 %", ["12 件", "5 件"], Way.RATIO),
        ("2.4 倍", ["12 件", "5 件"], Way.RATIO),
        ("5 ポイント", ["40 %", "35 %"], Way.DIFFERENCE),
        ("35.4 %", ["35.38 %"], Way.ROUNDED),
        ("18 件", ["12 件", "5 件"], None),
        ("17 件", ["12 件", "5 人"], None),
        ("75 %", ["40 %", "35 %"], None),
        ("12 人", ["12 件"], None),
        ("0 件", [], None),
    ],
)
def test_figure_follows_from_those_at_hand(claimed: str, given: list[str], way: Way | None) -> None:
    """Sums, differences, shares and roundings of one unit follow; units are never mixed."""
    assert follows(amounts(claimed)[0], amounts(*given)) is way


def test_rounded_figure_follows_where_it_is_said_to_be_rounded() -> None:
    """約1,200人 follows from 1,204 people, 1,200 alone does not."""
    claimed, given = Amount(Decimal(1200), "人"), amounts("1204 人")
    assert follows(claimed, given, rounded=True) is Way.ROUNDED
    assert follows(claimed, given) is None


def test_count_of_what_is_listed_follows() -> None:
    """How many there are follows from a list, a share does not."""
    assert follows(Amount(Decimal(3), "館"), [], rows=3) is Way.COUNT
    assert follows(Amount(Decimal(3), "%"), [], rows=3) is None


def test_shares_do_not_add_up() -> None:
    """Neither shares nor figures of two units have a sum; nothing has none."""
    assert total(amounts("40 %", "35 %")) is None
    assert total(amounts("40 人", "35 件")) is None
    assert total([]) is None


def test_difference_of_two_units_is_none() -> None:
    """A difference is of one unit and never negative, that of percentages in points."""
    assert difference(*amounts("3 人", "5 件")) is None
    assert difference(*amounts("3 人", "5 人")) == Amount(Decimal(2), "人")
    assert difference(*amounts("3 %", "5 %")) == Amount(Decimal(2), "ポイント")


def test_share_of_nothing_is_none() -> None:
    """Nothing is divided by zero, nor by another unit."""
    assert share(*amounts("3 人", "0 人")) is None
    assert share(*amounts("3 人", "4 件")) is None
    assert share(*amounts("3 人", "4 人")) == Amount(Decimal("75.0"), "%")


@pytest.mark.parametrize(
    ("amount", "like", "text"),
    [
        ("1204 人", ["300人"], "1,204人"),
        ("75.0 %", [], "75%"),
        ("0.50 点", [], "0.5点"),
        ("337000000 円", ["8,500万円"], "3億3,700万円"),
        ("12000 円", ["9,000円"], "12,000円"),
        ("-40 件", [], "-40件"),
        ("0 円", ["2万円"], "0円"),
        ("100 円", [], "100円"),
    ],
)
def test_result_is_written_as_its_operands_are(amount: str, like: list[str], text: str) -> None:
    """Myriads are written where the operands are; zeros behind the point are not."""
    assert written(amounts(amount)[0], like) == text
