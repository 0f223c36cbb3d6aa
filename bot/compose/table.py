"""Answers over a whole table: which rows there are, some of them side by side."""

import re
from collections.abc import Sequence

from bot.compose.cells import say_cells
from bot.compose.corpus import Corpus
from bot.compose.listing import counted
from bot.compose.members import named
from bot.compose.row import read_row, tight
from bot.compose.statement import Statement, assemble
from bot.find.evidence import announces, content_terms_cached, title_of
from bot.find.sought import Sought
from bot.find.targets import wish_of
from bot.find.weigh import Weighed
from bot.turn import Draft, Source
from bot.understand.asked import Kind
from ingest.documents import Passage
from ingest.normalise import nfkc

_EACH = re.compile(r"それぞれ|どちら|どっち|両方|と\S+(?:の|では)(?:比較|違い|差)")
# The table itself is asked for, with all it holds: 料金表, 時刻表を見せて, 一覧表.
_TABLE = re.compile(r"(?:[一-龥](?<![代公発図年])表|早見表|の表)(?:は|を|が|って|の?一覧|$|[?。、])")
# Rows whose table may be what the question is about.
_BEST_ROWS = 5


def rows_side_by_side(sought: Sought, fitting: Sequence[Weighed], _: Corpus) -> Draft | None:
    """Say the figures of each of the rows, two or more, that a question about both or all of them names."""
    if not (_EACH.search(sought.asked.text) or sought.asked.compares):
        return None
    rows = [read_row(w.evidence.passage) for w in fitting if w.evidence.kind == "row"]
    # 家庭ごみの削減率 is meant, not 家庭ごみの量, where all that is said of the one is said of the other and more.
    both = named(rows, sought)
    if len(both) < 2:  # noqa: PLR2004 -- two make a comparison
        return None
    return assemble([say_cells(row, sought.asked)[0] for row in both], topic=both[0].subject)


def announced_table(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Where the best sentence only announces a table (次の6つです), say the table's rows."""
    best = fitting[0].evidence
    if wish_of(sought.asked, best.passage.path) or best.kind != "sentence" or not announces(best.text):
        return None
    rows = corpus.table_after(best.passage)
    return assemble([say_rows(rows)], topic=title_of(rows[0].section)) if rows else None


def whole_table(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say the rows of the table that the question is about as a whole."""
    listing = (sought.asked.kind is Kind.LIST or bool(sought.asked.count)) and fitting[0].evidence.kind != "list"
    rows = _table_asked(sought, fitting, corpus) if listing else []
    if not rows or (sought.asked.kind is not Kind.LIST and sought.asked.count != len(rows)):
        return None
    return assemble([say_rows(rows)], topic=title_of(rows[0].section))


def table_with_cells(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say every row of the table that is asked for as such, each with all its cells."""
    best = next((w.evidence.passage for w in fitting if w.evidence.kind == "row"), None)
    if best is None or fitting[0].evidence.kind != "row" or not _TABLE.search(sought.asked.text):
        return None
    rows = [read_row(row) for row in corpus.table(best)]
    title, head = title_of(best.section), best.cells[0].column
    items = tuple(f"{row.subject}({'、'.join(f'{c.column} {tight(c.value)}' for c in row.cells)})" for row in rows)
    lead = f"{title}は、{head}ごとに次のとおりです。"
    return assemble([Statement(lead, tuple(row.source for row in rows), items)], topic=title)


def _table_asked(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> list[Passage]:
    """Return the table whose heading holds the question's words that its rows do not; none where a row is named."""
    rows = [w.evidence.passage for w in fitting if w.evidence.kind == "row"]
    for row in rows[:_BEST_ROWS]:
        about = content_terms_cached(f"{row.section} {row.cells[0].column}")
        in_name = sought.strong & content_terms_cached(read_row(row).subject) - about
        if sought.strong & about and len(in_name) * 3 <= len(sought.strong):
            return corpus.table(row)
    return []


def say_rows(rows: Sequence[Passage]) -> Statement:
    """Return the subjects of the rows as a list."""
    title, head = title_of(rows[0].section), rows[0].cells[0].column
    subject = title if title == head else f"{title}の{head}"
    return Statement(
        f"{subject}は次の{counted(len(rows))}です。",
        tuple(Source(p, f"{p.cells[0].column}: {p.cells[0].value}") for p in rows),
        tuple(map(_member, rows)),
    )


def _member(passage: Passage) -> str:
    """Return a row as a member of its table: its name, and where that is a number (基本目標1) what it stands for."""
    row = read_row(passage)
    numbered = re.fullmatch(rf"{re.escape(passage.cells[0].column)}\s?\d+", nfkc(row.subject))
    return f"{row.subject}「{row.cells[0].value}」" if numbered and row.cells else row.subject
