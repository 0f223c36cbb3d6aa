"""What an answer offers to ask next: neighbours of what it cites, each of which is answered."""

import pytest

from bot.answer import Status
from tests.bot.asking import Ask

pytest_plugins = ["tests.bot.city"]

ASKED = ["植樹の本数の実績は?", "プランの期間は?", "プラン2.0の基本理念は?", "行動指針を教えて"]


@pytest.mark.parametrize("question", ASKED)
def test_an_answer_offers_what_can_be_asked_next(ask: Ask, question: str) -> None:
    """One to three questions, none of them the one that was asked, each answered when it is taken."""
    offered = ask(question).suggestions
    assert 0 < len(offered) <= 3
    assert len(set(offered) - {question}) == len(offered)
    for text in offered:
        assert ask(text).status is Status.ANSWERED, text


def test_the_rows_beside_come_first(ask: Ask) -> None:
    """Who asks for one indicator is offered the next of its table."""
    answer = ask("植樹の本数の実績は?")
    following = ask(answer.suggestions[0])
    assert following.citations[0].section == answer.citations[0].section
    assert following.citations[0].passage_id != answer.citations[0].passage_id


def test_no_offer_is_taken_for_a_member_of_the_list(ask: Ask) -> None:
    """二つ目 after a list is its second member, not the second question offered below it."""
    assert "市民と事業者が協力" in ask("行動指針を教えてください", "二つ目をくわしく").answer


@pytest.mark.parametrize("question", ["こんにちは", "目標は?", "環境政策課の電話番号は?"])
def test_what_does_not_answer_offers_as_before(ask: Ask, question: str) -> None:
    """A greeting offers nothing; a question back and a refusal keep their own."""
    answer = ask(question)
    assert answer.status not in {Status.ANSWERED, Status.PARTIAL}
    assert not any("どれくらいですか" in text for text in answer.suggestions)
