"""Splits an answer into lines, lists, table rows and citation marks for templates."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

from bot.rendering.html.chart import Bar, Chart, make_bar, make_line_chart
from bot.rendering.html.speech import Speech
from bot.state import (
    Answer,
    AskedQuestions,
    Excerpt,
    Message,
    Paragraph,
    Part,
    Statement,
    Status,
    TableRows,
)
from bot.tables import read_table
from bot.tables.target import Goal, Verdict, find_goals
from bot.verification import (
    escape_marks,
    parse_statements,
    render_questions,
    render_sentence,
    render_source_line,
    separate_messages,
)
from ingest.chunking.cell_values import Value
from ingest.chunking.table import Table
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


@dataclass(frozen=True, slots=True)
class PageBlock:
    """A part of an answer as a page shows it: `type` as in the API, its messages in `language`.

    With `tags_names`, names of documents are tagged as Japanese within messages in another language.
    """

    type: Literal["text", "excerpt", "table"]
    part: Part
    language: str
    tags_names: bool = False

    @property
    def lead(self) -> str:
        """The source line, "" of text."""
        part = self.part
        return render_source_line(part.source_line, self.language) if isinstance(part, Excerpt | TableRows) else ""

    @property
    def lead_html(self) -> Markup:
        """The source line as HTML."""
        part = self.part
        if not self.tags_names or not isinstance(part, Excerpt | TableRows):
            return escape(self.lead)
        # The messages hold nothing that HTML reads, and the names are escaped here.
        return Markup(render_source_line(part.source_line, self.language, _tag_name))  # noqa: S704


def _tag_name(name: str) -> str:
    return f'<span lang="ja">{escape(name)}</span>'


def page_blocks(parts: Iterable[Part], language: str, speech: Speech) -> tuple[PageBlock, ...]:
    """Return the blocks of parts: text in `language`, source lines in the reader's."""
    return tuple(block for part in parts for block in _page_blocks(part, language, speech))


def _page_blocks(part: Part, language: str, speech: Speech) -> Iterator[PageBlock]:
    if isinstance(part, Excerpt | TableRows):
        is_foreign = not speech.is_japanese
        kind: Literal["excerpt", "table"] = "excerpt" if isinstance(part, Excerpt) else "table"
        yield PageBlock(kind, part, speech.language if is_foreign else language, is_foreign)
        if isinstance(part, TableRows) and part.notes:
            yield PageBlock("text", Paragraph((part.notes,)), language)
    else:
        yield PageBlock("text", part, language)


def text_block(text: str) -> PageBlock:
    """Return the text of an answer that is still being written as a block."""
    return PageBlock("text", Paragraph(parse_statements(text)), "ja")


def without_uncertainty_remark(answer: Answer) -> tuple[Part, ...]:
    """Return an answer's parts without the remark that it is not sure, which the page says as its outcome."""
    first, *others = answer.content.parts or (Paragraph(()),)
    is_remark = answer.status is Status.PARTIAL and first == Paragraph((Message("unsure"),))
    return tuple(others) if is_remark and others else answer.content.parts


def plain_lines(text: str) -> Iterator[LineGroup]:
    """Split a text without marks into lines; blank lines are left out."""
    return _group_lines([[TextPart("text", line)] for line in text.splitlines() if line.strip()])


def text_lines(block: PageBlock, numbers: Collection[int]) -> Iterator[LineGroup]:
    """Split a block of text into lines; blank lines are left out, and a number not among `numbers` is text."""
    lines: list[list[TextPart]] = [[]]
    for part in _text_parts(block):
        if part.kind == "mark" and int(part.value) in numbers:
            lines[-1].append(part)
            continue
        text = f"[{part.value}]" if part.kind == "mark" else part.value
        for n, piece in enumerate(text.split("\n")):
            lines += [[]] if n else []
            before = lines[-1].pop().value if lines[-1] and lines[-1][-1].kind == "text" else ""
            lines[-1] += [TextPart("text", before + piece)] if before + piece else []
    return _group_lines([line for line in lines if any(part.kind == "mark" or part.value.strip() for part in line)])


def _text_parts(block: PageBlock) -> Iterator[TextPart]:
    part = block.part
    if isinstance(part, AskedQuestions):
        yield TextPart("text", render_questions(part, block.language))
    for sentence in separate_messages(part, block.language) if isinstance(part, Paragraph) else ():
        if isinstance(sentence, Statement):
            yield TextPart("text", escape_marks(sentence.text))
            yield from (TextPart("mark", str(n)) for n in sentence.cited)
            yield TextPart("text", sentence.end)
        else:
            yield TextPart("text", render_sentence(sentence, block.language))


def excerpt_lines(excerpt: Excerpt) -> Iterator[LineGroup]:
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


def table_rows(table: TableRows) -> list[DisplayRow]:
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


def table_lines(table: TableRows) -> Chart | None:
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


def _group_lines(lines: Sequence[list[TextPart]]) -> Iterator[LineGroup]:
    filled = [line for line in lines if line]
    for is_list, group in groupby(filled, lambda line: bool(BULLET.match(line[0].value))):
        if is_list:
            yield LineGroup(
                "list", [[TextPart(line[0].kind, BULLET.sub("", line[0].value)), *line[1:]] for line in group]
            )
        else:
            yield from (LineGroup("text", [line]) for line in group)


def _column_bars(table: TableRows) -> dict[tuple[int, int], Bar | None]:
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


def _read_block(table: TableRows) -> Table | None:
    """Return rows of an answer as a table; the id of a row's passage is its place."""
    rows = [
        Passage(
            str(at),
            "",
            "row",
            (render_source_line(table.source_line, "ja"),),
            "",
            (),
            cells=tuple(map(TableCell, table.columns, row)),
        )
        for at, row in enumerate(table.rows)
    ]
    return read_table(rows)


def _row_goals(table: TableRows) -> dict[int, Goal]:
    """Return what came of the rows' targets, by their places; of rows with several targets none."""
    labelled = _read_block(table)
    found = find_goals(labelled, today()) if labelled else ()
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
