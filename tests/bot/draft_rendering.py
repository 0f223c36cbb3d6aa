"""Renders drafts to text and blocks, and creates drafts from text with citations."""

from collections.abc import Iterator, Sequence
from typing import Any

from bot.answering.languages import render_message
from bot.answering.rendering.answer_text import parse_statements, render_blocks, render_text
from bot.answering.state import (
    Answer,
    AnswerContent,
    Block,
    Draft,
    Excerpt,
    ExcerptBlock,
    Paragraph,
    Part,
    ServiceMessage,
    Source,
    SourceLine,
    Statement,
    Status,
    TextBlock,
    paragraph,
    service_message,
)


def message_text(key: str, language: str = "ja", **names: str) -> str:
    return render_message(service_message(key, **names), language)


def text_of(draft: Draft | None, language: str = "ja") -> str:
    assert draft is not None
    return render_text(draft.parts, language)


def blocks_of(draft: Draft | None, language: str = "ja") -> tuple[Block, ...]:
    assert draft is not None
    return render_blocks(draft.parts, language)


def parts_of(text: str) -> tuple[Part, ...]:
    return (Paragraph(parse_statements(text)),)


def draft_of(text: str, sources: tuple[Source, ...] = (), status: Status = Status.ANSWERED, **members: Any) -> Draft:
    return Draft(parts_of(text), sources, status, **members)


def content_of_rendering(text: str, blocks: Sequence[Block], notices: Sequence[str] = ()) -> AnswerContent:
    parts = tuple(_to_parts(blocks)) or (Paragraph(parse_statements(text)),)
    return AnswerContent(parts, tuple(Paragraph(parse_statements(notice)) for notice in notices))


def _to_parts(blocks: Sequence[Block]) -> Iterator[Part]:
    for block in blocks:
        if isinstance(block, TextBlock):
            yield Paragraph(parse_statements(block.text))
        elif isinstance(block, ExcerptBlock):
            yield Excerpt(block.n, SourceLine((Statement(block.lead),)), block.text, block.highlight)


def with_content(answer: Answer) -> Answer:
    return answer.model_copy(update={"content": content_of_rendering(answer.answer, answer.blocks, answer.notices)})


def messages(*keys: str, notices: tuple[ServiceMessage | str, ...] = (), **members: Any) -> dict[str, Any]:
    parts = (paragraph(*map(service_message, keys)),)
    said = tuple(paragraph(service_message(one) if isinstance(one, str) else one) for one in notices)
    content = AnswerContent(parts, said)
    rendered = {"answer": render_text(parts), "blocks": render_blocks(parts, "ja"), "content": content}
    return {**rendered, "notices": tuple(render_text([one]) for one in said), **members}
