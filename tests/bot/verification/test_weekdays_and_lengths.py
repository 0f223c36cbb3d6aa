"""Tests of weekdays and lengths of time in a notice."""

import pytest

from bot.verification.source_text import SourceText
from bot.verification.statement_check import check_text

ROWING = SourceText(
    "日時:毎月第1・3水曜、14時45分~16時\n費用:無料\n定員:先着30人\n申込み:不要。当日、直接会場へ。",
    ("艪こぎの集い",),
    "広報みなと 4月号",
    (),
    "青葉市",
    "2026-04-01",
)
KNOTS = SourceText(
    "日時:5月10日(日)9時半~12時\n費用:800円\n定員:20人(抽選)\n申込み:要予約。5月1日までに電話で。",
    ("縄結びの教室",),
    "広報みなと 4月号",
    (),
    "青葉市",
    "2026-04-01",
)
BOTH = SourceText(f"{ROWING.text}\n\n{KNOTS.text}", ("海の催し",), "広報みなと 4月号", (), "青葉市", "2026-04-01")
OUTING = SourceText(
    "日時:毎週月・水曜日、5月12日(日)は見学会\n給食:無償\n65歳以上は申込不要。64歳以下は電話で申込",
    ("浜の食堂",),
    issuer="青葉市",
    published="2026-04-01",
)


def problems(text: str, of: SourceText) -> list[str]:
    return [problem.kind for one in check_text(f"{text}[1]。", [of]) for problem in one.problems]


def test_week_prefix_applies_to_each_number() -> None:
    assert problems("集いは毎月第1・第3水曜日です", ROWING) == []
    assert problems("集いは毎月第1水曜日と第3水曜日です", ROWING) == []
    assert "figure" in problems("集いは毎月第2・第4水曜日です", ROWING)


def test_week_before_monday_is_not_a_month() -> None:
    monday = SourceText("舟は毎月第1・3月曜日に出ます。", ("渡し舟",))
    for text in ("舟は毎月第1・第3月曜日に出ます", "舟は第1月曜日と第3月曜日に出ます"):
        assert problems(text, monday) == []
    assert "figure" in problems("舟は毎月第2・4月曜日に出ます", monday)


@pytest.mark.parametrize("text", ["集いは1時間15分です", "教室は2時間半です", "教室は2時間30分あります"])
def test_length_of_a_span_passes(text: str) -> None:
    assert problems(text, BOTH) == []


@pytest.mark.parametrize("text", ["集いは1時間30分です", "教室は3時間です", "教室は2時間15分あります"])
def test_other_length_is_rejected(text: str) -> None:
    assert "figure" in problems(text, BOTH)


def test_weekday_is_checked_against_the_calendar() -> None:
    assert problems("教室のある5月10日は日曜日です", KNOTS) == []
    assert problems("教室のある5月10日は土曜日です", KNOTS) == ["date"]


def test_weekday_from_the_source_passes() -> None:
    assert problems("見学会は5月12日(日)です", OUTING) == []
    assert problems("見学会は5月12日(月)です", OUTING) == ["date"]
