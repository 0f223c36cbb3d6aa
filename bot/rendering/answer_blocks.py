"""Renders the parts of an answer as the blocks of the API."""

from collections.abc import Iterable, Iterator

from bot.rendering.answer_text import render_source_line, render_text
from bot.state import (
    Block,
    Derivation,
    Excerpt,
    ExcerptBlock,
    Paragraph,
    Part,
    Statement,
    TableBlock,
    TableRows,
    TextBlock,
)


def render_blocks(parts: Iterable[Part], language: str) -> tuple[Block, ...]:
    """Return parts as blocks, with the messages in the language."""
    return tuple(block for part in parts for block in _render_part(part, language))


def _render_part(part: Part, language: str) -> Iterator[Block]:
    if isinstance(part, Excerpt):
        line = render_source_line(part.source_line, language)
        yield ExcerptBlock(n=part.n, lead=line, text=part.text, highlight=part.highlight)
    elif isinstance(part, TableRows):
        yield TableBlock(
            caption=render_source_line(part.source_line, language),
            columns=part.columns,
            rows=part.rows,
            cited=part.cited,
            unit=part.unit,
            chart=part.chart,
        )
        if part.notes:
            yield TextBlock(text=render_text([Paragraph((part.notes,))], language))
    else:
        yield TextBlock(text=render_text([part], language), derived=_derivation(part))


def _derivation(part: Part) -> Derivation | None:
    sentences = part.sentences if isinstance(part, Paragraph) else ()
    return next((one.derived for one in sentences if isinstance(one, Statement) and one.derived), None)
