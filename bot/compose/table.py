"""Questions over a whole table: which rows there are, which reach their target, two rows side by side."""

import re
from collections.abc import Sequence

from bot.compose.row import Row, reached, read_row, say_cells
from bot.compose.statement import Statement
from bot.evidence import content_terms_cached, title_of
from bot.question import Asked, Term
from bot.turn import Source
from ingest.documents import Passage

_REACH = re.compile(r"達成|達し|届|上回|クリア|満た|未達")
_MISSED = re.compile(r"未達|(?:達成|達|届|上回|クリア|満た)\S{0,3}?(?:ない|なかった|ていな|ません|ず)|下回")
_WHICH = re.compile(r"どれ|どの|どんな|もの|項目|指標|KPI|何が|一覧|すべて|全部|教えて")
_EACH = re.compile(r"それぞれ|どちら|どっち|両方|と\S+(?:の|では)(?:比較|違い|差)")


def table_of(row: Passage, passages: Sequence[Passage]) -> list[Passage]:
    """Return the rows of the table that `row` is in: rows of one document under one heading with the same first column."""
    head = row.cells[0].column
    return [p for p in passages if p.kind == "row" and p.path == row.path and p.cells and p.cells[0].column == head]


def asks_which_reached(asked: Asked) -> bool:
    """Whether the question wants the rows that meet a condition rather than one row."""
    return bool(_REACH.search(asked.text) and _WHICH.search(asked.text) and not asked.yesno and not asked.unit)


def say_reached_rows(asked: Asked, rows: Sequence[Passage]) -> list[Statement]:
    """Return the rows that reached their target, or with a negated verb those that did not, with both figures."""
    missed = bool(_MISSED.search(asked.text))
    found = [row for p in rows if reached(row := read_row(p)) is (not missed)]
    if not found:
        return []
    title = title_of(rows[0].section)
    verb = "届いていないもの" if missed else "達したもの"
    items = tuple(_figures(row) for row in found)
    sources = tuple(Source(row.passage, row.passage.text) for row in found)
    return [Statement(f"{title}のうち、目標に{verb}は次の{len(items)}件です。", sources, items)]


def _figures(row: Row) -> str:
    cells = [c for c in (row.target, row.result) if c]
    return f"{row.subject}({'、'.join(f'{c.column} {c.value}' for c in cells)})"


def say_rows(rows: Sequence[Passage]) -> list[Statement]:
    """Return the subjects of the rows as a list."""
    subjects = tuple(read_row(p).subject for p in rows)
    sources = tuple(Source(p, f"{p.cells[0].column}: {p.cells[0].value}") for p in rows)
    return [
        Statement(f"{title_of(rows[0].section)}の{rows[0].cells[0].column}は次の{len(rows)}件です。", sources, subjects)
    ]


def rows_named(asked: Asked, terms: tuple[Term, ...], rows: Sequence[Passage]) -> list[Row]:
    """Return the rows, two or more, that a question about each or both of them names."""
    if not _EACH.search(asked.text) and not asked.compares:
        return []
    wanted = {t.text for t in terms}
    found = []
    for passage in rows:
        name = [w for w in content_terms_cached(read_row(passage).subject)]
        if name and sum(w in wanted for w in name) / len(name) >= 0.6:
            found.append(read_row(passage))
    return found if len(found) > 1 else []


def say_each(rows: Sequence[Row], asked: Asked) -> list[Statement]:
    """Return a sentence for each of the rows."""
    return [say_cells(row, asked)[0] for row in rows]
