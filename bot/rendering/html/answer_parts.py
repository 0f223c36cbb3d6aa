"""Splits an answer into lines, lists, table rows and citation marks for templates."""

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Literal, NamedTuple

from markupsafe import Markup, escape

from bot.rendering.answer_text import (
    parse_statements,
    render_questions,
    render_sentence,
    render_source_line,
    separate_messages,
    unconfirmed_remark,
)
from bot.rendering.html.chart_geometry import Bar, LineChart, make_bar, make_line_chart
from bot.rendering.html.display_preferences import DisplayPreferences
from bot.state import (
    Answer,
    AskedQuestions,
    Excerpt,
    Paragraph,
    Part,
    ServiceMessage,
    Statement,
    Status,
    TableRows,
)
from bot.state.citation_marks import escape_marks
from bot.tables.target import Goal
from ingest.documents import Cell as TableCell
from ingest.documents import Passage
from ingest.japanese import dates, nfkc, quantities
from ingest.tables.cell_values import Value
from ingest.tables.table import Table
from ingest.tables.table_reading import label_rows

BULLET = re.compile(r"^\s*[・•\-]\s*")


class TextPart(NamedTuple):
    """Text, the best part of an excerpt, the number of a citation, or the remark on an unconfirmed sentence."""

    kind: Literal["text", "best", "mark", "unconfirmed"]
    value: str


class LineGroup(NamedTuple):
    """A paragraph of one line, or a list with one line for each item."""

    kind: Literal["text", "list"]
    lines: list[list[TextPart]]


class DisplayCell(NamedTuple):
    """A cell of a table; `bar` compares its figure with others of its unit."""

    text: str
    is_figure: bool
    bar: Bar | None = None


class DisplayRow(NamedTuple):
    """A row of a table: its label, its cells, and the number of its citation."""

    label: str
    cells: list[DisplayCell]
    n: int | None


def source_line(part: Excerpt | TableRows, language: str, preferences: DisplayPreferences) -> Markup:
    """Return the source line of a part as HTML, in the language of the answer or that of a foreign reader."""
    if preferences.is_japanese:
        return escape(render_source_line(part.source_line, language))

    def tag_name(name: str) -> str:
        return f'<span lang="ja">{escape(name)}</span>'

    # The messages contain no HTML, and the names are escaped.
    return Markup(render_source_line(part.source_line, preferences.language, tag_name))  # noqa: S704


def source_text(part: Part, language: str, preferences: DisplayPreferences) -> str:
    """Return the source line of a part as plain text, "" for a part without one."""
    chosen = language if preferences.is_japanese else preferences.language
    return render_source_line(part.source_line, chosen) if isinstance(part, Excerpt | TableRows) else ""


def without_uncertainty_remark(answer: Answer) -> tuple[Part, ...]:
    """Return an answer's parts without the remark that it is unsure, which the page shows as its status."""
    first, *others = answer.content.parts or (Paragraph(()),)
    is_remark = answer.status is Status.PARTIAL and first == Paragraph((ServiceMessage("unsure"),))
    return tuple(others) if is_remark and others else answer.content.parts


def plain_lines(text: str) -> Iterator[LineGroup]:
    """Split a text without citation marks into lines; blank lines are left out."""
    return _group_lines([[TextPart("text", line)] for line in text.splitlines() if line.strip()])


def text_lines(written: Part | Statement | str, language: str, numbers: Collection[int]) -> Iterator[LineGroup]:
    """Split text into lines; blank lines are left out, and marks that are not in `numbers` are text.

    The text of an answer that is still being written has no parts yet.
    """
    if isinstance(written, str | Statement):
        written = Paragraph(parse_statements(written) if isinstance(written, str) else (written,))
    lines: list[list[TextPart]] = [[]]
    for part in _text_parts(written, language):
        if part.kind == "unconfirmed" or (part.kind == "mark" and int(part.value) in numbers):
            lines[-1].append(part)
            continue
        first, *others = (f"[{part.value}]" if part.kind == "mark" else part.value).split("\n")
        _append_text(lines[-1], first)
        for text in others:
            lines.append([])
            _append_text(lines[-1], text)
    return _group_lines([line for line in lines if any(part.kind == "mark" or part.value.strip() for part in line)])


def _append_text(line: list[TextPart], text: str) -> None:
    if line and line[-1].kind == "text":
        text = line.pop().value + text
    if text:
        line.append(TextPart("text", text))


def _text_parts(part: Part, language: str) -> Iterator[TextPart]:
    if isinstance(part, AskedQuestions):
        yield TextPart("text", render_questions(part, language))
    for sentence in separate_messages(part, language) if isinstance(part, Paragraph) else ():
        if isinstance(sentence, Statement):
            yield TextPart("text", escape_marks(sentence.text))
            yield from (TextPart("mark", str(n)) for n in sentence.cited)
            if remark := unconfirmed_remark(sentence, language):
                yield TextPart("unconfirmed", remark)
            yield TextPart("text", sentence.end)
        else:
            yield TextPart("text", render_sentence(sentence, language))


