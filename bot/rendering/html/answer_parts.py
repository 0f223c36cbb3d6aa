"""Splits an answer into lines, lists, table rows and citation marks for templates."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Literal, NamedTuple

from bot.languages import LANGUAGES, message_text
from bot.rendering.html.chart import Bar, Chart, make_bar, make_line_chart
from bot.state import Answer, Block, ExcerptBlock, Status, TableBlock, TextBlock
from bot.tables import read_table
from bot.tables.target import Goal, Verdict, goals
from bot.verification import MARK, escape_marks
from ingest.chunking.table import Table, Value
from ingest.documents import Cell as TableCell
from ingest.documents import Passage
from ingest.japanese import DateMention, dates, nfkc, quantities
from ingest.japanese.today import today

BULLET = re.compile(r"^\s*[・•\-]\s*")


class TextPart(NamedTuple):
    """Words, the words of an excerpt that matter most, or the number of a citation."""

    kind: Literal["text", "best", "mark"]
    value: str


class LineGroup(NamedTuple):
    """A paragraph of one line, or a list of a line an item."""

    kind: Literal["text", "list"]
    lines: list[list[TextPart]]


class DisplayCell(NamedTuple):
    """A cell of a table; `bar` draws its figure beside the others of its unit, or beside its target.

    `verdict` is what came of the row's target, where the cell tells that.
    """

    text: str
    is_figure: bool
    bar: Bar | None = None
    verdict: Verdict | None = None


class DisplayRow(NamedTuple):
    """A row of a table: what it is called, its cells, and the number of the citation that it stands in."""

    label: str
    cells: list[DisplayCell]
    n: int | None


def remove_uncertainty_remark(answer: Answer) -> tuple[str, tuple[Block, ...]]:
    """Return an answer's text and blocks without the sentence that it is not sure, which the outcome over it says.

    A record from before there were blocks is shown as its text.
    """
    first, *others = answer.blocks or (TextBlock(text=answer.answer),)
    unsure = {message_text("unsure", language) for language in LANGUAGES}
    if answer.status is Status.PARTIAL and others and isinstance(first, TextBlock) and first.text in unsure:
        return answer.answer.removeprefix(first.text).lstrip(), tuple(others)
    return answer.answer, (first, *others)


def text_lines(text: str, numbers: Collection[int]) -> Iterator[LineGroup]:
    """Cut a text; blank lines are left out, and a number that is not among `numbers` stays text."""
    return _group_lines([_split_parts(line, numbers) for line in text.splitlines()])


def excerpt_lines(excerpt: ExcerptBlock) -> Iterator[LineGroup]:
    """Cut an excerpt where its document breaks the line; its best words are told apart."""
    start, end = excerpt.highlight
    if not excerpt.text[:start].strip() and not excerpt.text[end:].strip():  # nothing to tell them apart from
        start = end = 0
    stretches = (("text", excerpt.text[:start]), ("best", excerpt.text[start:end]), ("text", excerpt.text[end:]))
    lines: list[list[TextPart]] = [[]]
    for kind, text in stretches:
        for broken, piece in enumerate(re.split(r"\r\n|[\r\n\f\v]", text)):
            lines += [[]] if broken else []
            lines[-1] += [TextPart(kind, piece)] if piece.strip() else []  # type: ignore[arg-type]
    return _group_lines(lines)


def table_rows(table: TableBlock) -> list[DisplayRow]:
    """Return the rows of a table, with bars where it asks for them and a column holds figures of one unit.

    What came of a row's target has a bar of its own, with the mark of the target, and the verdict.
    """
    drawn = _column_bars(table) if table.chart == "bar" else {}
    told = _row_goals(table)
    numbers: Sequence[int | None] = table.cited if len(table.cited) == len(table.rows) else [None] * len(table.rows)
    heads = [escape_marks(nfkc(column).strip()) for column in table.columns[1:]]
    rows = []
    for at, ((label, *cells), n) in enumerate(zip(table.rows, numbers, strict=True)):
        goal = told.get(at)
        made = []
        for column, text in enumerate(cells):
            result = goal.columns[1] if goal else None
            came = goal if result and heads[column] == result.name else None
            drawn_as = goal_bar(came) if came else None if told else drawn.get((at, column))
            made.append(DisplayCell(text, _parse_figure(text) is not None, drawn_as, came.verdict if came else None))
        rows.append(DisplayRow(label, made, n))
    return rows


def goal_bar(goal: Goal) -> Bar | None:
    """Return what came of a target, drawn beside what was wanted; None where the two have no common scale."""
    if goal.figures is None:
        return None
    wanted, came = (value.number for value in goal.figures)
    return make_bar(came, max(came, wanted), wanted)


def table_lines(table: TableBlock) -> Chart | None:
    """Return a table over years as lines, where it asks for them: a line a row, or a line a column under each other."""
    labelled = _read_block(table) if table.chart == "line" else None
    if labelled is None:
        return None
    if all(column.times for column in labelled.columns):
        times = [column.times[0] for column in labelled.columns]
        series = [(row.label, [_number(row.value(c)) for c in labelled.columns]) for row in labelled.items]
    else:
        times = [mention for row in labelled.rows for mention in dates(row.label)[:1]]
        series = [(c.name, [_number(row.value(c)) for row in labelled.rows]) for c in labelled.measured]
    if any(len(figures) != len(times) for _, figures in series):
        return None
    return make_line_chart([(mention.first, _format_year(mention)) for mention in times], series, table.unit or "")


def compared_documents(answer: Answer) -> tuple[str, str] | None:
    """Return the ids of an older document that an answer cites and of the one that took its place; None without one."""
    pairs = ((citation.doc_id, citation.superseded_by) for citation in answer.citations)
    return next(((old, new) for old, new in pairs if new), None)


def remove_marks(text: str) -> str:
    """Return a text as it is read aloud."""
    return MARK.sub("", text)


def _group_lines(lines: Sequence[list[TextPart]]) -> Iterator[LineGroup]:
    filled = [line for line in lines if line]
    for is_list, group in groupby(filled, lambda line: bool(BULLET.match(line[0].value))):
        if is_list:
            yield LineGroup(
                "list", [[TextPart(line[0].kind, BULLET.sub("", line[0].value)), *line[1:]] for line in group]
            )
        else:
            yield from (LineGroup("text", [line]) for line in group)


def _split_parts(line: str, numbers: Collection[int]) -> list[TextPart]:
    words_and_numbers = enumerate(MARK.split(line) if line.strip() else ())
    return [_make_part(piece, is_number=bool(at % 2), numbers=numbers) for at, piece in words_and_numbers if piece]


def _make_part(piece: str, *, is_number: bool, numbers: Collection[int]) -> TextPart:
    if is_number and int(piece) in numbers:
        return TextPart("mark", piece)
    return TextPart("text", f"[{piece}]" if is_number else piece)


def _column_bars(table: TableBlock) -> dict[tuple[int, int], Bar | None]:
    """Return the bars of figures by row and column behind the label's; columns of one unit have one scale."""
    columns = [[_parse_figure(row[at]) for row in table.rows] for at in range(1, len(table.columns))]
    drawn: dict[tuple[int, int], tuple[Decimal, str]] = {}
    for at, figures in enumerate(columns):
        if len(table.rows) > 1 and None not in figures and len({figure[1] for figure in figures if figure}) == 1:
            drawn |= {(row, at): figure for row, figure in enumerate(figures) if figure}
    greatest: dict[str, Decimal] = {}
    for value, unit in drawn.values():
        greatest[unit] = max(value, greatest.get(unit, Decimal()))
    return {at: make_bar(value, greatest[unit]) for at, (value, unit) in drawn.items()}


