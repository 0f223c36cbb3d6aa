"""The rows that got one grade, over all tables of a document that grade alike (評価が×の指標を全部)."""

from collections.abc import Iterator, Sequence

from bot.compose.corpus import Corpus
from bot.compose.listing import counted
from bot.compose.row import read_row
from bot.compose.statement import Statement, assemble
from bot.find.evidence import content_terms_cached
from bot.find.graded import chosen_grade, grade_cell, grade_of, names_nothing_else
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft
from ingest.documents import Cell, Passage

Graded = tuple[Passage, Cell]


def rows_of_grade(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Say the rows with the grade that is asked for; None where none is, or no table grades."""
    rows = [w.evidence.passage for w in fitting if w.evidence.kind == "row"]
    best = next((row for row in rows if grade_cell(row) and names_nothing_else(sought, row)), None)
    head = grade_cell(best) if best else None
    if best is None or head is None:
        return None
    graded = _of_named_tables(list(_graded(best.doc_id, head.column, corpus)), sought)
    grade = chosen_grade(sought.asked.text, [grade_of(cell) for _, cell in graded])
    chosen = [row for row, cell in graded if grade_of(cell) == grade]
    if not chosen:
        return None
    lead = f"{head.column}が「{grade}」のものは次の{counted(len(chosen))}です。"
    said = Statement(lead, tuple(read_row(row).source for row in chosen), tuple(read_row(r).subject for r in chosen))
    return assemble([said], topic=head.column)


def _graded(doc_id: str, column: str, corpus: Corpus) -> Iterator[Graded]:
    """Yield the rows of the document that a column of the name grades, in order."""
    for passage in corpus.passages_of(doc_id):
        cell = grade_cell(passage) if passage.kind == "row" else None
        if cell and cell.column == column:
            yield passage, cell


def _of_named_tables(graded: Sequence[Graded], sought: Sought) -> list[Graded]:
    """Return the rows under the headings that the question tells apart from others (林業の指標); else all."""
    heads = [content_terms_cached(" ".join(row.path)) for row, _ in graded]
    shared = frozenset.intersection(*heads) if heads else frozenset[str]()
    said = [len(sought.words & (head - shared)) for head in heads]
    return [pair for pair, many in zip(graded, said, strict=True) if many == max(said)]
