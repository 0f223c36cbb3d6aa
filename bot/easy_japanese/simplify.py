"""Simplifies a draft sentence by sentence; a sentence whose facts would change is kept."""

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bot.easy_japanese.same_facts import find_fact_differences
from bot.easy_japanese.sentence import simplify_sentence
from bot.rendering.answer_text import render_sentence, render_source_line, render_text
from bot.state import (
    Draft,
    Excerpt,
    Paragraph,
    Part,
    Source,
    Statement,
    TableRows,
    cited_numbers,
)
from bot.verification import SourceText, check_text
from ingest.japanese.markers import ITEM_MARK
from ingest.japanese.sentences import sentences

# Characters of the first and the second excerpt: some four and some two short sentences.
_EXCERPT_LENGTHS = (120, 60)
_log = logging.getLogger(__name__)
_STOPPED = re.compile(r"(?P<text>.*?)(?P<stop>[。!?！？]?)\s*", re.DOTALL)

Sentence = list[Statement]
"""The statements of one sentence or list item; none for an empty line."""


def simplify_sentences(
    standard: Iterable[Sentence], premises: Sequence[SourceText] | None = None, question: str = ""
) -> tuple[list[Sentence], bool]:
    """Return sentences in easy words, and whether one of them could not be changed.

    With `premises`, each simplified sentence must be as well supported by them as the original.
    """
    simplified, is_kept = list[Sentence](), False
    for sentence in standard:
        easy = simplify_sentence(sentence) if sentence else [sentence]
        if easy != [sentence] and (problems := list(_problems(sentence, easy, premises, question))):
            _log.warning("やさしい日本語にすると変わってしまう文です: %s", " / ".join(problems))
            easy, is_kept = [sentence], True
        simplified += easy
    return simplified, is_kept


def truncate_excerpts(draft: Draft) -> Draft:
    """Return a draft of excerpts with only the best parts of the first two, because learners read slowly.

    Each part is the sentences around the best one, and of a list all items. Text that only precedes an answer is left
    out. Any other draft is returned unchanged.
    """
    count = next((n for n, part in enumerate(draft.parts) if not isinstance(part, Paragraph)), len(draft.parts))
    if any(map(cited_numbers, draft.parts[:count])):
        return draft
    excerpts, sources = list[Part](), list[Source]()
    kept = [part for part in draft.parts[count:] if not (isinstance(part, Excerpt) and part.is_preceding)]
    for max_length, part in zip(_EXCERPT_LENGTHS, kept, strict=False):
        if not isinstance(part, Excerpt):
            return draft
        start, end = _truncated_span(part, max_length)
        text = part.text[start:end].strip("\n")
        is_whole = len(text) >= len(part.text.strip())
        source, n = draft.sources[part.n - 1], len(sources) + 1
        shown = part if is_whole else replace(part, text=text, highlight=(0, len(text)), ellipses=("", ""))
        excerpts.append(replace(shown, n=n))
        sources.append(source if is_whole else Source(source.passage, text))
    return replace(draft, parts=(*draft.parts[:count], *excerpts), sources=tuple(sources)) if excerpts else draft


def _truncated_span(excerpt: Excerpt, max_length: int) -> tuple[int, int]:
    units = list(_unit_spans(excerpt.text))
    best = next((i for i, (_, end) in enumerate(units) if end > excerpt.highlight[0]), 0)
    first = last = best
    while True:
        neighbours = [i for i in (last + 1, first - 1) if 0 <= i < len(units)]
        fitting = [i for i in neighbours if units[max(last, i)][1] - units[min(first, i)][0] <= max_length]
        if not fitting:
            return units[first][0], units[last][1]
        first, last = min(first, fitting[0]), max(last, fitting[0])


def _unit_spans(text: str) -> Iterator[tuple[int, int]]:
    start, end = 0, 0
    for line in text.splitlines(keepends=True):
        is_item = bool(ITEM_MARK.match(line))
        for sentence in [line] if is_item else (sentences(line) or [line]):
            if not is_item and end > start:
                yield start, end
                start = end
            end += len(sentence)
        end += 0 if is_item else len(line) - sum(map(len, sentences(line) or [line]))
    if end > start:
        yield start, end


