"""Cells of a table row in a sentence, with the notes that limit what they say."""

import re

from bot.compose.asked_cells import cells_asked, steps_of
from bot.compose.row import Row, tight, unmarked
from bot.compose.sentence import is_sentence
from bot.compose.statement import Statement
from bot.find.evidence import content_terms_cached, topic_before_wa
from bot.understand.asked import Asked
from ingest.documents import Cell
from ingest.normalise import nfkc

_OF_ANY_TABLE = frozenset({"年度", "市内", "全体"})
_NUMBERED = re.compile(r"^[※*＊注]\s?(\d{1,2})")


def say_cells(row: Row, asked: Asked) -> list[Statement]:
    """Return a sentence with the cells that the question asks for, and one with the notes that limit them."""
    cells = cells_asked(row, asked)
    if not cells:
        words = row.condition or row.passage.text
        return [Statement(f"{row.subject}については、「{words}」と記載されています。", (row.source,))]
    if cells[0] in steps_of(row):
        text = f"{row.subject}は、{'、'.join(f'{tight(c.value)}が{c.column}' for c in cells)}です。"
    elif len(cells) == 1 and is_sentence(cells[0].value):
        text = f"{row.subject}の{cells[0].column}には「{cells[0].value}」とあります。"
    elif len(cells) == 1:
        text = f"{row.subject}の{cells[0].column}は{tight(cells[0].value)}です。"
    else:
        said = "、".join(f"{c.column or '値'}が{tight(c.value)}" for c in cells)
        text = f"{row.subject}は、{said}です。"
    return [Statement(text, (row.source,)), *_limits(row, cells, asked)]


def _limits(row: Row, cells: list[Cell], asked: Asked) -> list[Statement]:
    """Return a sentence with the notes that limit what was said; a target alone is not limited by them."""
    told = [] if cells == [row.target] else [note for note in row.notes if _is_about(note, row, cells, asked)]
    if not told:
        return []
    notes = "、".join(f"「{unmarked(_of_row(note, row))}」" for note in told)
    return [Statement(f"注記に{notes}とあります。", (row.source,))]


def _bears_mark(row: Row, note: str) -> bool:
    """Whether the note has a number (※1, 注1) with which the row's cells or columns refer to it."""
    number = _NUMBERED.match(nfkc(note))
    written = nfkc(" ".join(text for cell in row.passage.cells for text in (cell.column, cell.value)))
    return bool(number and re.search(rf"[※*注]\s?{number[1]}(?!\d)", written))


def _of_row(note: str, row: Row) -> str:
    """Return the sentence of a note under a whole table that names the row (ただし、電子書籍は…); else all of it."""
    sentences = re.findall(r"[^。]+。", note) if note in row.passage.notes else []
    return next((s for s in sentences[1:] if row.subject in nfkc(s)), note)


def _is_about(note: str, row: Row, cells: list[Cell], asked: Asked) -> bool:
    """Whether a note is the row's own, or one under the whole table that has a word of what is asked or said."""
    if note not in row.passage.notes or _bears_mark(row, note):
        return True
    topic = content_terms_cached(topic_before_wa(unmarked(note)))
    if topic and topic.isdisjoint(content_terms_cached(" ".join((row.subject, *(c.column for c in row.cells))))):
        return False  # it is about another row
    said = " ".join((row.subject, asked.text, *(c.column for c in cells)))
    shared = content_terms_cached(note) & content_terms_cached(said)
    return any(len(word) > 1 and word not in _OF_ANY_TABLE for word in shared)
