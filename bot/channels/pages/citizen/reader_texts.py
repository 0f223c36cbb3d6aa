"""An answer as text for a reader of any language: for a screen reader, and for the clipboard."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import quote

from markupsafe import escape

from bot.answering.languages import LANGUAGES, Catalogue, catalogue
from bot.answering.question.language import detect_language
from bot.answering.rendering.answer_text import render_body, render_text
from bot.answering.rendering.cited_sections import cited_sections, unquoted_citations
from bot.answering.rendering.escaping import escape_plain, is_web_address
from bot.answering.state import (
    Answer,
    AskedQuestions,
    Excerpt,
    HelpLines,
    Paragraph,
    Part,
    ServiceMessage,
    with_preceding,
)
from bot.channels.html.answer_parts import help_parts, parts_after_help, shown_outcome, source_line, source_text
from bot.channels.html.display_preferences import DisplayPreferences
from bot.channels.pages.citizen.conversation import REFERRING, DisplayedAnswer
from ingest.japanese import nfkc


class TaggedText(NamedTuple):
    """A text, which may be HTML, and the tag (BCP 47) of its language."""

    words: str
    tag: str = "ja"


def shown_parts(answer: Answer, contact: str) -> tuple[Part, ...]:
    """Return the parts of an answer that the page shows, without a contact that is shown below it."""
    parts = parts_after_help(answer)
    if not contact or answer.status not in REFERRING:
        return parts
    named, shown = ("contact", contact), list[Part]()
    for part in parts:
        sentences = part.sentences if isinstance(part, Paragraph) else ()
        others = tuple(one for one in sentences if not (isinstance(one, ServiceMessage) and named in one.arguments))
        shown.append(Paragraph(others) if others else part)
    return tuple(shown)


def is_message(part: Part) -> bool:
    """Whether a part consists of messages of the service, which are in the reader's language."""
    return isinstance(part, Paragraph) and all(isinstance(sentence, ServiceMessage) for sentence in part.sentences)


def tagged_text(part: Part, language: str, preferences: DisplayPreferences, *, marks: bool = True) -> TaggedText:
    """Return the text of a part: messages in the reader's language, others in that of the answer."""
    if isinstance(part, HelpLines) and preferences.language != "ja":
        language = preferences.language
    if is_message(part) and not preferences.is_japanese:
        return TaggedText(render_text([part], preferences.language, marks=marks), preferences.words["tag"])
    text = render_text([part], language, marks=marks)
    code = detect_language(nfkc(text), preferences.language)
    supported = next((language for language in LANGUAGES if language == code), None)
    return TaggedText(text, str(catalogue(supported)["tag"]) if supported else code or "ja")


def notice_texts(answer: Answer, preferences: DisplayPreferences) -> list[TaggedText]:
    """Return the notices that are not beside an excerpt; messages of the service are in the reader's language."""
    content = answer.content
    beside = {part.notice for part in content.parts if isinstance(part, Excerpt)}
    others = (notice for notice in content.notices if notice not in beside)
    return [tagged_text(notice, content.language, preferences) for notice in others]


def spoken_texts(answer: Answer, contact: str, preferences: DisplayPreferences) -> Iterator[TaggedText]:
    """Yield an answer as HTML for a screen reader: outcome, notices, text, number of sources."""
    w = preferences.words
    urgent = help_parts(answer)
    spoken_first = _part_texts(urgent, answer.content.language, preferences, is_spoken=True)
    yield from (text._replace(words=escape(text.words)) for text in spoken_first)
    if urgent and len(answer.content.parts) == len(urgent):
        return
    outcome = w["outcomes"].get(shown_outcome(answer), "")
    yield TaggedText(w["answer"]["spoken"] + (outcome + w["answer"]["stop"] if outcome else ""), w["tag"])
    notices = notice_texts(answer, preferences)
    texts = _part_texts(shown_parts(answer, contact), answer.content.language, preferences, is_spoken=True)
    yield from (text._replace(words=escape(text.words)) for text in (*notices, *texts))
    if answer.citations:
        yield TaggedText(w["answer"]["spoken_sources"].format(number=len(cited_sections(answer))), w["tag"])


def text_to_copy(
    displayed: DisplayedAnswer,
    name: str,
    preferences: DisplayPreferences,
    *,
    site: str = "",
    words: Catalogue | None = None,
) -> str:
    """Return question, answer and sources for the clipboard, without active markup; `name` is the service's.

    A quote that the answer already contains is left out. With the address of the `site`, each source has that of its
    passage there. `words` replace those of the reader's language.
    """
    w = words or preferences.words
    answer = displayed.answer
    lines = [f"{w['answer']['asked']}{displayed.question}"]
    if displayed.read_as:
        lines.append(f"{w['answer']['read_as']}{displayed.read_as}")
    texts = _part_texts(answer.content.parts, answer.content.language, preferences, is_spoken=False)
    lines += ["", "".join(text.words for text in texts)]
    lines += [text.words for text in notice_texts(answer, preferences)]
    if answer.citations:
        lines += ["", w["answer"]["sources"]]
    for section in cited_sections(answer):
        first = section.first
        marks = "".join(f"[{citation.n}]" for citation in section.citations)
        page = w["page"].format(number=first.page) if first.page else ""
        state = "current" if first.in_force else "old" if first.superseded_by else "not_governing"
        validity = "" if first.in_force is None else f"（{w[state]}）"
        lines.append(" ".join(filter(None, (marks, first.title, first.section, page, validity))))
        lines += [f"「{citation.quote}」" for citation in unquoted_citations(section.citations, answer.answer)]
        if site:
            lines.append(f"{site}/documents/{quote(first.doc_id)}?passage={quote(first.passage_id)}")
        if first.url and is_web_address(first.url):
            lines.append(first.url)
    return escape_plain("\n".join([*lines, "", w["answer"]["machine"].format(name=name)]))


def _part_texts(
    parts: Sequence[Part], language: str, preferences: DisplayPreferences, *, is_spoken: bool
) -> Iterator[TaggedText]:
    tag = str(preferences.words["tag"])

    def line(place: Excerpt) -> str:
        return (source_line if is_spoken else source_text)(place, language, preferences)

    pairs = [pair for pair in with_preceding(parts) if render_text(pair[:1], language)]
    for number, (part, preceding) in enumerate(pairs, start=1):
        gap = "" if number == len(pairs) else "\n" if isinstance(part, AskedQuestions) else "\n\n"
        if not isinstance(part, Excerpt):
            text = tagged_text(part, language, preferences, marks=not is_spoken)
            yield text._replace(words=text.words + gap)
            continue
        if body := render_body(part, language, marks=not is_spoken):
            yield TaggedText(body + "\n")
        if preceding:
            yield TaggedText(line(preceding) + "\n", tag)
            yield TaggedText(render_body(preceding, language, marks=not is_spoken) + "\n")
        yield TaggedText(line(part) + ("\n" if part.notice else gap), tag)
        if part.notice:
            notice = tagged_text(part.notice, language, preferences)
            yield notice._replace(words=notice.words + gap)
