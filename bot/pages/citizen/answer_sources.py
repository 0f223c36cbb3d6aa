"""Loads the passages and document states that an answer refers to."""

from contextlib import suppress

from bot.errors import UnknownPassageError
from bot.pages.citizen.conversation import AnswerSources
from bot.runtime.service_interface import AnswerService
from bot.state import Answer


def collect_sources(service: AnswerService, answer: Answer) -> AnswerSources:
    """Return the passages and documents behind an answer; what has left the index since is not among them."""
    shown = (*answer.citations, *answer.nearest)
    if not shown:
        return AnswerSources()
    passages = {}
    for passage_id in {citation.passage_id for citation in shown}:
        with suppress(UnknownPassageError):
            passages[passage_id] = service.passage(passage_id).text
    named = {doc_id for citation in shown for doc_id in (citation.doc_id, citation.superseded_by)}
    documents = {state.document.id: state for state in service.documents() if state.document.id in named}
    return AnswerSources(passages, documents)
