"""Arranges an answer for the page: translated messages, blocks with their cited sections."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.languages import LANGUAGES, Catalogue, catalogue
from bot.pages.citizen.conversation import DisplayedAnswer
from bot.question.language import detect_language
from bot.rendering.answer_text import render_body, render_text
from bot.rendering.cited_sections import CitedSection, cited_sections, unquoted_citations
from bot.rendering.escaping import escape_plain, is_web_address
from bot.rendering.html.answer_parts import PageBlock, page_blocks, without_uncertainty_remark
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.state import (
    Answer,
    AskedQuestions,
    Citation,
    Excerpt,
    Paragraph,
    Part,
    ServiceMessage,
    Status,
    TableRows,
    cited_numbers,
    with_preceding,
)
from ingest.japanese import nfkc

# Answers after which the page shows how to reach a person.
REFERRING = frozenset({Status.NO_ANSWER, Status.OUT_OF_SCOPE})


class TaggedText(NamedTuple):
    """A text and the tag (BCP 47) of its language; `block` is set if the text is the source line of a block."""

    words: str
    tag: str = "ja"
    block: PageBlock | None = None


class BlockWithSections(NamedTuple):
    """A block with the cited sections that no block before it shows."""

    block: PageBlock
    places: tuple[CitedSection, ...]


@dataclass(frozen=True, slots=True)
class AnswerLayout:
    """An answer as blocks; each cited section is shown once, with its block or among the `others` at the end.

    `texts` are the whole answer as text without marks, `tag` is the language of most of it. `section_numbers`
    maps the number of a citation to the number of its section.
    """

    texts: tuple[TaggedText, ...]
    tag: str
    blocks: tuple[BlockWithSections, ...]
    others: tuple[CitedSection, ...]
    section_numbers: dict[int, int]

    @property
    def places(self) -> tuple[CitedSection, ...]:
        """All cited sections in the order in which the answer cites them."""
        return (*(place for block in self.blocks for place in block.places), *self.others)


def lay_out_answer(answer: Answer, preferences: DisplayPreferences, contact: str) -> AnswerLayout:
    """Arrange an answer, the service's messages in the reader's language, without a contact that is shown below it."""
    parts = without_uncertainty_remark(answer)
    language = answer.content.language
    if contact and answer.status in REFERRING:
        parts = tuple(_without_contact(part, contact) for part in parts)
    texts = tuple(_split_texts(parts, language, preferences, marks=False))
    sections = cited_sections(answer)
    if not answer.citations and not preferences.is_japanese and all(map(_is_message, parts)):
        language = preferences.language
    sourced, others = _attach_sections(page_blocks(parts, language, preferences), sections)
    section_numbers = {citation.n: place.first.n for place in sections for citation in place.citations}
    is_text = all(isinstance(part, Paragraph) for part in parts)
    tag = texts[0].tag if is_text else "ja"
    return AnswerLayout(texts=texts, tag=tag, blocks=sourced, others=others, section_numbers=section_numbers)


def translate_answer(answer: Answer, preferences: DisplayPreferences) -> str:
    """Return the text of an answer, the service's messages in the reader's language."""
    texts = _split_texts(answer.content.parts, answer.content.language, preferences, marks=True)
    return "".join(text.words for text in texts)


def notice_texts(answer: Answer, preferences: DisplayPreferences) -> tuple[TaggedText, ...]:
    """Return the notices, those that are messages of the service in the reader's language."""
    return tuple(
        _to_text(notice, answer.content.language, preferences, marks=True) for notice in answer.content.notices
    )


def _without_contact(part: Part, contact: str) -> Part:
    if not isinstance(part, Paragraph):
        return part
    others = tuple(
        sentence
        for sentence in part.sentences
        if not (isinstance(sentence, ServiceMessage) and ("contact", contact) in sentence.arguments)
    )
    return Paragraph(others) if others else part


def _is_message(part: Part) -> bool:
    return isinstance(part, Paragraph) and all(isinstance(sentence, ServiceMessage) for sentence in part.sentences)


def _to_text(part: Part, language: str, preferences: DisplayPreferences, *, marks: bool) -> TaggedText:
    if _is_message(part) and not preferences.is_japanese:
        return TaggedText(render_text([part], preferences.language, marks=marks), preferences.words["tag"])
    text = render_text([part], language, marks=marks)
    return TaggedText(text, _language_tag(text, preferences))


def _split_texts(
    parts: Sequence[Part], language: str, preferences: DisplayPreferences, *, marks: bool
) -> Iterator[TaggedText]:
    if preferences.is_japanese or not parts:
        text = render_text(parts, language, marks=marks)
        yield TaggedText(text, _language_tag(text, preferences))
        return
    pairs = [pair for pair in with_preceding(parts) if render_text(pair[:1], language)]
    for part, preceding in pairs:
        gap = "\n" if isinstance(part, AskedQuestions) else "\n\n"
        if part is pairs[-1][0]:
            gap = ""
        if isinstance(part, Excerpt | TableRows):
            yield from _place_texts(part, preceding, language, preferences, marks=marks, gap=gap)
        else:
            piece = _to_text(part, language, preferences, marks=marks)
            yield piece._replace(words=f"{piece.words}{gap}")


def _place_texts(
    part: Excerpt | TableRows,
    preceding: Excerpt | None,
    language: str,
    preferences: DisplayPreferences,
    *,
    marks: bool,
    gap: str,
) -> Iterator[TaggedText]:
    tag = str(preferences.words["tag"])
    if body := render_body(part, language, marks=marks):
        yield TaggedText(f"{body}\n")
    if preceding:
        line = page_blocks([preceding], language, preferences)[0]
        yield TaggedText(f"{line.lead}\n", tag, line)
        yield TaggedText(f"{render_body(preceding, language, marks=marks)}\n")
    line = page_blocks([part], language, preferences)[0]
    yield TaggedText(f"{line.lead}{gap}", tag, line)


def _language_tag(text: str, preferences: DisplayPreferences) -> str:
    code = detect_language(nfkc(text), preferences.language)
    supported = next((language for language in LANGUAGES if language == code), None)
    return str(catalogue(supported)["tag"]) if supported else code or "ja"


def _attach_sections(
    blocks: Sequence[PageBlock], sections: Sequence[CitedSection]
) -> tuple[tuple[BlockWithSections, ...], tuple[CitedSection, ...]]:
    left = list(sections)
    sourced = []
    for block in blocks:
        numbers = cited_numbers(block.part) if block.type != "text" else frozenset()
        places = tuple(place for place in left if any(citation.n in numbers for citation in place.citations))
        left = [place for place in left if place not in places]
        sourced.append(BlockWithSections(block, places))
    return tuple(sourced), tuple(left)


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
