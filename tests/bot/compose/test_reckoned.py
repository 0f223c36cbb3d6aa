"""Answers reckoned over a table: the largest, those beyond a bound or under a condition, sums, changes, counts."""

from datetime import date

import pytest

from bot.compose.chosen import ranked
from bot.compose.entries import entry, written
from bot.compose.row import read_row
from bot.compose.total import total
from bot.find.sought import Sought
from bot.understand.question import understand
from bot.understand.scope import Scopes
from ingest.documents import Cell, Passage
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.library"]

RANKED = [
    (
        "蔵書がいちばん多い分館はどこですか?",
        ("最も多いのは浜手分館で、74,600冊", "次は駅前分館の66,300冊"),
        "312,400冊",
    ),
    ("年間貸出点数が最も少ない館は?", ("最も少ないのは西山分館で、48,700点", "次は北分館の71,300点"), "138,500点"),
    ("いちばん新しくできた館はどこ?", ("最も新しいのは駅前分館で、令和2年", "次は中央図書館の平成9年"), "昭和61年"),
    ("いちばん古い図書館の開館年は?", ("最も古いのは北分館で、昭和58年", "次は西山分館の昭和61年"), "令和2年"),
    ("来館者数が最も多かったのは何年度ですか?", ("最も多いのは令和元年度で、712,000人",), "418,000人"),
]


@pytest.mark.parametrize(("question", "parts", "other"), RANKED)
def test_the_largest_and_the_smallest_with_the_next(
    ask_library: Ask, question: str, parts: tuple[str, ...], other: str
) -> None:
    """Of the rows of the class that is named, by the column that is named; of one row over its years; of dates too."""
    answer = ask_library(question)
    answered(answer, *parts)
    assert other not in answer.answer


def test_the_top_few_in_their_order(ask_library: Ask) -> None:
    """As many as are asked for, the largest first, each with its source."""
    answer = ask_library("蔵書数の上位3つの館はどこですか?")
    answered(answer)
    names = [line.split("(")[0].removeprefix("・") for line in answer.answer.splitlines()[1:]]
    assert names == ["中央図書館", "浜手分館", "駅前分館"]
    assert len(answer.citations) == 3


BOUNDS = [
    ("年間貸出点数が10万点を超えている館はどれですか?", {"中央図書館", "浜手分館", "駅前分館"}),
    ("蔵書数が74,600冊以上の館はどれですか?", {"中央図書館", "浜手分館"}),
    ("蔵書数が6万冊に満たない館を教えてください", {"北分館", "西山分館"}),
    ("延床面積が1,000㎡より広い館はどこ?", {"中央図書館", "駅前分館"}),
]
LIBRARIES = {"中央図書館", "北分館", "浜手分館", "西山分館", "駅前分館"}


@pytest.mark.parametrize(("question", "members"), BOUNDS)
def test_the_rows_beyond_a_bound(ask_library: Ask, question: str, members: set[str]) -> None:
    """All of them and no other, each with its figure and its source; 以上 counts the bound itself."""
    answer = ask_library(question)
    answered(answer, f"次の{len(members)}つ")
    assert {name for name in LIBRARIES if name in answer.answer} == members
    assert len(answer.citations) == len(members)


def test_where_no_row_lies_beyond_the_bound_the_nearest_is_told(ask_library: Ask) -> None:
    """None, and why."""
    answered(ask_library("蔵書数が50万冊を超える館はどれですか?"), "ありません", "中央図書館で、312,400冊")


CONDITIONS = [
    ("火曜日に休む館はいくつありますか?", "休館日が火曜日のものは次の2つ", {"北分館", "浜手分館"}),
    ("昭和に開館した図書館を教えてください", "次の2つ", {"北分館", "西山分館"}),
]


@pytest.mark.parametrize(("question", "lead", "members"), CONDITIONS)
def test_the_rows_under_a_condition(ask_library: Ask, question: str, lead: str, members: set[str]) -> None:
    """What the question says beyond the table's heads must stand in one column."""
    answer = ask_library(question)
    answered(answer, lead)
    assert {name for name in LIBRARIES if name in answer.answer} == members


