"""Answers over a whole table: which rows there are, which reach their target, two of them side by side."""

import pytest

from bot.compose.table import rows_side_by_side
from tests.bot.asking import Ask, answered
from tests.bot.compose.fitting import corpus, fitting, row, sought

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


ROWS = (
    row(1, 指標="植樹の本数", 目標値="5,000本", 実績="5,200本"),
    row(2, 指標="芝生の広さ", 目標値="800m2", 実績="650m2"),
    row(3, 指標="花壇の数", 目標値="40か所", 実績="31か所"),
)


@pytest.mark.parametrize(
    "question",
    [
        "植樹の本数と芝生の広さの実績はそれぞれいくつですか?",
        "植樹の本数と芝生の広さを比べてください",
        "植樹の本数も芝生の広さも、それぞれの実績を教えてください",
    ],
)
def test_the_rows_that_a_question_names_side_by_side(question: str) -> None:
    """Each of them with its figures and its source, and no other."""
    draft = rows_side_by_side(sought(question), fitting(ROWS), corpus(ROWS))
    assert draft is not None
    assert draft.text.splitlines() == [
        "植樹の本数は、実績が5,200本、目標値が5,000本です[1]。",
        "芝生の広さは、実績が650m2、目標値が800m2です[2]。",
    ]
    assert [source.passage.id for source in draft.sources] == ["d#0001", "d#0002"]


@pytest.mark.parametrize("question", ["植樹の本数と芝生の広さの実績は?", "植樹の本数の実績はそれぞれいくつですか?"])
def test_one_row_or_no_comparison_is_not_side_by_side(question: str) -> None:
    """It takes two rows that are named, and a word that sets them side by side."""
    assert rows_side_by_side(sought(question), fitting(ROWS), corpus(ROWS)) is None
