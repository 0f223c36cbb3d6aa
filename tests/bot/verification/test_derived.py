"""Tests of figures and dates in another notation than the source."""

import pytest

from bot.verification.source_text import SourceText
from bot.verification.statement_check import check_text

COURSE = SourceText(
    "日時:5月9・16・23日、6月6日(全4回)。14時~15時半\n受講料:無料\n定員:各回18人\n申込期間:4月7日~18日",
    ("艪こぎ教室",),
    "広報みなと 4月号",
    (),
    "青葉市",
    "2026-04-01",
)
REPORT = SourceText(
    "11月30日に艪こぎの体験会が行われ、58人が参加しました。", (), "広報みなと 1月号", (), "青葉市", "2026-01-01"
)
SPEECH = SourceText(
    "渡船の利用は、昨年度は1,240人、一昨年度は1,180人でした。桟橋は3年前に改修し、使用許可は10年3月31日まで続きます。",
    ("答弁 港湾部長",),
    "議会の記録",
    (),
    "青葉市",
    "2026-06-12",
)


def stands(text: str, of: SourceText) -> bool:
    return not any(one.problems for one in check_text(f"{text}[1]。", [of]))


@pytest.mark.parametrize(
    "text",
    [
        "教室は1回1時間半です",
        "教室は5月9日、16日、23日と6月6日の4日間です",
        "受講料は0円です",
        "申し込みは4月7日から同月18日までの12日間です",
        "定員は各回18人なので、4回で延べ72人です",
        "教室は2026年5月9日に始まります",
    ],
)
def test_equivalent_notation_of_a_notice_is_accepted(text: str) -> None:
    assert stands(text, COURSE)


def test_month_before_the_issue_may_be_last_year() -> None:
    assert stands("体験会は2025年11月30日に行われました", REPORT)
    assert not stands("体験会は2024年11月30日に行われました", REPORT)


@pytest.mark.parametrize(
    "text",
    [
        "教室は1回2時間です",
        "教室は5日間です",
        "受講料は500円です",
        "申し込みは4月7日から同月19日までです",
        "定員は4回で延べ80人です",
        "教室は2025年5月9日に始まります",
    ],
)
def test_other_figures_are_rejected(text: str) -> None:
    assert not stands(text, COURSE)


def test_contradictory_calendar_years_are_rejected() -> None:
    said = "2025年度(令和8年度)の渡船の利用は1,240人でした[1]。"
    (checked,) = check_text(said, [SPEECH], "2025年度の渡船の利用は何人でしたか?")
    assert {problem.kind for problem in checked.problems} >= {"date"}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("2025年度の渡船の利用は1,240人でした", True),
        ("2022年度の渡船の利用は1,240人でした", False),
        ("桟橋は2023年に改修しました", True),
        ("桟橋は2021年に改修しました", False),
        ("使用許可は2028年3月31日まで続きます", True),
        ("使用許可は2029年3月31日まで続きます", False),
    ],
)
def test_relative_years_count_from_publication(text: str, right: bool) -> None:  # noqa: FBT001
    assert stands(text, SPEECH) is right


BULLETIN = SourceText(
    "納期限:10/31(木)\n艪こぎ教室:10月5日(土)・12日(土)、定員16人\n浜・港・岬市に住む人は誰でも参加できます。\n"
    "■「可愛(かわい)い帆船」作り\n参加者は前年の48人から106人に増え、費用は9・5億円です。設置率はゼロ%です。\n"
    "漕ぎ手が37人、舵取りが24人です。受け付けは12月末までです。",
    ("10月のお知らせ",),
    "広報みなと 10月号",
    (),
    "青葉市",
    "2024-10-01",
)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("納期限は2024年10月31日です", True),
        ("納期限は2024年10月30日です", False),
        ("教室は10月5日(土)と12日(土)の2日です", True),
        ("教室は10月5日(日)です", False),
        ("教室は2024年10月5日の日曜日です", False),
        ("港市の人も参加できます", True),
        ("沢市の人も参加できます", False),
        ("「可愛い帆船」を作ります", True),
        ("費用は9.5億円です", True),
        ("設置率は0%です", True),
        ("受け付けは2024年12月31日までです", True),
        ("受け付けは2024年12月30日までです", False),
        ("参加者は約2.2倍です(106÷48≒2.21)", True),
        ("参加者は約2.2倍です(106÷48≒2.31)", False),
        ("漕ぎ手は37人、舵取りは24人です", True),
    ],
)
def test_implied_japanese_notation_is_accepted(text: str, right: bool) -> None:  # noqa: FBT001
    assert stands(text, BULLETIN) is right
