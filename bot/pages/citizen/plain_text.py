"""Renders an answer as plain text for screen readers and for the clipboard."""

from collections.abc import Iterator

from bot.languages import Catalogue
from bot.pages.citizen.answer_layout import AnswerLayout, TaggedText, notice_texts, translate_answer
from bot.pages.citizen.conversation import DisplayedAnswer
from bot.rendering.cited_sections import cited_sections, unquoted_citations
from bot.rendering.escaping import escape_plain, is_web_address
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.state import Answer, Citation


def screen_reader_texts(answer: Answer, layout: AnswerLayout, preferences: DisplayPreferences) -> Iterator[TaggedText]:
    """Yield the texts of an answer for a screen reader: outcome, notices, text, number of sources."""
    w = preferences.words
    outcome = w["outcomes"].get(answer.status, "")
    yield TaggedText(w["answer"]["spoken"] + (outcome + w["answer"]["stop"] if outcome else ""), w["tag"])
    yield from notice_texts(answer, preferences)
    yield from layout.texts
    if answer.citations:
        yield TaggedText(w["answer"]["spoken_sources"].format(number=len(cited_sections(answer))), w["tag"])


def text_to_copy(displayed: DisplayedAnswer, name: str, preferences: DisplayPreferences) -> str:
    """Return question, answer and sources for the clipboard, without active markup; `name` is the service's.

    A quote that the answer already contains is left out.
    """
    return escape_plain("\n".join(_copied_lines(displayed, name, preferences)))


def _copied_lines(displayed: DisplayedAnswer, name: str, preferences: DisplayPreferences) -> Iterator[str]:
    w = preferences.words
    yield f"{w['answer']['asked']}{displayed.question}"
    if displayed.read_as:
        yield f"{w['answer']['read_as']}{displayed.read_as}"
    yield ""
    yield translate_answer(displayed.answer, preferences)
    yield from (text.words for text in notice_texts(displayed.answer, preferences))
    if displayed.answer.citations:
        yield ""
        yield w["answer"]["sources"]
    for section in cited_sections(displayed.answer):
        marks = "".join(f"[{citation.n}]" for citation in section.citations)
        yield f"{marks} {_format_source(section.first, w)}"
        yield from (
            f"「{citation.quote}」" for citation in unquoted_citations(section.citations, displayed.answer.answer)
        )
        if section.first.url and is_web_address(section.first.url):
            yield section.first.url
    yield ""
    yield w["answer"]["machine"].format(name=name)


def _format_source(citation: Citation, w: Catalogue) -> str:
    page = w["page"].format(number=citation.page) if citation.page else ""
    validity = "" if citation.in_force is None else w["current" if citation.in_force else "old"]
    return " ".join(filter(None, (citation.title, citation.section, page, validity and f"（{validity}）")))
