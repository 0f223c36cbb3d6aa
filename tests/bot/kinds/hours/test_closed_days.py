"""Closed days are read from how documents write them, and compared with a day."""

from datetime import date

import pytest

from bot.kinds.hours.closed_days import read_closed_days

MONDAY = date(2026, 11, 16)
HOLIDAY_MONDAY = date(2026, 10, 12)


@pytest.mark.parametrize(
    ("text", "day", "closed"),
    [
        ("月曜日", MONDAY, True),
        ("毎週月・木曜日", date(2026, 11, 19), True),
        ("土・日曜日", date(2026, 11, 21), True),
        ("火曜日", MONDAY, False),
        ("第3月曜日", MONDAY, True),
        ("第2・第4月曜日", MONDAY, False),
        ("月曜日", HOLIDAY_MONDAY, None),
        ("月曜日", date(2026, 10, 13), None),
        ("月曜日(祝日の場合は開館)", HOLIDAY_MONDAY, False),
        ("月曜日(祝日の場合は翌日)", date(2026, 10, 13), True),
        ("月曜日(祝日のときは翌平日)", date(2026, 9, 24), True),
        ("月曜日(祝日のときは翌平日)", date(2026, 9, 22), False),
        ("月曜日。ただし、祝日に当たるときは開館し、その翌日を休館とする", date(2026, 10, 13), True),
        ("月曜日(祝日の場合は館長が定める日)", date(2026, 11, 17), None),
        ("国民の祝日", HOLIDAY_MONDAY, True),
        ("祝日の翌日", date(2026, 11, 24), True),
        ("毎月末日", date(2026, 11, 30), True),
        ("年中無休", MONDAY, False),
        ("年末年始(12月29日~1月3日)", date(2027, 1, 3), True),
        ("12/28-1/4", date(2026, 12, 28), True),
        ("12月29日から翌年1月3日まで", date(2027, 1, 4), False),
        ("令和8年12月28日(月)から令和9年1月4日(月)まで", date(2027, 12, 30), False),
        ("年末年始", date(2026, 12, 29), None),
        ("年末年始", date(2027, 1, 1), True),
        ("特別整理期間(2月1日~2月10日)", date(2027, 2, 5), True),
        ("月曜日、館内整理日", date(2026, 11, 18), None),
        ("火曜日(12月29日は営業)", date(2026, 12, 29), True),
        ("月曜日。ただし、12月29日は開館", date(2026, 12, 29), None),
        ("祝日の翌日", date(2022, 2, 12), None),
        ("工事のため", MONDAY, None),
    ],
)
def test_a_day_is_closed_open_or_left_open(text: str, day: date, closed: object) -> None:
    assert read_closed_days(text).closes(day) is closed
