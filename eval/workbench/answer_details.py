"""Details of one answer: cited passages, checked statements and search hits."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.errors import BotError, UnknownPassageError
from bot.runtime.service_interface import AnswerService, DocumentState
from bot.state import Citation
from ingest.errors import IngestError


@dataclass(frozen=True, slots=True)
class StatementCheck:
    """A statement of an answer and its problems; none if the sources support it."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerDetails:
    """Sources of an answer, as far as they are known.

    `passages` are whole texts by id: from the run, else from the current index if the passage contains the quote.
    `checks` are the statements as the run verified them against its own index. `found` are the passages retrieved
    for the answer, best first.
    """

    citations: tuple[Citation, ...]
    passages: Mapping[str, str]
    states: Mapping[str, DocumentState]
    checks: tuple[StatementCheck, ...]
    found: tuple[Mapping[str, Any], ...]


def load_answer_details(
    service: AnswerService, answer: Mapping[str, Any], observations: Mapping[str, Any], as_of: date | None = None
) -> AnswerDetails:
    """Return the details of an answer (the API's JSON) from the observations of its run and the current index."""
    citations = tuple(map(Citation.model_validate, answer.get("citations", ())))
    hits = tuple(observations.get("searched", ()))
    checks = tuple(
        StatementCheck(statement["text"], tuple(statement["wrong"])) for statement in observations.get("statements", ())
    )
    texts = {passage["passage_id"]: passage["text"] for passage in hits}
    try:
        states = {state.document.id: state for state in service.documents(as_of)}
        texts = {**_quoted_passages(service, citations), **texts}
    except (BotError, IngestError):
        states = {}
    return AnswerDetails(citations, texts, states, checks, hits)


def _quoted_passages(service: AnswerService, citations: Sequence[Citation]) -> dict[str, str]:
    """Return the passages of the current index that contain the quotes; ids may have changed since the run."""
    texts: dict[str, str] = {}
    for citation in citations:
        with suppress(UnknownPassageError):
            text = service.passage(citation.passage_id).text
            texts |= {citation.passage_id: text} if citation.quote in text else {}
    return texts
