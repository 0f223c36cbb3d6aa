"""Answers over tables of targets: the rows that reach them, those that do not, all of them; told table by table."""

import re
from collections.abc import Callable, Sequence

from bot.compose.corpus import Corpus
from bot.compose.listing import counted
from bot.compose.members import of_value
from bot.compose.reaching import reached
from bot.compose.row import Row, read_row, unmarked
from bot.compose.statement import Statement, assemble
from bot.compose.table import say_rows
from bot.find.evidence import content_terms_cached, title_of
from bot.find.sought import Sought
from bot.find.targets import Wish, free_words, is_judged, names_of, wish_of
from bot.find.weigh import Weighed
from bot.turn import Draft
from bot.understand.reckoning import Operation

Table = list[Row]

_REASON = re.compile(r"理由|原因|なぜ|どうして|なんで")
_CHOSEN: dict[Wish, Callable[[Row], bool]] = {
    Wish.REACHED: lambda row: reached(row) is True,
    Wish.MISSED: lambda row: reached(row) is False,
}
_VERBS = {Wish.REACHED: "達したもの", Wish.MISSED: "届いていないもの"}


def over_targets(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say the rows of the tables of targets that the question wants; None where it asks for no such, or for one row."""
    rows = [w.evidence.passage for w in fitting if w.evidence.kind == "row"]
    figures = sought.reckoning and sought.reckoning.operation is not Operation.COUNT
    wish = None if figures else wish_of(sought.asked, dict.fromkeys(name for row in rows for name in names_of(row)))
    judged = [row for row in rows if wish and is_judged(row, wish)]
    if wish is None or not judged:
        return None
    best = min(judged, key=lambda row: row.doc_id not in sought.scope.named)  # else the first
    tables = _named(_tables(best.doc_id, wish, corpus), sought)
    tables = _of_value(tables, sought)
    if _names_a_row(tables, corpus.document(best).title, sought):
        return None
    said = _say(tables, wish)
    if said and wish in {Wish.MISSED, Wish.BOTH} and _REASON.search(sought.asked.text):
        notes = any(row.notes for table in tables for row in table if reached(row) is False)
        said.append(Statement(f"表には、{'注記のほかに' if notes else ''}理由は書かれていません。", ()))
    return assemble(said, topic=title_of(best.section)) if said else None


def targets_of(doc_id: str, corpus: Corpus) -> list[Statement]:
    """Return every row of the document's tables of targets with its target, table by table; none without a table."""
    tables = _tables(doc_id, Wish.TARGETS, corpus)  # 基本目標 heads a column of aims, none of which has a figure
    return [_whole(t, Wish.TARGETS) if any(r.target for r in t) else say_rows([r.passage for r in t]) for t in tables]


def _tables(doc_id: str, wish: Wish, corpus: Corpus) -> list[Table]:
    """Return the document's tables of targets, in order."""
    rows = [p for p in corpus.passages_of(doc_id) if p.kind == "row" and is_judged(p, wish)]
    tables = {table[0].id: table for row in rows if (table := corpus.table(row))}
    return [[read_row(row) for row in table] for table in tables.values()]


def _named(tables: list[Table], sought: Sought) -> list[Table]:
    """Return the tables whose headings hold most of the words by which the question tells them apart; else all."""
    heads = [content_terms_cached(" ".join(table[0].passage.path)) for table in tables]
    shared = frozenset.intersection(*heads)
    words = content_terms_cached(sought.asked.text)
    said = [len(words & (head - shared)) for head in heads]
    return [table for table, many in zip(tables, said, strict=True) if many == max(said)]


def _of_value(tables: list[Table], sought: Sought) -> list[Table]:
    """Return the rows of the tables that the question chooses by a value (建設課の指標), where it does; else all."""
    chosen = [(table, of_value(table, sought)) for table in tables]
    return [rows for table, rows in chosen if len(rows) < len(table)] or tables


def _names_a_row(tables: Sequence[Table], title: str, sought: Sought) -> bool:
    """Whether more than a third of the question's words stand in names of rows, and in no heading."""
    free = free_words(sought, [title, *(name for table in tables for name in names_of(table[0].passage))])
    names = content_terms_cached(" ".join(row.subject for table in tables for row in table))
    return len(free & names) * 3 > len(sought.strong)


def _say(tables: Sequence[Table], wish: Wish) -> list[Statement]:
    """Return for each table its rows of each wish, with their notes behind; their number before, where it is a sum."""
    if wish in {Wish.ALL, Wish.TARGETS}:
        return [said for table in tables for said in (_whole(table, wish), *_notes(table, wish))]
    wishes = (Wish.REACHED, Wish.MISSED) if wish is Wish.BOTH else (wish,)
    found = [(one, rows) for table in tables for one in wishes if (rows := list(filter(_CHOSEN[one], table)))]
    said = [said for one, rows in found for said in (_chosen(rows, one), *_notes(rows, one))]
    if len(found) < 2 or wish is Wish.BOTH:  # noqa: PLR2004 -- two make a sum
        return said
    chosen = [row for _, rows in found for row in rows]
    together = f"目標に{_VERBS[wish]}は、合わせて{counted(len(chosen))}です。"
    return [Statement(together, tuple(row.source for row in chosen)), *said]


def _chosen(rows: Sequence[Row], wish: Wish) -> Statement:
    """Return the rows that reached their target, or those that did not, with both figures."""
    lead = f"{title_of(rows[0].passage.section)}のうち、目標に{_VERBS[wish]}は次の{counted(len(rows))}です。"
    return Statement(lead, tuple(row.source for row in rows), tuple(_figures(row, wish) for row in rows))


def _whole(rows: Sequence[Row], wish: Wish) -> Statement:
    title, head = title_of(rows[0].passage.section), rows[0].passage.cells[0].column
    lead = f"{title if title == head else f'{title}の{head}'}は次の{counted(len(rows))}です。"
    return Statement(lead, tuple(row.source for row in rows), tuple(_figures(row, wish) for row in rows))


def _figures(row: Row, wish: Wish) -> str:
    """Return the row's name with its target, and its result unless only targets are asked for."""
    cells = [c for c in (row.target, None if wish is Wish.TARGETS else row.result) if c]
    return f"{row.subject}({'、'.join(f'{c.column} {c.value}' for c in cells)})" if cells else row.subject


def _notes(rows: Sequence[Row], wish: Wish) -> list[Statement]:
    """Return a sentence for each row with notes; targets are not limited by them."""
    noted = [] if wish is Wish.TARGETS else [row for row in rows if row.notes]
    quoted = [(row, "、".join(f"「{unmarked(note).rstrip('。')}」" for note in row.notes)) for row in noted]
    return [Statement(f"{row.subject}の注記に{notes}とあります。", (row.source,)) for row, notes in quoted]
