"""Both calendars: what is written in one is given in the other, once, and never inside quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.compose.calendars import both_calendars
from ingest.normalise import dates, era_year, nfkc

GIVEN = [
    ("期間は令和8年度から令和11年度までです。", "期間は令和8年度（2026年度）から令和11年度（2029年度）までです。"),
    ("2024年2月に策定されました。", "2024年（令和6年）2月に策定されました。"),
    ("令和7年4月1日に開設します。", "令和7年（2025年）4月1日に開設します。"),
    ("令和8(2026)年度から始まります。", "令和8(2026)年度から始まります。"),
    ("令和8年(2026年)1月に策定しました。", "令和8年(2026年)1月に策定しました。"),
    ("2019年3月のことです。", "2019年（平成31年）3月のことです。"),
    ("2019年6月のことです。", "2019年（令和元年）6月のことです。"),
    ("2019年のことです。", "2019年（平成31年・令和元年）のことです。"),
    ("2019年度のことです。", "2019年度（令和元年度）のことです。"),
    ("使用量(2019年度比較)は42%減です。", "使用量(2019年度＝令和元年度比較)は42%減です。"),
    ("令和６年度は５件です。", "令和６年度（2024年度）は５件です。"),
    ("部長は、「令和8年3月までに作ります」と述べています。", "部長は、「令和8年3月までに作ります」と述べています。"),
    ("①は令和8年度です。", "①は令和8年度（2026年度）です。"),
    ("8月は9,000円です。", "8月は9,000円です。"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "both"), GIVEN)
def test_a_year_is_given_in_both_calendars(text: str, both: str) -> None:
    """In brackets behind it; within brackets behind an equals sign; as the era of that very day."""
    assert both_calendars(text) == both


def test_a_year_is_given_in_both_but_once() -> None:
    """Where it stands first, on whichever line."""
    text = both_calendars("令和7年4月に開き、令和7年10月に閉じます。\n・令和7年の予定")
    assert text.count("2025年") == 1
    assert text.startswith("令和7年（2025年）4月")


@given(st.integers(1990, 2040), st.booleans(), st.sampled_from(["", "度", "5月", "10月3日"]))
def test_the_other_calendar_names_the_same_time(year: int, western: bool, rest: str) -> None:  # noqa: FBT001
    """Whatever is put behind a date means the date, and giving both again changes nothing."""
    written = f"{year if western else era_year(year)}年{rest}"
    both = both_calendars(f"{written}に始まります。")
    assert {mention.first.year for mention in dates(nfkc(both))} == {year}
    assert both_calendars(both) == both
