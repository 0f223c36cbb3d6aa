"""Stores the parts of answers as JSON, and derives them for answers of releases before 0.24 from text and blocks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import TypeAdapter

from bot.languages import LANGUAGES, render_message
from bot.rendering.answer_text import parse_statements
from bot.state import (
    Answer,
    AnswerContent,
    Block,
    Excerpt,
    ExcerptBlock,
    Paragraph,
    Part,
    ServiceMessage,
    SourceLine,
    Statement,
    TableBlock,
    TableRows,
    TextBlock,
)

_CONTENT = TypeAdapter(AnswerContent)
_UNSURE = ServiceMessage("unsure")
# The last two are the texts of releases before 0.28.
_UNSURE_TEXTS = frozenset(
    (
        *(render_message(_UNSURE, language) for language in LANGUAGES),
        "これだという答えかは確かではありませんが、近いことが書かれています。",
        "答えかどうか、わかりません。でも、近いことが書いてあります。",
    )
)


def dump_content(content: AnswerContent) -> Any:
    """Return the content as JSON."""
    return _CONTENT.dump_python(content, mode="json")


def load_content(recorded: Any, answer: Mapping[str, Any]) -> AnswerContent:
    """Return the recorded content, or without one the content derived from the recorded answer (the API's JSON)."""
    if recorded is not None:
        return _CONTENT.validate_python(recorded)
    rendered = Answer.model_validate(answer)
    return content_of_rendering(rendered.answer, rendered.blocks, rendered.notices)


def load_answer(recorded: Any, answer: Mapping[str, Any], **members: Any) -> Answer:
    """Return a recorded answer with its content."""
    return Answer.model_validate({**answer, **members, "content": load_content(recorded, answer)})


def content_of_rendering(text: str, blocks: Sequence[Block], notices: Sequence[str] = ()) -> AnswerContent:
    """Return the content of an answer that is known only by its rendering."""
    parts = tuple(_to_parts(text, blocks)) or (_to_paragraph(text),)
    return AnswerContent(parts, tuple(map(_to_paragraph, notices)))


def _to_parts(text: str, blocks: Sequence[Block]) -> Iterator[Part]:
    notes = ""
    for block in blocks:
        if isinstance(block, TextBlock) and block.text != notes:
            yield Paragraph((_UNSURE,)) if block.text in _UNSURE_TEXTS else _to_paragraph(block.text)
        elif isinstance(block, ExcerptBlock):
            yield Excerpt(block.n, SourceLine((Statement(block.lead),)), block.text, block.highlight)
        elif isinstance(block, TableBlock):
            lines = _lines_beside(text, block.caption)
            notes = lines[-1] if lines else ""
            yield TableRows(
                SourceLine((Statement(block.caption),)),
                block.columns,
                block.rows,
                block.cited,
                block.unit,
                block.chart,
                tuple(statement for line in lines for statement in parse_statements(line)),
            )


def _lines_beside(text: str, caption: str) -> list[str]:
    paragraphs = (paragraph.splitlines() for paragraph in text.split("\n\n"))
    lines = next((lines for lines in paragraphs if caption in lines), [])
    return [line for line in lines if line != caption]


def _to_paragraph(text: str) -> Paragraph:
    return Paragraph(parse_statements(text))
