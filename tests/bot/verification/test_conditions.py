"""Conditions of a notice: a statement of the opposite is rejected."""

import pytest

from bot.verification import Quotation, SourceText, Statement, check_statements, check_text

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
ELDERLY = SourceText("対象:市内在住の65歳以上の人\n付き添い:身長110センチ未満の子どもは乗船無料", ("渡船の会",))
OUTING = SourceText(
    "日時:毎週月・水曜日、5月12日(日)は見学会\n給食:無償\n65歳以上は申込不要。64歳以下は電話で申込",
    ("浜の食堂",),
    issuer="青葉市",
    published="2026-04-01",
)
FERRY = SourceText(
    "毎週月曜日から金曜日まで運航\n乗船無料、荷物は実費\n団体は予約不要、弁当の希望は前日まで", ("渡し船",)
)
OPEN = SourceText("(1)潮見の講話 (2)磯の観察\n申込み:(2)のみ5月1日までに電話で。定員を超えたら抽選", ("海辺の日",))


def problems(text: str, of: SourceText) -> list[str]:
    return [problem.kind for one in check_text(f"{text}[1]。", [of]) for problem in one.problems]


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("参加にはお金がかかります", ROWING),
        ("集いは有料です", ROWING),
        ("事前の申し込みが必要です", ROWING),
        ("集いは予約制です", ROWING),
        ("30人を超えたら抽選です", ROWING),
        ("集いは毎月第1・第3木曜日です", ROWING),
        ("教室は無料です", KNOTS),
        ("教室に参加費はかかりません", KNOTS),
        ("教室に予約は要りません", KNOTS),
        ("教室は先着20人です", KNOTS),
        ("対象は65歳以下の方です", ELDERLY),
        ("身長110センチ以上なら無料で乗れます", ELDERLY),
        ("毎週火曜日です", OUTING),
        ("隔週水曜日です", OUTING),
        ("集いは毎週水曜日です", ROWING),
        ("身長110センチ以下なら無料で乗れます", ELDERLY),
        ("給食は有料です", OUTING),
        ("予約がなくても縄結びの教室に出られます", KNOTS),
    ],
)
def test_opposite_condition_is_a_contradiction(text: str, of: SourceText) -> None:
    """Free or paid, with or without application, first come or by lot, from or up to."""
    assert "property" in problems(text, of)


@pytest.mark.parametrize(
    ("text", "of"),
    [
        ("費用は無料で、申し込みも要りません", ROWING),
        ("抽選ではなく先着順で、30人までです", ROWING),
        ("0円で参加できます", ROWING),
        ("集いは第1水曜日と第3水曜日です", ROWING),
        ("教室は有料で、予約が必要です", KNOTS),
        ("先着順ではなく、抽選です", KNOTS),
        ("集いは無料ですが、縄結びの教室は800円かかります", BOTH),
        ("申し込みが要るのは縄結びの教室だけで、艪こぎの集いには申し込みが必要ありません", BOTH),
        ("潮見の講話は申し込み不要です", OPEN),
        ("磯の観察には申し込みが必要です", OPEN),
        ("対象は65歳以上の方です", ELDERLY),
        ("65歳未満の方は対象ではありません", ELDERLY),
        ("毎週水曜日です", OUTING),
        ("64歳以下の方は電話での申し込みが必要です", OUTING),
        ("定員は20人で、先着順ではありません", KNOTS),
        ("無料ではなく、800円がかかります", KNOTS),
        ("予約なしの方は参加できません", KNOTS),
        ("集いで抽選は行いません", ROWING),
        ("乗船は無料ですが、荷物の料金がかかります", FERRY),
        ("弁当を希望する団体は、前日までに予約が必要です", FERRY),
        ("毎週水曜日にも乗れます", FERRY),
    ],
)
def test_stated_or_open_condition_passes(text: str, of: SourceText) -> None:
    """Each alternative passes where the source has both."""
    assert "property" not in problems(text, of)


def test_week_prefix_applies_to_each_number() -> None:
    """第1・3水曜 are the first and third week; another week is a wrong figure."""
    assert problems("集いは毎月第1・第3水曜日です", ROWING) == []
    assert problems("集いは毎月第1水曜日と第3水曜日です", ROWING) == []
    assert "figure" in problems("集いは毎月第2・第4水曜日です", ROWING)


def test_week_before_monday_is_not_a_month() -> None:
    """In 第3月曜 the character 月 is a weekday."""
    monday = SourceText("舟は毎月第1・3月曜日に出ます。", ("渡し舟",))
    for text in ("舟は毎月第1・第3月曜日に出ます", "舟は第1月曜日と第3月曜日に出ます"):
        assert problems(text, monday) == []
    assert "figure" in problems("舟は毎月第2・4月曜日に出ます", monday)


def test_quote_selects_among_several_notices() -> None:
    """The quoted words decide where a passage has both conditions."""
    quoted = (Quotation("費用:無料", (1,)),)
    (checked,) = check_statements([Statement("艪こぎの集いは有料です", (1,), quotes=quoted)], [BOTH])
    assert "property" in {problem.kind for problem in checked.problems}


@pytest.mark.parametrize("text", ["集いは1時間15分です", "教室は2時間半です", "教室は2時間30分あります"])
def test_length_of_a_span_passes(text: str) -> None:
    """Hours and minutes are one length."""
    assert problems(text, BOTH) == []


@pytest.mark.parametrize("text", ["集いは1時間30分です", "教室は3時間です", "教室は2時間15分あります"])
def test_other_length_is_rejected(text: str) -> None:
    """No span of the source has this length."""
    assert "figure" in problems(text, BOTH)


def test_weekday_is_checked_against_the_calendar() -> None:
    """The date decides, as in 5月10日(日)."""
    assert problems("教室のある5月10日は日曜日です", KNOTS) == []
    assert problems("教室のある5月10日は土曜日です", KNOTS) == ["date"]


def test_weekday_from_the_source_passes() -> None:
    """The year may be unknown, so the calendar does not overrule the source."""
    assert problems("見学会は5月12日(日)です", OUTING) == []
    assert problems("見学会は5月12日(月)です", OUTING) == ["date"]