def excerpt_lines(excerpt: Excerpt) -> Iterator[LineGroup]:
    """Split an excerpt into the lines of its document, with its best part highlighted."""
    start, end = excerpt.highlight
    if not excerpt.text[:start].strip() and not excerpt.text[end:].strip():  # a highlight of all would say nothing
        start = end = 0
    parts = (
        TextPart("text", excerpt.text[:start]),
        TextPart("best", excerpt.text[start:end]),
        TextPart("text", excerpt.text[end:]),
    )
    lines: list[list[TextPart]] = [[]]
    for part in parts:
        for i, text in enumerate(re.split(r"\r\n|[\r\n\f\v]", part.value)):
            if i:
                lines.append([])
            if text.strip():
                lines[-1].append(TextPart(part.kind, text))
    return _group_lines(lines)


def table_rows(table: TableRows) -> list[DisplayRow]:
    """Return the rows of a table, with bars if it is a bar chart and a column has figures of one unit."""
    bars = _column_bars(table) if table.chart == "bar" else {}
    numbers: Sequence[int | None] = table.cited if len(table.cited) == len(table.rows) else [None] * len(table.rows)
    rows = []
    for i, ((label, *texts), n) in enumerate(zip(table.rows, numbers, strict=True)):
        cells = [
            DisplayCell(text, _parse_figure(text) is not None, bars.get((i, column)))
            for column, text in enumerate(texts)
        ]
        rows.append(DisplayRow(label, cells, n))
    return rows


def goal_bar(goal: Goal) -> Bar | None:
    """Return the bar of a result with the mark of its target; None where the two have no common scale."""
    if goal.figures is None:
        return None
    target, result = (value.number for value in goal.figures)
    return make_bar(result, max(result, target), target)


def table_chart(table: TableRows) -> LineChart | None:
    """Return the line chart of a table over years, with a line for each row or column; None for another table."""
    typed_table = _read_block(table) if table.chart == "line" else None
    if typed_table is None:
        return None
    if all(column.times for column in typed_table.columns):
        times = [column.times[0] for column in typed_table.columns]
        series = [(row.label, [_number(row.value(c)) for c in typed_table.columns]) for row in typed_table.items]
    else:
        times = [mention for row in typed_table.rows for mention in dates(row.label)[:1]]
        series = [(c.name, [_number(row.value(c)) for row in typed_table.rows]) for c in typed_table.measured]
    if any(len(figures) != len(times) for _, figures in series):
        return None
    points = [
        (mention.first, f"{mention.first.year}年度" if mention.granularity == "fiscal_year" else mention.key)
        for mention in times
    ]
    return make_line_chart(points, series, table.unit or "")


def compared_documents(answer: Answer) -> tuple[str, str] | None:
    """Return the ids of a superseded document that an answer cites and of its successor; None without one."""
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
    figures: dict[tuple[int, int], tuple[Decimal, str]] = {}
    for column in range(len(table.columns) - 1):
        parsed = [_parse_figure(row[column + 1]) for row in table.rows]
        units = {figure[1] for figure in parsed if figure}
        if len(table.rows) > 1 and None not in parsed and len(units) == 1:
            figures |= {(row, column): figure for row, figure in enumerate(parsed) if figure}
    maximum: dict[str, Decimal] = {}
    for value, unit in figures.values():
        maximum[unit] = max(value, maximum.get(unit, Decimal()))
    return {position: make_bar(value, maximum[unit]) for position, (value, unit) in figures.items()}


def _read_block(table: TableRows) -> Table | None:
    path = (render_source_line(table.source_line, "ja"),)
    rows = [
        Passage(str(i), "", "row", path, "", (), cells=tuple(map(TableCell, table.columns, row)))
        for i, row in enumerate(table.rows)
    ]
    return label_rows(rows)


def _number(value: Value | None) -> Decimal | None:
    return value.number if value else None


def _parse_figure(cell: str) -> tuple[Decimal, str] | None:
    text = nfkc(cell).strip()
    return next(((q.value, q.unit) for q in quantities(text) if (q.start, q.end) == (0, len(text))), None)


def reinterpreted_question(question: str, answer: Answer) -> str | None:
    """Return the question as it was understood, where that is not the typed one or a part of it; else None.

    Several questions are each shown above their answers.
    """
    understood = answer.question_understood
    return None if answer.questions or _comparison_key(understood) in _comparison_key(question) else understood


def _comparison_key(question: str) -> str:
    """Return the letters and digits of a question, because punctuation and width do not change its meaning."""
    return re.sub(r"[\W_]+", "", nfkc(question)).casefold()
