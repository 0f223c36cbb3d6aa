"""Splits an answer into lines, lists and citation marks for templates."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

from bot.answering.rendering.answer_text import (
    parse_statements,
    render_questions,
    render_sentence,
    render_source_line,
    render_text,
    separate_messages,
    unconfirmed_remark,
)
from bot.answering.state import (
    CITED,
    EXTRACTIVE,
    Answer,
    AskedQuestions,
    Excerpt,
    HelpLines,
    Paragraph,
    Part,
    ServiceMessage,
    Statement,
    Status,
)
from bot.answering.state.citation_marks import escape_marks
from bot.channels.html.display_preferences import DisplayPreferences

BULLET = re.compile(r"^\s*[・•\-]\s*")


class TextPart(NamedTuple):
    """Text, the best part of an excerpt, the number of a citation, or the remark on an unconfirmed sentence."""

    kind: Literal["text", "best", "mark", "unconfirmed"]
    value: str


class LineGroup(NamedTuple):
    """A paragraph of one line, or a list with one line for each item."""

    kind: Literal["text", "list"]
    lines: list[list[TextPart]]


def source_line(part: Excerpt, language: str, preferences: DisplayPreferences) -> Markup:
    """Return the source line of a part as HTML, in the language of the answer or that of a foreign reader."""
    if preferences.is_japanese:
        return escape(render_source_line(part.source_line, language))

    def tag_name(name: str) -> str:
        return f'<span lang="ja">{escape(name)}</span>'

    # The messages contain no HTML, and the names are escaped.
    return Markup(render_source_line(part.source_line, preferences.language, tag_name))  # noqa: S704


def source_text(part: Part, language: str, preferences: DisplayPreferences) -> str:
    """Return the source line of a part as plain text, "" for a part without one."""
    chosen = language if preferences.is_japanese else preferences.language
    return render_source_line(part.source_line, chosen) if isinstance(part, Excerpt) else ""


def notice_text_beside(part: Excerpt, language: str, preferences: DisplayPreferences) -> str:
    """Return the notice beside an excerpt in the reader's language, "" without one."""
    chosen = language if preferences.is_japanese else preferences.language
    return render_text([part.notice], chosen) if part.notice else ""


def help_parts(answer: Answer) -> tuple[HelpLines, ...]:
    """Return whom somebody in danger should call, which pages show above everything else."""
    return tuple(part for part in answer.content.parts if isinstance(part, HelpLines))


def message_keys(answer: Answer) -> set[str]:
    """Return the keys of the service's messages in an answer."""
    paragraphs = (part for part in answer.content.parts if isinstance(part, Paragraph))
    return {one.key for part in paragraphs for one in part.sentences if isinstance(one, ServiceMessage)}


def shown_outcome(answer: Answer) -> str:
    """Return the key of the outcome to name, "" where there are only telephone numbers, or condolence.

    What is quoted has words of its own; with several questions, these stand at each question.
    """
    if "condolence" in message_keys(answer) or (answer.urgent and not parts_after_help(answer)):
        return ""
    if answer.status not in CITED or answer.generator != EXTRACTIVE:
        return answer.status.value
    return "by_question" if answer.questions else "quoted" if answer.status is Status.ANSWERED else "related"


def parts_after_help(answer: Answer) -> tuple[Part, ...]:
    """Return an answer's parts without the help that pages show above everything else."""
    return answer.content.parts[len(help_parts(answer)) :]


def plain_lines(text: str) -> Iterator[LineGroup]:
    """Split a text without citation marks into lines; blank lines are left out."""
    return _group_lines([[TextPart("text", line)] for line in text.splitlines() if line.strip()])


def text_lines(written: Part | Statement | str, language: str, numbers: Collection[int]) -> Iterator[LineGroup]:
    """Split text into lines; blank lines are left out, and marks that are not in `numbers` are text.

    The text of an answer that is still being written has no parts yet.
    """
    if isinstance(written, str | Statement):
        written = Paragraph(parse_statements(written) if isinstance(written, str) else (written,))
    lines: list[list[TextPart]] = [[]]
    for part in _text_parts(written, language):
        if part.kind == "unconfirmed" or (part.kind == "mark" and int(part.value) in numbers):
            lines[-1].append(part)
            continue
        first, *others = (f"[{part.value}]" if part.kind == "mark" else part.value).split("\n")
        _append_text(lines[-1], first)
        for text in others:
            lines.append([])
            _append_text(lines[-1], text)
    return _group_lines([line for line in lines if any(part.kind == "mark" or part.value.strip() for part in line)])


def _append_text(line: list[TextPart], text: str) -> None:
    if line and line[-1].kind == "text":
        text = line.pop().value + text
    if text:
        line.append(TextPart("text", text))


def _text_parts(part: Part, language: str) -> Iterator[TextPart]:
    if isinstance(part, AskedQuestions):
        yield TextPart("text", render_questions(part, language))
    for sentence in separate_messages(part, language) if isinstance(part, Paragraph) else ():
        if isinstance(sentence, Statement):
            yield TextPart("text", escape_marks(sentence.text))
            yield from (TextPart("mark", str(n)) for n in sentence.cited)
            if remark := unconfirmed_remark(sentence, language):
                yield TextPart("unconfirmed", remark)
            yield TextPart("text", sentence.end)
        else:
            yield TextPart("text", render_sentence(sentence, language))


def excerpt_lines(excerpt: Excerpt) -> Iterator[LineGroup]:
    """Split an excerpt into the lines of its document, with its best part highlighted."""
    start, end = excerpt.highlight
    if not excerpt.text[:start].strip() and not excerpt.text[end:].strip():  # a highlight of all would say nothing
        start = end = 0
    parts = (
        TextPart("text", excerpt.text[:start]),
        TextPart("best", excerpt.text[start:end]),
        TextPart("text", excerpt.text[end:]),
    )
    lines: list[list[TextPart]] = [[]]
    for part in parts:
        for i, text in enumerate(re.split(r"\r\n|[\r\n\f\v]", part.value)):
            if i:
                lines.append([])
            if text.strip():
                lines[-1].append(TextPart(part.kind, text))
    return _group_lines(lines)


def compared_documents(answer: Answer) -> tuple[str, str] | None:
    """Return the ids of a superseded document that an answer cites and of its successor; None without one."""
    pairs = ((citation.doc_id, citation.superseded_by) for citation in answer.citations)
    return next(((old, new) for old, new in pairs if new), None)


def _group_lines(lines: Sequence[list[TextPart]]) -> Iterator[LineGroup]:
    filled = [line for line in lines if line]
    for is_list, group in groupby(filled, lambda line: bool(BULLET.match(line[0].value))):
        if is_list:
            yield LineGroup(
                "list", [[TextPart(line[0].kind, BULLET.sub("", line[0].value)), *line[1:]] for line in group]
            )
        else:
            yield from (LineGroup("text", [line]) for line in group)
