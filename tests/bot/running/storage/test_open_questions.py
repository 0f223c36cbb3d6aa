from collections.abc import Callable

import pytest

from bot.answering.state import Answer, Status
from bot.errors import DeskError
from bot.running.service.service import Service
from tests.bot.desk.curation.conftest import ask_question, service
from tests.bot.desk.curation.desks import UNKNOWN

__all__ = ["ask_question", "service"]
pytest_plugins = ["tests.bot.city_index"]
Ask = Callable[..., Answer]
KNOWN = "植樹の本数の実績は?"


def waiting(service: Service) -> list[tuple[str, int]]:
    return [(one.question, len(one.answer_ids)) for one in service.open_questions.all()]


def test_unanswered_and_disliked_questions_are_listed_once_each(service: Service, ask_question: Ask) -> None:
    assert ask_question(UNKNOWN).status is not Status.ANSWERED
    ask_question(f"{UNKNOWN}。")
    answer = ask_question(KNOWN)
    assert answer.status is Status.ANSWERED
    assert waiting(service) == [(f"{UNKNOWN}。", 2)]
    service.feedback(answer.answer_id, "down", comment="古い")
    disliked, unanswered = service.open_questions.all()
    assert (disliked.question, disliked.disliked, disliked.unanswered, disliked.comments) == (KNOWN, 1, 0, ("古い",))
    assert (unanswered.disliked, unanswered.unanswered) == (0, 2)


def test_a_closed_question_stays_closed(service: Service, ask_question: Ask) -> None:
    ask_question(UNKNOWN)
    (question,) = service.open_questions.all()
    with pytest.raises(DeskError, match="理由"):
        service.open_questions.close(question.key, "花子", " ")
    service.open_questions.close(question.key, "花子", "市の仕事でない")
    ask_question(UNKNOWN)
    assert waiting(service) == []


def test_an_answered_question_returns_if_it_is_asked_in_vain_again(service: Service, ask_question: Ask) -> None:
    ask_question(UNKNOWN)
    service.open_questions.note_answer(UNKNOWN, "花子")
    assert waiting(service) == []
    ask_question(UNKNOWN)
    assert waiting(service) == [(UNKNOWN, 2)]
