"""Tests of times from or until which a value holds."""

from datetime import date

import pytest

from ingest.japanese.effective_times import effective_times, find_in_force, segments_by_time

NOTICE = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("texts", "day", "expected"),
    [
        (("これまで", "10月分から"), date(2026, 9, 30), 0),
        (("これまで", "10月分から"), date(2026, 10, 1), 1),
        (("令和8年9月まで", "令和8年10月から"), date(2026, 9, 30), 0),
        (("1月から", "4月から"), date(2027, 2, 1), 0),  # January of the notice's fiscal year
        (("改定前", "改定後"), date(2026, 12, 1), None),  # the day of the change is unknown
        (("4月から6月まで", "7月から9月まで"), date(2026, 8, 1), 1),
        (("4月から6月まで", "7月から9月まで"), date(2026, 12, 1), None),
    ],
)
def test_time_of_the_day_is_found(texts: tuple[str, ...], day: date, expected: int | None) -> None:
    times = [time for text in texts for time in effective_times(text, NOTICE)]
    assert find_in_force(times, day) == expected


def test_day_of_the_change_decides_between_before_and_after() -> None:
    times = [time for text in ("改定前", "改定後") for time in effective_times(text, NOTICE)]
    assert find_in_force(times, date(2026, 12, 1), changed=date(2026, 10, 1)) == 1


def test_sentence_with_two_values_has_two_segments() -> None:
    text = "手数料は、これまで300円でしたが、令和9年4月1日から350円になります。"
    assert [text[start:end] for start, end, _ in segments_by_time(text, NOTICE)] == [
        "これまで300円でしたが、",
        "令和9年4月1日から350円になります。",
    ]


def test_period_of_an_event_is_no_change_of_value() -> None:
    assert segments_by_time("受付は10月1日から31日まで、先着20人です。", NOTICE) == []
