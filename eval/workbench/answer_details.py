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
    """A statement of an answer and what is wrong with it (nothing where it holds)."""

    text: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerDetails:
    """What an answer stands on, as far as it is known.

    `passages` are the texts of passages, whole, by id: those that the run has kept, else those of the index in service
    that hold what was quoted. `checks` are what the run kept: each statement held against the index that answered,
    when it did. `found` are the passages that the answer was made from, best first, as a run keeps them.
    """

    citations: tuple[Citation, ...]
    passages: Mapping[str, str]
    states: Mapping[str, DocumentState]
    checks: tuple[StatementCheck, ...]
    found: tuple[Mapping[str, Any], ...]


def load_answer_details(
    service: AnswerService, answer: Mapping[str, Any], beside: Mapping[str, Any], as_of: date | None = None
) -> AnswerDetails:
    """Look at an answer (the API's JSON) and what was seen beside it; the index in service tells of its documents."""
    citations = tuple(map(_restore_citation, answer.get("citations", ())))
    found = tuple(beside.get("searched", ()))
    checks = tuple(StatementCheck(one["text"], tuple(one["wrong"])) for one in beside.get("statements", ()))
    texts = {passage["passage_id"]: passage["text"] for passage in found}
    try:
        states = {state.document.id: state for state in service.documents(as_of)}
        texts = {**_quoted_passages(service, citations), **texts}
    except (BotError, IngestError):
        states = {}
    return AnswerDetails(citations, texts, states, checks, found)


def _restore_citation(saved: Mapping[str, Any]) -> Citation:
    """Return a citation as a run saved it; the oldest runs kept less of it."""
    return Citation.model_validate({"passage_id": "", "title": saved["doc_id"], "quote": "", **saved})


def _quoted_passages(service: AnswerService, citations: Sequence[Citation]) -> dict[str, str]:
    """Return the passages of the index in service that hold what was quoted: since then ids may mean others."""
    texts: dict[str, str] = {}
    for citation in citations:
        with suppress(UnknownPassageError):
            text = service.passage(citation.passage_id).text
            texts |= {citation.passage_id: text} if citation.quote in text else {}
    return texts
