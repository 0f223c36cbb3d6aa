"""Tests of spans of months without a year."""

import pytest

from ingest.japanese.partial_dates import find_month_span


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("第1四半期の出荷数", (4, 5, 6)),
        ("第四四半期の合計", (1, 2, 3)),
        ("上半期の相談件数", (4, 5, 6, 7, 8, 9)),
        ("下期は何件", (10, 11, 12, 1, 2, 3)),
        ("11~2月の除雪回数", (11, 12, 1, 2)),
        ("7月から9月までの来場者", (7, 8, 9)),
        ("4~13月", ()),
        ("9月の来場者", ()),
    ],
)
def test_a_part_of_a_year_is_its_months(text: str, months: tuple[int, ...]) -> None:
    assert find_month_span(text) == months
