"""What a reader sees first: what can be asked of which documents, and what not."""

from bot.answering import Answering, DocumentState
from bot.ui.examples import example_questions
from bot.ui.render import welcome_html
from bot.web.problems import problem_of

# How many documents the examples are drawn from, and from how many passages of each.
EXAMPLE_DOCUMENTS = 3
EXAMPLE_PASSAGES = 100


def welcome(service: Answering) -> str:
    """Return the start of the page as HTML; where no index is ready, it says so."""
    try:
        states = sorted(service.documents(), key=_newest_in_force_first, reverse=True)
        return welcome_html(states, _examples(service, states))
    except Exception as error:  # noqa: BLE001 - the page opens whatever the state of the index
        return welcome_html((), (), problem_of(error).detail)


def _examples(service: Answering, states: list[DocumentState]) -> tuple[str, ...]:
    drawn_from = [state.document for state in states[:EXAMPLE_DOCUMENTS]]
    found = (
        (document, [hit.passage for hit in service.search(document.title, EXAMPLE_PASSAGES, doc_id=document.id)])
        for document in drawn_from
    )
    return example_questions(found)


def _newest_in_force_first(state: DocumentState) -> tuple[bool, str]:
    return bool(state.in_force), state.document.published
