from collections.abc import Iterator

import pytest

from bot.answering.state import Answer, ExcerptBlock, Question, Status
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings) as service:
        yield service


def ask(service: Service, question: str) -> Answer:
    return service.ask(Question(question=question, as_of=TODAY))


@pytest.mark.parametrize(
    ("question", "section"),
    [
        ("What is the period of the DX Action Plan 2.0?", "1.3. プランの期間"),
        ("Who leads the DX推進本部 and what is it for?", "(2) DX推進本部"),
    ],
)
def test_excerpt_has_a_source_line_in_the_readers_language(service: Service, question: str, section: str) -> None:
    answer = ask(service, question)
    assert answer.status is Status.PARTIAL
    assert section in {citation.section for citation in answer.citations}
    assert next(block.lead for block in answer.blocks if isinstance(block, ExcerptBlock)).startswith("From ")


def test_unrelated_foreign_question_is_declined(service: Service) -> None:
    answer = ask(service, "How much is the bus fare?")
    assert answer.status is Status.NO_ANSWER
    assert answer.answer.startswith("Sorry")
