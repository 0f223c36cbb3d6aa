"""What an answer stands on or lies near to, as the page shows it: whole passages, and the documents in their state."""

from contextlib import suppress

from bot.answer import Answer
from bot.answering import Answering
from bot.errors import UnknownPassageError
from bot.ui.citizen.conversation import Grounds


def grounds_of(service: Answering, answer: Answer) -> Grounds:
    """Return the passages and documents behind an answer; what has left the index since is not among them."""
    shown = (*answer.citations, *answer.nearest)
    if not shown:
        return Grounds()
    passages = {}
    for passage_id in {citation.passage_id for citation in shown}:
        with suppress(UnknownPassageError):
            passages[passage_id] = service.passage(passage_id).text
    named = {doc_id for citation in shown for doc_id in (citation.doc_id, citation.superseded_by)}
    documents = {state.document.id: state for state in service.documents() if state.document.id in named}
    return Grounds(passages, documents)
