"""Answer, ask back, or say that the documents do not tell."""

import pytest

from bot.answer import Question, Status
from bot.find.decide import Decide, is_vague, suggestions
from bot.find.sought import Sought
from bot.pipeline import Pipeline
from bot.turn import Turn
from bot.understand.question import understand
from bot.understand.scope import Scopes
from tests.bot.asking import TODAY, Ask

pytest_plugins = ["tests.bot.city"]


@pytest.mark.parametrize(
    "question",
    ["目標は?", "何人ですか?", "それはいつですか", "教えてください", "いつまで?", "実績を教えて", "どうですか"],
)
def test_a_vague_question_is_asked_back(ask: Ask, question: str) -> None:
    """A question that names nothing cannot be looked up."""
    answer = ask(question)
    assert answer.status is Status.CLARIFY
    assert answer.suggestions


@pytest.mark.parametrize(
    ("question", "vague"),
    [
        ("目標は?", True),
        ("増えましたか", True),
        ("植樹の目標は?", False),
        ("令和6年度は?", False),
        ("「みんなで」とは?", False),
        ("前のプランは?", False),
        ("2.0は?", False),
    ],
)
def test_a_noun_a_date_a_quote_or_a_document_makes_a_question_clear(
    city_pipeline: Pipeline, question: str, *, vague: bool
) -> None:
    """Any of them says what to look for."""
    asked = understand(question)
    assert is_vague(Sought(asked, Scopes(city_pipeline.index.documents)(asked, TODAY))) is vague


NEAR = [
    "環境政策課の電話番号は?",
    "市長の名前は何ですか?",
    "令和9年度の植樹の本数は?",
    "植樹には何人が参加しましたか?",
    "太陽光パネルの補助の申請期限はいつですか?",
    "食品ロスの相談は誰が担当していますか?",
    "移動図書車は何円で借りられますか?",
]


@pytest.mark.parametrize("question", NEAR)
def test_a_near_miss_is_not_answered(ask: Ask, question: str) -> None:
    """Words of the documents without the thing asked for are no answer."""
    assert ask(question).status is Status.NO_ANSWER


FAR = [
    "おいしいラーメン屋を教えて",
    "将棋の駒の並べ方は",
    "源氏物語の作者は誰ですか",
    "パスポートの更新に必要な書類は",
    "What is the capital of France?",
]


@pytest.mark.parametrize("question", FAR)
def test_a_question_on_something_else_is_out_of_scope(ask: Ask, question: str) -> None:
    """Where nothing in the documents is about it, that is said."""
    assert ask(question).status is Status.OUT_OF_SCOPE


@pytest.mark.parametrize(
    "question",
    [
        "金沢市の食品ロスの相談件数は?",
        "田中さんが出した食品ロスの相談件数は?",
        "東京の植樹の本数の実績は?",
        "富山県の家庭ごみの削減率は?",
        "分野4では何をしますか?",
        "第3回の環境会議の会場は?",
    ],
)
def test_nothing_stands_in_for_a_name(ask: Ask, question: str) -> None:
    """Another town's, another person's, another member's figures are not these."""
    assert ask(question).status in {Status.NO_ANSWER, Status.OUT_OF_SCOPE}


@pytest.mark.parametrize("question", ["星見市の植樹の本数の実績は?", "市の植樹の本数の実績は?", "当市の植樹の実績は?"])
def test_the_citys_own_name_is_no_obstacle(ask: Ask, question: str) -> None:
    """The documents are the city's, also where a passage does not say so."""
    assert "5,200本" in ask(question).answer


def test_a_refusal_tells_whom_to_ask(city_pipeline: Pipeline) -> None:
    """With a contact in the settings a refusal names it."""
    question = Question(question="環境政策課の電話番号は?")
    turn, _ = city_pipeline.answer(Turn(question, TODAY))
    assert turn.draft is not None
    assert turn.draft.status is Status.NO_ANSWER
    assert "環境政策課の窓口" in turn.draft.text


def test_without_a_contact_a_refusal_names_none(ask: Ask) -> None:
    """Nothing is left of the sentence about it."""
    assert "お急ぎ" not in ask("環境政策課の電話番号は?").answer


NEAR_A_HEADING = "補助制度の予算額は?"


def test_who_asks_for_a_number_to_call_is_offered_nothing_else(ask: Ask) -> None:
    """The board that a telephone number is not told of is no help to who asks for the number."""
    assert ask("環境政策課の電話番号は?").suggestions == ()


def test_suggestions_are_questions_about_headings(ask: Ask, city_pipeline: Pipeline) -> None:
    """Each is a heading of the documents, asked for as a person would, and they are three at most."""
    offered = ask(NEAR_A_HEADING).suggestions
    headings = {heading.split(" ", 1)[-1] for p in city_pipeline.index.passages for heading in p.path}
    assert 0 < len(offered) <= 3
    assert all(text.removesuffix("について教えてください") in headings for text in offered)


def test_each_suggestion_is_answered(ask: Ask) -> None:
    """Who takes one gets an answer."""
    for text in ask(NEAR_A_HEADING).suggestions:
        assert ask(text).status is Status.ANSWERED, text


def test_nothing_found_suggests_nothing() -> None:
    """No pieces, no suggestions."""
    assert suggestions(()) == ()


def test_a_turn_that_was_not_understood_goes_on(city_pipeline: Pipeline) -> None:
    """Without question and scope there is nothing to decide."""
    decide = next(step for name, step in city_pipeline.steps if name == "decide")
    turn = Turn(Question(question=""), TODAY)
    assert isinstance(decide, Decide)
    assert decide(turn) is turn
    assert decide.coverage(turn) == 0


NOWHERE = [("明日の天気は", Status.OUT_OF_SCOPE), ("公園の売店の定休日は", Status.NO_ANSWER)]


@pytest.mark.parametrize(("question", "status"), NOWHERE)
def test_out_of_scope_is_what_no_document_has_a_word_of(ask: Ask, question: str, status: Status) -> None:
    """A thing that is spoken of, though not what is asked of it, is not found; what nothing speaks of is no matter."""
    answer = ask(question)
    assert answer.status is status
    assert answer.answer.startswith("すみません、")
    assert ("星見市環境プラン2.0" in answer.answer) is (status is Status.OUT_OF_SCOPE)


def test_the_plan_in_force_answers_where_both_have_the_heading_that_is_asked_for(ask: Ask) -> None:
    """However well the older one says it: 基本理念 is that of the plan in force."""
    for question in ("基本理念は", "計画の期間は", "基本理念を教えて"):
        assert {citation.in_force for citation in ask(question).citations} == {True}, question
