"""Renders the parts of answers as text with `[n]` marks and as the blocks of the API."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.answering.languages import RenderName, render_message, sentence_separator
from bot.answering.rendering.help_lines import render_help_lines
from bot.answering.state import (
    AskedQuestions,
    Block,
    Excerpt,
    ExcerptBlock,
    HelpLines,
    Paragraph,
    Part,
    ServiceMessage,
    SourceLine,
    Statement,
    TextBlock,
    service_message,
    with_preceding,
)
from bot.answering.state.citation_marks import escape_marks, format_marks, read_marks

_MARKED = re.compile(r"(?P<marks>(?:\[\d{1,3}\])+)(?P<end>[。！？!?]?\s*)")
# The message for a question by the status of its answer; "asked" for all others.
_QUESTION_LINES = {"partial": "asked_related", "no_answer": "asked_not_found"}


def render_text(parts: Iterable[Part], language: str = "ja", *, marks: bool = True) -> str:
    """Return parts as plain text, with the messages in the language and, unless left out, `[n]` after statements."""
    text = ""
    separator = ""
    for part, preceding in with_preceding(parts):
        if rendered := _render_part(part, preceding, language, marks=marks):
            text += separator + rendered
            separator = "\n" if isinstance(part, AskedQuestions) else "\n\n"
    return text


def render_without_source_lines(parts: Iterable[Part]) -> str:
    """Return parts as plain text with marks and without the source lines, which code writes."""
    bodies = (
        render_body(part, "ja") if isinstance(part, Excerpt) else _render_part(part, None, "ja", marks=True)
        for part in parts
        if not (isinstance(part, Paragraph) and all(isinstance(one, SourceLine) for one in part.sentences))
    )
    return "\n\n".join(filter(None, bodies))


def render_source_line(line: SourceLine, language: str, render_name: RenderName = str) -> str:
    """Return a source line in the language: the names of a place after 出典, a caption as it is."""
    place = "".join(
        render_name(one.text)
        if isinstance(one, Statement)
        else render_message(one, language, lambda name: render_name(escape_marks(name)))
        for one in line.segments
    )
    names_place = any(isinstance(one, ServiceMessage) and one.key != "before" for one in line.segments)
    return render_message(service_message("source", place=place), language) if names_place else place


def render_sentence(sentence: Statement | ServiceMessage | SourceLine, language: str, *, marks: bool = True) -> str:
    """Return a sentence of a paragraph in the language."""
    if isinstance(sentence, ServiceMessage):
        return escape_marks(render_message(sentence, language))
    if isinstance(sentence, SourceLine):
        return render_source_line(sentence, language)
    numbers = format_marks(sentence.cited) if marks else ""
    return f"{escape_marks(sentence.text)}{numbers}{unconfirmed_remark(sentence, language)}{sentence.end}"


def unconfirmed_remark(statement: Statement, language: str) -> str:
    """Return what is shown after a statement that its sources do not confirm, "" after any other."""
    return "" if statement.is_confirmed else render_message(service_message("not_confirmed"), language)


def separate_messages(part: Paragraph, language: str) -> tuple[Statement | ServiceMessage | SourceLine, ...]:
    """Return the sentences of a paragraph, with the separator between two messages as a statement."""
    separator = sentence_separator(language)
    sentences = list[Statement | ServiceMessage | SourceLine]()
    for sentence in part.sentences:
        if (
            separator
            and sentences
            and isinstance(sentence, ServiceMessage)
            and isinstance(sentences[-1], ServiceMessage)
        ):
            sentences.append(Statement(separator))
        sentences.append(sentence)
    return tuple(sentences)


def render_body(part: Excerpt, language: str, *, marks: bool = True) -> str:
    """Return the text above the source line."""
    before, after = part.ellipses
    return render_sentence(Statement(f"{before}{part.text.rstrip()}{after}", (part.n,)), language, marks=marks)


def render_questions(part: AskedQuestions, language: str) -> str:
    """Return the questions, a line each."""
    return "\n".join(
        render_sentence(service_message(_QUESTION_LINES.get(status, "asked"), question=question), language)
        for question, status in zip(part.questions, part.statuses, strict=True)
    )


def parse_statements(text: str) -> tuple[Statement, ...]:
    """Return text with marks as statements; rendered, they are the text again."""
    statements = list[Statement]()
    start = 0
    for match in _MARKED.finditer(text):
        numbers = read_marks(match["marks"])
        statements.append(Statement(text[start : match.start()], numbers, match["end"]))
        start = match.end()
    return (*statements, Statement(text[start:])) if text[start:] else tuple(statements)


def _render_part(part: Part, preceding: Excerpt | None, language: str, *, marks: bool) -> str:
    if isinstance(part, AskedQuestions):
        return render_questions(part, language)
    if isinstance(part, HelpLines):
        return escape_marks(render_help_lines(part, language))
    if isinstance(part, Excerpt):
        lines = [render_body(part, language, marks=marks)]
        if preceding:
            lines.append(render_source_line(preceding.source_line, language))
            lines.append(render_body(preceding, language, marks=marks))
        return "\n".join((*lines, render_source_line(part.source_line, language))) if lines[0] else ""
    kinds = {type(one) for one in part.sentences}
    if language != "easy" and {ServiceMessage, Statement} <= kinds:
        language = "ja"  # a sentence without a translation: no paragraph mixes two languages
    return "".join(render_sentence(one, language, marks=marks) for one in separate_messages(part, language))


def render_blocks(parts: Iterable[Part], language: str) -> tuple[Block, ...]:
    """Return parts as blocks, with the messages in the language."""
    return tuple(block for part in parts for block in _part_blocks(part, language))


def _part_blocks(part: Part, language: str) -> Iterator[Block]:
    if isinstance(part, Excerpt):
        line = render_source_line(part.source_line, language)
        yield ExcerptBlock(n=part.n, lead=line, text=part.text, highlight=part.highlight)
    else:
        sentences = part.sentences if isinstance(part, Paragraph) else ()
        for is_confirmed, group in groupby(sentences, lambda one: not isinstance(one, Statement) or one.is_confirmed):
            text = render_text([Paragraph(tuple(group))], language).strip("\n")
            yield TextBlock(text=text, confirmed=None if is_confirmed else False)
        if not sentences:
            yield TextBlock(text=render_text([part], language))
