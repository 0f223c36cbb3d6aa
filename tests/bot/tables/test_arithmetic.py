"""Tests of arithmetic over figures with units, and of the notation of results."""

from decimal import Decimal

import pytest

from bot.tables.aggregate import difference, format_value, mean, share, total
from ingest.chunking.cell_values import Value, parse_values


def amounts(*figures: str) -> list[Value]:
    return [Value(Decimal(number), unit) for number, _, unit in (figure.partition(" ") for figure in figures)]


def test_shares_do_not_add_up() -> None:
    assert total(amounts("40 %", "35 %")) is None
    assert total(amounts("40 人", "35 件")) is None
    assert total([]) is None


def test_difference_of_two_units_is_none() -> None:
    assert difference(*amounts("3 人", "5 件")) is None
    assert difference(*amounts("3 人", "5 人")) == Value(Decimal(2), "人")
    assert difference(*amounts("3 %", "5 %")) == Value(Decimal(2), "ポイント")


def test_share_of_zero_is_none() -> None:
    assert share(*amounts("3 人", "0 人")) is None
    assert share(*amounts("3 人", "4 件")) is None
    assert share(*amounts("3 人", "4 人")) == Value(Decimal("75.0"), "%")


def test_figures_of_up_to_28_digits_are_exact_and_longer_ones_are_text() -> None:
    long = amounts(f"{'9' * 28} 円", f"0.{'0' * 27}1 円")
    whole = total(long)
    assert whole
    assert f"{whole.number:f}" == f"{'9' * 28}.{'0' * 27}1"
    assert f"{mean(whole, 2).number:f}" == f"4{'9' * 27}.5"
    assert share(long[0], long[1])
    assert parse_values("9" * 29 + "円") == ()
    assert len(parse_values("9" * 28 + "円")) == 1


@pytest.mark.parametrize(
    ("amount", "like", "text"),
    [
        ("1204 人", "300人", "1,204人"),
        ("75.0 %", "", "75%"),
        ("0.50 点", "", "0.5点"),
        ("337000000 円", "8,500万円", "3億3,700万円"),
        ("12000 円", "9,000円", "12,000円"),
        ("-40 件", "", "-40件"),
        ("0 円", "2万円", "0円"),
        ("100 円", "", "100円"),
    ],
)
def test_result_has_the_notation_of_its_operands(amount: str, like: str, text: str) -> None:
    assert format_value(amounts(amount)[0], like) == text
