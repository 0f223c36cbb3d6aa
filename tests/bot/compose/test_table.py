"""Answers over a whole table: which rows there are, which reach their target, two of them side by side."""

import pytest

from bot.compose.table import say_rows
from ingest.documents import Cell, Passage
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city"]

REACHED = ["家庭ごみの削減率", "出前講座の参加者数", "収集車の残業時間", "可燃袋の使用枚数"]
MISSED = ["食品ロスの相談件数", "資源回収の協力店舗数"]


@pytest.mark.parametrize(
    "question",
    ["ごみの減量で目標を達成した指標はどれですか?", "ごみの減量の指標のうち、目標に達したものを教えてください"],
)
def test_the_rows_that_reach_their_target(ask: Ask, question: str) -> None:
    """All of them and no other, also where less is better, with both figures."""
    answer = ask(question)
    answered(answer, *REACHED, "次の4つ", "目標値 1,200人、実績 1,340人")
    assert not any(name in answer.answer for name in MISSED)


@pytest.mark.parametrize(
    "question",
    [
        "ごみの減量で目標に届いていない指標をすべて教えて",
        "ごみの減量で目標を達成していない指標は?",
        "ごみの減量で目標が未達の指標はどれですか?",
    ],
)
def test_the_rows_that_miss_their_target(ask: Ask, question: str) -> None:
    """A negated verb, or 未達, asks for the others."""
    answer = ask(question)
    answered(answer, *MISSED, "次の2つ", "目標値 800件、実績 650件")
    assert not any(name in answer.answer for name in REACHED)


def test_each_row_of_a_list_has_its_own_source(ask: Ask) -> None:
    """A figure can be looked up in its row."""
    assert len(ask("ごみの減量で目標に届いていない指標をすべて教えて").citations) == 2


@pytest.mark.parametrize("question", ["ごみの減量の指標を一覧で教えて", "ごみの減量の指標をすべて挙げてください"])
def test_all_rows_of_the_table_asked_for(ask: Ask, question: str) -> None:
    """A list of what the table is of, in its order."""
    answer = ask(question)
    answered(answer, "次の6つ", *REACHED, *MISSED)
    assert "植樹" not in answer.answer


@pytest.mark.parametrize(
    "question",
    ["プランの進み具合は何で確かめますか?", "プラン2.0の指標は何ですか?", "プラン2.0の4つの指標を教えてください"],
)
def test_a_table_is_said_where_a_sentence_only_announces_it(ask: Ask, question: str) -> None:
    """次の4つの指標で確かめます is no answer without the four."""
    answered(ask(question), "家庭ごみの量", "花壇の面積(公園)", "花壇の面積(学校)", "自転車の貸出回数")


@pytest.mark.parametrize(
    "question",
    [
        "公園と学校の花壇の面積の目標値はそれぞれいくつですか?",
        "公園、学校の花壇の面積を比べてください",
        "花壇の面積は公園と学校でどちらが広いですか?",
    ],
)
def test_the_rows_that_a_question_names_side_by_side(ask: Ask, question: str) -> None:
    """Each of them with its figures and its source, and no other."""
    answer = ask(question)
    answered(answer, "花壇の面積(公園)の目標値は400m2です", "花壇の面積(学校)の目標値は150m2です")
    assert len(answer.citations) == 2


def test_one_row_is_not_side_by_side(ask: Ask) -> None:
    """Who asks for one row is not told another."""
    assert "150m2" not in ask("公園の花壇の面積の目標値は?").answer


TWO_SUBJECTS = [
    ("家庭ごみの削減率と収集車の残業時間の実績はそれぞれ?", ("12%減", "280時間")),
    ("植樹の本数と芝生化した公園の数の実績はそれぞれいくつですか?", ("5,200本", "9か所")),
    ("食品ロスの相談件数と出前講座の参加者数の実績はそれぞれいくつですか?", ("650件", "1,340人")),
]


@pytest.mark.parametrize(("question", "parts"), TWO_SUBJECTS)
def test_two_unlike_rows_are_both_answered(ask: Ask, question: str, parts: tuple[str, ...]) -> None:
    """Neither row alone holds what is asked; together they do, and rows with half a name stay out."""
    answer = ask(question)
    answered(answer, *parts)
    assert len(answer.citations) == 2


def test_a_gap_between_percentages_is_in_points(ask: Ask) -> None:
    """12% − 10% are 2 points, not 2%."""
    assert "= 2%" not in ask("家庭ごみの削減率は目標をどれだけ上回りましたか?").answer


def test_rows_below_their_target_are_found_by_that_word(ask: Ask) -> None:
    """下回った asks for the rows that missed."""
    answered(ask("ごみの減量で目標を下回った指標はどれですか?"), "食品ロスの相談件数", "資源回収")


def test_a_numbered_row_is_told_with_what_it_stands_for() -> None:
    """基本目標1 alone says nothing."""
    cells = [(Cell("基本目標", f"基本目標{n}"), Cell("名称", name)) for n, name in ((1, "学び"), (2, "遊び"))]
    rows = [Passage(f"d#{n}", "d", "row", ("2 目標",), "…", (n,), cells=pair) for n, pair in enumerate(cells)]
    assert say_rows(rows).items == ("基本目標1「学び」", "基本目標2「遊び」")


def test_a_table_headed_by_its_own_name_is_named_once() -> None:
    """基本目標の基本目標 says it twice."""
    row = Passage(
        "d#1", "d", "row", ("2-2 基本目標",), "…", (1,), cells=(Cell("基本目標", "学び"), Cell("対象", "市民"))
    )
    assert say_rows([row, row]).text == "基本目標は次の2つです。"