def split_parts(parts: Sequence[Part]) -> list[list[Sentence]]:
    """Return the sentences of each line of the parts, with an empty line between two parts.

    Each sentence of an excerpt, of a table line and of their source line cites the source, so that it can be simplified
    and verified by itself.
    """
    lines = list[list[Sentence]]()
    for part in parts:
        if own := list(_split_part(part)):
            lines += [[[]], *own] if lines else own
    return lines


def join_lines(lines: Iterable[Sentence]) -> Paragraph:
    """Return lines of statements as one paragraph."""
    statements = list[Statement]()
    for n, line in enumerate(lines):
        if n:
            statements[-1] = replace(statements[-1], end=f"{statements[-1].end}\n")
        statements += line or [Statement("")]
    return Paragraph(tuple(statements))


def _split_part(part: Part) -> Iterator[list[Sentence]]:
    if isinstance(part, Excerpt):
        before, after = part.ellipses
        yield from _split_cited(f"{before}{part.text.rstrip()}{after}", (part.n,))
        yield from _split_cited(render_source_line(part.source_line, "easy"), (part.n,))
    elif isinstance(part, TableRows):
        lines = [line for line in (*part.lines, part.notes) if line] if part.lines else []
        for line in lines:
            yield from _split_cited(line.text, line.cited)
        if lines:
            yield from _split_cited(render_source_line(part.source_line, "easy"), lines[0].cited)
    elif isinstance(part, Paragraph):
        texts = (
            sentence if isinstance(sentence, Statement) else Statement(render_sentence(sentence, "ja"))
            for sentence in part.sentences
        )
        yield from map(_split_line, _split_at_line_feeds(texts))


def _split_cited(text: str, cited: tuple[int, ...]) -> Iterator[list[Sentence]]:
    for line in text.splitlines():
        statements = [_to_statement(sentence, cited) for sentence in sentences(line)]
        is_one_sentence = ITEM_MARK.match(line) or not statements
        yield [statements] if is_one_sentence else [[statement] for statement in statements]


def _to_statement(sentence: str, cited: tuple[int, ...] = ()) -> Statement:
    match = _STOPPED.fullmatch(sentence)
    return Statement(match["text"], cited, match["stop"]) if match else Statement(sentence, cited)


def _split_at_line_feeds(statements: Iterable[Statement]) -> Iterator[Sentence]:
    line = Sentence()
    for statement in statements:
        *before, last = statement.text.split("\n")
        for text in before:
            yield [*line, Statement(text)] if text else line
            line = []
        end, *blank = statement.end.split("\n")
        line = [*line, replace(statement, text=last, end=end)]
        for _ in blank:
            yield line
            line = []
    if line:
        yield line


def _split_line(line: Sentence) -> list[Sentence]:
    if not line or ITEM_MARK.match(line[0].text):
        return [line]
    split, current = list[Sentence](), Sentence()
    for statement in line:
        *complete, last = sentences(statement.text) or [""]
        for text in complete:
            split.append([*current, _to_statement(text)])
            current = []
        current.append(replace(statement, text=last) if statement.cited else _to_statement(last))
        if current[-1].end.strip():
            split.append(current)
            current = []
    return [*split, current] if current else split


def _problems(
    sentence: Sentence, easy: Sequence[Sentence], premises: Sequence[SourceText] | None, question: str
) -> Iterator[str]:
    yield from find_fact_differences(sentence, [statement for easy_sentence in easy for statement in easy_sentence])
    if premises is not None:
        before = set(_unsupported([sentence], premises, question))
        yield from (problem for problem in _unsupported(easy, premises, question) if problem not in before)


def _unsupported(lines: Iterable[Sentence], premises: Sequence[SourceText], question: str) -> Iterator[str]:
    checked = check_text(render_text([join_lines(lines)]), premises, question)
    yield from (problem.message for result in checked if result.statement.cited for problem in result.problems)
