"""An answer outside the page: what a screen reader says of it, and what is copied."""

from collections.abc import Iterator

from bot.answer import Answer, Citation
from bot.escaping import escape_plain, is_web_address
from bot.languages import Catalogue
from bot.pages.pieces import without_marks
from bot.pages.speech import Speech
from bot.sources import places, unsaid
from bot.ui.citizen.conversation import Shown
from bot.ui.citizen.telling import Text, Told, retold, said


def spoken(answer: Answer, told: Told, speech: Speech) -> Iterator[Text]:
    """Yield what is said once, when the answer is there: how it ended, what to know of it, its text, its sources."""
    w = speech.words
    outcome = w["outcomes"].get(answer.status, "")
    yield Text(w["answer"]["spoken"] + (outcome + w["answer"]["stop"] if outcome else ""), w["tag"])
    yield from (said(notice, speech) for notice in answer.notices)
    yield from (text._replace(words=without_marks(text.words)) for text in told.texts)
    if answer.citations:
        yield Text(w["answer"]["spoken_sources"].format(number=len(places(answer))), w["tag"])


def copied(shown: Shown, name: str, speech: Speech) -> str:
    """Return question, answer and sources as text to be pasted; `name` is the service's.

    A quote that the answer already contains is not repeated. What would be markup where it is pasted is escaped.
    """
    return escape_plain("\n".join(_lines(shown, name, speech)))


def _lines(shown: Shown, name: str, speech: Speech) -> Iterator[str]:
    w = speech.words
    yield f"{w['answer']['asked']}{shown.question}"
    if shown.read_as:
        yield f"{w['answer']['read_as']}{shown.read_as}"
    yield ""
    yield retold(shown.answer, speech)
    yield from (said(notice, speech).words for notice in shown.answer.notices)
    if shown.answer.citations:
        yield ""
        yield w["answer"]["sources"]
    for place in places(shown.answer):
        marks = "".join(f"[{citation.n}]" for citation in place.citations)
        yield f"{marks} {_where(place.first, w)}"
        yield from (f"「{citation.quote}」" for citation in unsaid(place.citations, shown.answer.answer))
        if place.first.url and is_web_address(place.first.url):
            yield place.first.url
    yield ""
    yield w["answer"]["machine"].format(name=name)


def _where(citation: Citation, w: Catalogue) -> str:
    page = w["page"].format(number=citation.page) if citation.page else ""
    validity = "" if citation.in_force is None else w["current" if citation.in_force else "old"]
    return " ".join(filter(None, (citation.title, citation.section, page, validity and f"（{validity}）")))
