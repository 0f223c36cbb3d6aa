"""One answer looked at closely: the passages it cites, what each of its statements stands on, what was searched."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.answer import Citation
from bot.answering import Answering, DocumentState
from bot.claims import check_text, premises_of
from bot.errors import BotError, UnknownPassageError
from ingest.documents import Passage
from ingest.errors import IngestError


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement of an answer, the numbers it cites, and what is wrong with it (nothing where it holds)."""

    text: str
    cited: tuple[int, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LookedAt:
    """What an answer stands on, as far as it is known.

    `passages` are the texts of passages, whole, by id; `checks` is empty where a cited one is not in the index in
    service; `found` are the passages that the answer was made from, best first, as a run keeps them.
    """

    citations: tuple[Citation, ...]
    passages: Mapping[str, str]
    states: Mapping[str, DocumentState]
    checks: tuple[Checked, ...]
    found: tuple[Mapping[str, Any], ...]


def look_at(
    service: Answering, answer: Mapping[str, Any], beside: Mapping[str, Any], as_of: date | None = None
) -> LookedAt:
    """Look at an answer (the API's JSON) and what was seen beside it, with the index in service where it knows them."""
    citations = tuple(map(_citation, answer.get("citations", ())))
    found = tuple(beside.get("searched", ()))
    texts = {passage["passage_id"]: passage["text"] for passage in found}
    try:
        states = {state.document.id: state for state in service.documents(as_of)}
        cited = _cited(service, citations)
    except (BotError, IngestError):
        return LookedAt(citations, texts, {}, (), found)
    texts |= {passage_id: passage.text for passage_id, passage in cited.items()}
    known = bool(citations) and all(citation.passage_id in cited for citation in citations)
    checks = _checks(answer["answer"], [cited[c.passage_id] for c in citations], states) if known else ()
    return LookedAt(citations, texts, states, checks, found)


def _citation(saved: Mapping[str, Any]) -> Citation:
    """Return a citation as a run saved it; the oldest runs kept less of it."""
    return Citation.model_validate({"passage_id": "", "title": saved["doc_id"], "quote": "", **saved})


def _cited(service: Answering, citations: Sequence[Citation]) -> dict[str, Passage]:
    passages = {}
    for citation in citations:
        with suppress(UnknownPassageError):
            passages[citation.passage_id] = service.passage(citation.passage_id)
    return passages


def _checks(text: str, cited: Sequence[Passage], states: Mapping[str, DocumentState]) -> tuple[Checked, ...]:
    """Hold each statement against the passages in the order of their numbers, as the last step of every answer does."""
    premises = premises_of(cited, [state.document for state in states.values()])
    return tuple(
        Checked(one.statement.text, one.statement.cited, tuple(problem.message for problem in one.problems))
        for one in check_text(text, premises)
    )