SUMS = [
    ("全部の館の蔵書を合わせると何冊になりますか?", "= 563,400冊", 5),
    ("分館の蔵書数の合計は?", "58,900冊 + 74,600冊 + 51,200冊 + 66,300冊 = 251,000冊", 4),
    ("西山分館の改修費は3年間の合計でいくらですか?", "1,200万円 + 2億4,000万円 + 8,500万円 = 3億3,700万円", 1),
    ("西山分館の改修費は令和7年度と令和8年度を合わせるといくら?", "2億4,000万円 + 8,500万円 = 3億2,500万円", 1),
]


@pytest.mark.parametrize(("question", "arithmetic", "sources"), SUMS)
def test_a_sum_is_shown_with_its_operands(ask_library: Ask, question: str, arithmetic: str, sources: int) -> None:
    """Down a column or along the years, each operand from a row that is cited."""
    answer = ask_library(question)
    answered(answer, arithmetic)
    assert len(answer.citations) == sources


def test_rates_are_not_added(ask_library: Ask) -> None:
    """31.4% and 4.2% make no sum."""
    assert "35.6" not in ask_library("登録率と延滞率の合計は何%ですか?").answer


CHANGES = [
    ("来館者数は令和元年度から令和4年度でどれくらい減りましたか?", "712,000人 − 561,000人 = 151,000人"),
    ("来館者数は令和2年度から何人増えましたか?", "561,000人 − 418,000人 = 143,000人"),
    ("電子書籍の充実の費用は令和6年度と令和8年度でいくら違いますか?", "700万円 − 600万円 = 100万円"),
    ("電子書籍の貸出はどう推移していますか?", "令和3年度が9,870点"),
    ("来館者数は令和2年度から増えましたか?", "はい、"),
]


@pytest.mark.parametrize(("question", "part"), CHANGES)
def test_a_change_is_told_with_both_figures(ask_library: Ask, question: str, part: str) -> None:
    """From the first year to the last, or between those named; yes or no first."""
    answered(ask_library(question), part)


def test_the_difference_of_two_rows(ask_library: Ask) -> None:
    """Both figures, and what lies between them."""
    answer = ask_library("浜手分館と北分館の蔵書数の差は何冊ですか?")
    answered(answer, "74,600冊 − 58,900冊 = 15,700冊")
    assert len(answer.citations) == 2


def test_what_is_no_figure_of_the_table_is_not_reckoned(ask_library: Ask) -> None:
    """A table without the column asked for gives no sum."""
    assert "=" not in ask_library("全部の館の職員数を合わせると何人ですか?").answer


def test_a_year_is_read_in_its_column(ask_library: Ask) -> None:
    """7,050件 stands under 令和3年度, 8,940件 under the first."""
    answered(ask_library("令和3年度のレファレンスは何件でしたか?"), "令和3年度は7,050件")


def test_two_plans_side_by_side_say_the_figure_asked_for(ask_library: Ask) -> None:
    """Each under its title, target against target."""
    answer = ask_library("登録率の目標は第1次計画と第2次計画でどう違いますか?")
    answered(answer, "目標値(令和5年度)は35%", "目標(令和10年度)は40%")


ENTRIES = [
    ("31.4%", "割合", ("31.4", "%", "31.4%")),
    ("120", "利用者数(人)", ("120", "人", "120人")),
    ("48,000", "処理能力(m3/日)", ("48000", "m3", "48,000m3")),
    ("12", "改築した棟数(累計)", ("12", "", "12")),
    ("約1.5億円 ※見込み", "事業費", ("150000000", "円", "1.5億円")),
    ("△3人", "増減", ("-3", "人", "-3人")),
]


@pytest.mark.parametrize(("value", "column", "figure"), ENTRIES)
def test_a_cell_is_read_as_a_figure(value: str, column: str, figure: tuple[str, str, str]) -> None:
    """With the unit that its column's head gives, and its sign."""
    passage = Passage("d#1", "d", "row", ("表",), value, (1,), cells=(Cell("指標", "甲"), Cell(column, value)))
    row = read_row(passage)
    read = entry(row, row.cells[0])
    assert read is not None
    assert (str(read.value), read.unit, read.written) == figure


