"""Follow-ups made whole by a language model: what of it stands, and what stands in its place where it does not."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest

from bot.conversation import FollowUpRewriter
from bot.generation.followup_rewriting import LLMFollowUpRewriter, find_rewrite_problem
from bot.llm.chat_model import ChatModel
from bot.state import Exchange, Status, Turn
from tests.bot import model_server as server
from tests.bot.conversation.conversation import exchange, turn, whole
from tests.bot.conversation.rewritings import NATURAL, TREE, UNFIT
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
Ask = Callable[..., Turn]
NEXT, RULED, WHOLE = "目標は?", "植樹の本数の目標は?", "植樹の本数の目標は何本ですか?"


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Return a function that runs the follow-up step with a language model."""
    with ExitStack() as stack:

        def step(model: ModelServer, text: str, *history: Exchange) -> Turn:
            chat = stack.enter_context(closing(ChatModel(model.models(), limit_s=10)))
            return LLMFollowUpRewriter(FollowUpRewriter(), chat)(turn(text, *history))

        yield step


@pytest.mark.parametrize("said", [WHOLE, f"「{WHOLE}」", f"<think>目標は植樹の本数。</think>\n{WHOLE}"])
def test_the_model_rewrites_a_follow_up(model_server: Start, ask: Ask, said: str) -> None:
    """Without its reasoning and without brackets."""
    assert ask(model_server(server.by_task(followup=said)), NEXT, TREE).text == WHOLE


@pytest.mark.parametrize(
    ("text", "said", "added"), [(NEXT, WHOLE, [NEXT]), ("苗木の配布はいつですか", "苗木の配布はいつ?", [""])]
)
def test_a_turn_records_whether_a_follow_up_was_completed(
    model_server: Start, ask: Ask, text: str, said: str, added: list[str]
) -> None:
    """That is, whether words of the conversation were added."""
    assert [ask(model_server(server.by_task(followup=said)), text, TREE).typed] == added


def test_the_model_reads_the_conversation(model_server: Start, ask: Ask) -> None:
    """The request has the earlier exchanges without citations, and the question separately."""
    model = model_server(server.by_task(followup=WHOLE))
    ask(model, NEXT, TREE)
    read = model.requests[0]["messages"][-1]["content"]
    assert f"利用者: {TREE.understood}\n回答: " in read
    assert "[1]" not in read
    assert f"<質問>\n{NEXT}\n</質問>" in read


def test_a_rewriting_with_additions_falls_back_to_the_rules(model_server: Start, ask: Ask) -> None:
    """The question is the one that is used without a model."""
    model = model_server(server.by_task(followup="植樹の本数の目標は7,000本ですか?"))
    assert ask(model, NEXT, TREE).text == RULED
    assert model.requests


def test_a_failing_model_falls_back_to_the_rules(model_server: Start, ask: Ask) -> None:
    """The follow-up is completed without it."""
    assert ask(model_server(server.refuses(500)), NEXT, TREE).text == RULED


CHOICE = exchange("電話番号は?", "どちらですか。", Status.CLARIFY, "本館の電話番号は?", "別館の電話番号は?")


@pytest.mark.parametrize(
    ("text", "history"),
    [
        (NEXT, ()),
        ("二つ目", (CHOICE,)),
        ("もっと簡単に言って", (TREE,)),
    ],
    ids=["the first", "a choice", "easy words"],
)
def test_certain_questions_are_not_sent_to_the_model(
    model_server: Start, ask: Ask, text: str, history: tuple[Exchange, ...]
) -> None:
    """Without a conversation or without a follow-up there is no call."""
    model = model_server(server.by_task(followup=WHOLE))
    assert ask(model, text, *history).text == whole(text, *history).text
    assert model.requests == []


@pytest.mark.parametrize(("before", "question", "said"), NATURAL)
def test_a_faithful_rewriting_is_used(before: Exchange, question: str, said: str) -> None:
    """Words that it adds only express the request."""
    assert find_rewrite_problem(said, question, [before]) == ""


@pytest.mark.parametrize(("before", "question", "said"), UNFIT)
def test_a_rewriting_with_new_facts_is_rejected(before: Exchange, question: str, said: str) -> None:
    """New names, dates or figures, another subject, the last question, or anything but one short question."""
    assert find_rewrite_problem(said, question, [before])


ENGLISH, JAPANESE = "What is the target?", "植樹の本数の目標は?"


@pytest.mark.parametrize("history", [(), (TREE,)], ids=["the first", "a follow-up"])
def test_foreign_question_is_also_searched_in_japanese(
    model_server: Start, ask: Ask, history: tuple[Exchange, ...]
) -> None:
    """The question stays as it is and gets a Japanese wording for the search."""
    asked = ask(model_server(server.by_task(followup=JAPANESE)), ENGLISH, *history)
    assert (asked.text, asked.alternative_text) == (ENGLISH, JAPANESE)


@pytest.mark.parametrize("said", ["植樹は2031年に何本ですか?", "The target of trees?", "", "植樹の\n目標は?"])
def test_translation_with_new_numbers_is_rejected(model_server: Start, ask: Ask, said: str) -> None:
    """Other languages and several questions are rejected too."""
    assert ask(model_server(server.by_task(followup=said)), ENGLISH).alternative_text == ""


def test_both_wordings_of_a_follow_up_are_searched(model_server: Start, ask: Ask) -> None:
    """The model's wording is the question, and that of the rules is an additional query."""
    asked = ask(model_server(server.by_task(followup=WHOLE)), NEXT, TREE)
    assert (asked.text, asked.alternative_text) == (WHOLE, RULED)
