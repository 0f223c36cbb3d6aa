"""Days that a text names without their year."""

from datetime import date

import pytest

from ingest.japanese.mentions.days import named_days, named_weekdays


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("今日の当番医", (2026, 12, 8)),
        ("明日は休み?", (2026, 12, 9)),
        ("今週の日曜日", (2026, 12, 13)),
        ("来週の月曜", (2026, 12, 14)),
        ("今度の火曜日", (2026, 12, 15)),
        ("12/24の予定", (2026, 12, 24)),
        ("1月4日は開いている?", (2027, 1, 4)),
        ("12月の第3日曜", (2026, 12, 20)),
        ("2025年11月3日", (2025, 11, 3)),
    ],
)
def test_a_day_is_counted_from_the_day_of_asking(text: str, day: tuple[int, int, int]) -> None:
    assert named_days(text, date(2026, 12, 8)) == (date(*day),)


@pytest.mark.parametrize("text", ["12月の行事", "2/30", "10分の1", "第3日曜"])
def test_other_times_are_no_single_day(text: str) -> None:
    assert named_days(text, date(2026, 12, 8)) == ()


def test_weekdays_are_named_with_their_number_in_the_month() -> None:
    assert named_weekdays("第2日曜と木曜日") == {(2, 6), (0, 3)}