@pytest.mark.parametrize("value", ["-", "未実施", "毎年度", "第3水曜日まで"])
def test_a_cell_without_a_figure_has_none(value: str) -> None:
    """A dash is not nought."""
    passage = Passage("d#1", "d", "row", ("表",), value, (1,), cells=(Cell("指標", "甲"), Cell("値", value)))
    row = read_row(passage)
    assert not any(entry(row, cell) for cell in row.cells)


def test_a_sum_is_written_as_its_operands_are() -> None:
    """3億3,700万円 beside 8,500万円, 337,000,000円 beside 85,000,000円."""
    passage = Passage("d#1", "d", "row", ("表",), "", (1,), cells=(Cell("指標", "甲"), Cell("値", "8,500万円")))
    row = read_row(passage)
    like = entry(row, row.cells[0])
    assert like is not None
    assert written(like.value + 252_000_000, "円", [like]) == "3億3,700万円"
    assert written(like.value, "円", []) == "85,000,000円"


def test_a_weekday_is_asked_of_its_column(ask_library: Ask) -> None:
    """昭和61年 is no day of the week."""
    answered(ask_library("西山分館の休みは何曜日?"), "水曜日")


def test_a_conclusion_is_told_with_its_reason(ask_library: Ask) -> None:
    """このため、… says what follows; the sentence before says why."""
    answered(ask_library("なぜ図書館計画を改めたのですか?"), "来館者が減り", "計画を改めました")


def test_the_share_of_a_target_is_divided_where_it_is_asked_for(ask_library: Ask) -> None:
    """12,300冊 of 18,000冊, with the division."""
    answered(ask_library("学校への団体貸出冊数の達成率は?"), "12,300冊 ÷ 18,000冊 = 68.3%")


def test_a_target_that_is_reached_from_above_has_no_share(ask_library: Ask) -> None:
    """4.2% of at most 3% is no achievement of 140%."""
    assert "÷" not in ask_library("資料の延滞率の達成率は?").answer


def test_which_targets_a_plan_missed_is_told_by_the_minutes(ask_library: Ask) -> None:
    """The plan has the targets, the minutes of the year after both figures."""
    answer = ask_library("第1次計画で目標に届かなかった指標はどれですか?")
    answered(answer, "第1次計画の達成状況のうち、", "次の2つ", "貸出点数", "登録率")
    assert "おはなし会" not in answer.answer


def test_whether_a_plan_reached_a_target_is_told_by_the_minutes(ask_library: Ask) -> None:
    """Yes first, then both figures."""
    answer = ask_library("おはなし会の回数は第1次計画の目標を達成しましたか?")
    answered(answer, "184回", "180回")
    assert answer.answer.startswith("はい、")


def test_a_target_is_no_year_of_the_course(ask_library: Ask) -> None:
    """From 31.4% to a target of 40% nothing has risen yet."""
    assert "ポイント" not in ask_library("登録率はどれくらい増えましたか?").answer


@pytest.mark.parametrize(("last", "said"), [("合計", "件数の合計は30件です。"), ("丙館", "10件 + 20件 + 30件 = 60件")])
def test_a_sum_that_the_table_gives_is_not_reckoned_again(last: str, said: str) -> None:
    """合計 is no operand."""
    table = [("甲館", "10件"), ("乙館", "20件"), (last, "30件")]
    rows = [
        read_row(Passage(f"d#{n}", "d", "row", ("1 表",), "…", (n,), cells=(Cell("館", name), Cell("件数", value))))
        for n, (name, value) in enumerate(table)
    ]
    asked = understand("件数の合計は?")
    (statement,) = total(rows, Sought(asked, Scopes([])(asked, date(2026, 6, 1))))
    assert said in statement.text


def test_a_sum_is_not_the_largest_member() -> None:
    """合計 is always more than any of them."""
    rows = [
        read_row(Passage(f"d#{n}", "d", "row", ("1 表",), "…", (n,), cells=(Cell("館", name), Cell("件数", value))))
        for n, (name, value) in enumerate([("甲館", "10件"), ("乙館", "20件"), ("合計", "30件")])
    ]
    asked = understand("件数が最も多いのはどこですか?")
    first, _ = ranked(rows, Sought(asked, Scopes([])(asked, date(2026, 6, 1))))
    assert "乙館で、20件" in first.text