def _read_block(table: TableBlock) -> Table | None:
    """Return a block as a table with labelled rows; the id of a row's passage is its place."""
    rows = [
        Passage(str(at), "", "row", (table.caption,), "", (), cells=tuple(map(TableCell, table.columns, row)))
        for at, row in enumerate(table.rows)
    ]
    return read_table(rows)


def _row_goals(table: TableBlock) -> dict[int, Goal]:
    """Return what came of the rows' targets, by their places; of rows with several targets none."""
    labelled = _read_block(table)
    found = goals(labelled, today()) if labelled else ()
    several = {place for place, count in Counter(int(goal.row.passage.id) for goal in found).items() if count > 1}
    came = {int(goal.row.passage.id): goal for goal in found if goal.verdict not in _UNTOLD}
    return {place: goal for place, goal in came.items() if place not in several}


_UNTOLD = frozenset({Verdict.NO_RESULT, Verdict.INCOMPARABLE})


def _number(value: Value | None) -> Decimal | None:
    return value.number if value else None


def _format_year(mention: DateMention) -> str:
    """Return a time as it is written under a line."""
    return f"{mention.first.year}年度" if mention.granularity == "fiscal_year" else mention.key


def _parse_figure(cell: str) -> tuple[Decimal, str] | None:
    """Return value and unit of a cell that is a figure and nothing else; none with a sign before it."""
    text = nfkc(cell).strip()
    found = [(q.value, q.unit) for q in quantities(text) if (q.start, q.end) == (0, len(text))]
    return found[0] if found else None


def reinterpreted_question(question: str, answer: Answer) -> str | None:
    """Return the question as it was looked up, where that is another than was typed, or a part of it."""
    read = answer.question_understood
    return None if _comparison_key(read) in _comparison_key(question) else read


def _comparison_key(question: str) -> str:
    """Return what is said of a question by its letters alone: a mark or a width is no other reading."""
    return re.sub(r"[\W_]+", "", nfkc(question)).casefold()
