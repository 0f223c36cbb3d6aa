"""Rewrites follow-ups about the table or list of the last answer: 2番目は, 4月と比べると, 合計は, 8月は."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from bot.question.operation import Operator
from bot.question.operation_parser import parse_operation
from bot.question.table_wordings import (
    VERBS_OF_CHANGE,
    ask_aggregate,
    ask_cell,
    ask_change,
    ask_difference,
    ask_difference_of_columns,
    ask_ranking,
)
from bot.state import Exchange, TableRows
from ingest.chunking.table import Column, Row, Table
from ingest.japanese import nfkc, parse_number
from ingest.japanese.comparisons import GREATER, OLDER, POSITION, SMALLER, SUPERLATIVE_ADVERB

FindTables = Callable[[Collection[str]], Sequence[Table]]
# The end of a short question after what it names.
_TAIL = (
    r"(?:の?(?:場合|とき|時|ほう|方|分|もの|やつ|ところ))?(?:は|だと|では|なら|って|も|で)?、?"
    r"(?:どう|いくら|いくつ|何[^\s、。?]{0,4}?|どれくらい|どのくらい|どこ|どれ)?"
    r"(?:です|でした|だった|でしょう|なの|になり|なり|に?なる)?(?:ます|ました)?(?:の|ん)?(?:です)?か?[ね。?!]*"
)
_BEFORE_TAIL = re.compile(rf"(?P<name>.+?){_TAIL}")
_ADJECTIVE = rf"(?:{GREATER}|{SMALLER}|新し|{OLDER}|遅)(?:い|かった)"
_THINGS = r"(?:の|[^\s、。?はが]{1,6})?"
_SUPERLATIVE = re.compile(
    rf"(?:(?:{SUPERLATIVE_ADVERB}|{POSITION}番目に)\s?{_ADJECTIVE}|最(?:多|少|大|小|高|低|長|短))"
)
_ASKS_POSITION = re.compile(
    rf"(?P<position>{POSITION})(?:番目|番手|位)(?:に)?(?P<adjective>{_ADJECTIVE})?{_THINGS}{_TAIL}"
)
_ASKS_SUM = re.compile(
    rf"(?:全部|全体|合計|総計|総数|トータル|合わせ(?:る|た)?)(?:で|と|すると|したら|の[^\s、。?はが]{{1,8}})?{_TAIL}"
)
_ASKS_AVERAGE = re.compile(rf"(?:{POSITION}(?:年度?|[かヶ]年|[かヶ]?月)間?の)?平均(?:値|すると|したら|だと)?{_TAIL}")
_COMPARES = re.compile(
    r"""
    (?P<other>[^、。?]+?)
    (?: (?:と|に|とも)(?:比べ|くらべ|比較)[^。?]*
      | (?:の(?:分|とき))?より(?:は|も)?(?:どれ|何|いくら|多|増|少|減|高|安|どの)[^。?]*
      | と(?:の|は)?(?:差|違い|ちがい)[^。?]*
    )
    [。?!]*
    """,
    re.VERBOSE,
)
_YEARS_BEFORE = re.compile(rf"(?P<years>{POSITION})年(?:度)?前|一昨年度?|おととし")
_CHANGE = re.compile("|".join(VERBS_OF_CHANGE))


@dataclass(frozen=True, slots=True)
class _TableSubject:
    """What the last answer was about.

    Attributes:
        question: the last question.
        table: the table of the answer.
        rows: the rows of the result, or those that the question names.
        columns: the columns that the answer used, or that the question names.
        operator: the operation of the answer, "" for none.
    """

    question: str
    table: Table
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    operator: str

    @property
    def row(self) -> Row | None:
        return self.rows[0] if self.rows else None

    @property
    def measure(self) -> str:
        name = self.columns[0].head if len(self.columns) == 1 else ""
        return "" if name.startswith("値") else name

    @property
    def is_ranking(self) -> bool:
        return self.operator in {Operator.MOST, Operator.LEAST}

    @property
    def names_several_rows(self) -> bool:
        if self.is_ranking:
            return False
        labels = [nfkc(row.label) for row in self.rows]
        longest = [label for label in labels if not any(label != other and label in other for other in labels)]
        return sum(_is_in(label, self.question) for label in longest) > 1

    def find_row(self, name: str) -> Row | None:
        return next((row for row in self.table.items if nfkc(row.label) == name), None)

    def find_column(self, name: str) -> Column | None:
        columns = self.table.columns
        exact = [column for column in columns if name in {nfkc(column.name), nfkc(column.head)}]
        if exact:
            return exact[0]
        containing = [column for column in columns if len(name) > 1 and name in nfkc(column.name)]
        return containing[0] if len(containing) == 1 else None

    def question_for_row(self, row: Row) -> str:
        if self.row and nfkc(self.row.label) in self.question and not self.is_ranking:
            return self.question.replace(nfkc(self.row.label), nfkc(row.label))
        return ask_cell(row.label, self.measure)

    def question_for_superlative(self, superlative: str, measure: str = "") -> str | None:
        if not measure and _SUPERLATIVE.search(self.question):
            return _SUPERLATIVE.sub(superlative, self.question, count=1)
        measure = measure or self.measure
        return ask_ranking(measure, superlative, self.table.label or "もの") if measure else None


class TableFollowUps:
    """Rewrites a follow-up about the table or list of the last answer; `find_tables` returns those of passage ids."""

    def __init__(self, find_tables: FindTables) -> None:
        self._find_tables = find_tables

    def __call__(self, text: str, previous: Exchange) -> str | None:
        """Return the question that `text` means after `previous`; None if it asks nothing of that table."""
        text = text.strip()
        subject = self._find_subject(previous)
        if subject is None or not text:
            return None
        rewriters = (_ask_ranking, _ask_aggregate, _ask_comparison, _ask_row_or_column)
        return next(filter(None, (rewrite(text, subject) for rewrite in rewriters)), None)

    def _find_subject(self, previous: Exchange) -> _TableSubject | None:
        part = next((part for part in reversed(previous.parts) if isinstance(part, TableRows)), None)
        shown_labels = [nfkc(cell) for row in part.rows for cell in row[:2]] if part else []
        tables = self._find_tables(previous.passages)
        table = max(tables, key=lambda table: sum(nfkc(row.label) in shown_labels for row in table.rows), default=None)
        if table is None:
            return None
        question = nfkc(previous.understood)
        operator = part.operator if part else ""
        answered_rows = [row for label in shown_labels for row in table.items if nfkc(row.label) == label]
        named_rows = sorted((row for row in table.items if _is_in(row.label, question)), key=_negative_label_length)
        is_ranking = operator in {Operator.MOST, Operator.LEAST}
        rows = answered_rows or named_rows if is_ranking else named_rows or answered_rows
        columns = _find_columns(table, part, question)
        return _TableSubject(question=question, table=table, rows=tuple(rows), columns=columns, operator=operator)


def _negative_label_length(row: Row) -> int:
    return -len(row.label)


def _find_columns(table: Table, part: TableRows | None, question: str) -> tuple[Column, ...]:
    if used := [column for column in table.columns if part and column.name in part.used]:
        return tuple(used)
    if named := [column for column in table.columns if _is_in(column.head, question)]:
        return tuple(named)
    return tuple(table.measured) if len(table.measured) == 1 else ()


def _is_in(name: str, text: str) -> bool:
    return bool(name) and re.search(rf"(?<!\d){re.escape(nfkc(name))}", text) is not None


def _ask_ranking(text: str, subject: _TableSubject) -> str | None:
    match = _ASKS_POSITION.fullmatch(text)
    if match is None or not (subject.is_ranking or match["adjective"]):
        return None
    operation = parse_operation(subject.question)
    adjective = operation.adjective if operation and subject.is_ranking else "多い"
    position = int(parse_number(match["position"]))
    return subject.question_for_superlative(f"{position}番目に{match['adjective'] or adjective}")


def _ask_aggregate(text: str, subject: _TableSubject) -> str | None:
    table = subject.table
    row = subject.row.label if subject.row else ""
    if _ASKS_SUM.fullmatch(text):
        operator = Operator.SUM
    elif _ASKS_AVERAGE.fullmatch(text):
        operator = Operator.AVERAGE
    else:
        return None
    is_over_times = sum(bool(column.times) or column.is_month for column in table.columns) > 1
    measured = row if row and is_over_times and not subject.is_ranking else subject.measure
    if not measured:
        return ask_aggregate(operator, table.section)
    return ask_aggregate(operator, measured, section=table.section if table.is_list else "")


def _ask_comparison(text: str, subject: _TableSubject) -> str | None:
    match = _COMPARES.fullmatch(text)
    row = subject.row
    if match is None or row is None or subject.names_several_rows:
        return None
    other = match["other"].strip().removesuffix("分").removesuffix("の")
    if years := _YEARS_BEFORE.fullmatch(other):
        number_of_years = int(parse_number(years["years"])) if years["years"] else 2
        if change := _ask_change(text, subject, number_of_years):
            return change
    other_row = subject.find_row(other)
    if other_row and other_row is not row:
        return ask_difference(row.label, other_row.label, subject.measure)
    if column := subject.find_column(other):
        return ask_difference_of_columns(row.label, subject.measure, column.name)
    return None


def _ask_change(text: str, subject: _TableSubject, years: int) -> str | None:
    """Return the question for the change since the column that many years before the one of the last answer."""
    dated = [column for column in subject.table.columns if column.times]
    later = next((column for column in dated if column in subject.columns), None)
    value = subject.row.value(later) if subject.row and later else None
    if later is None or subject.row is None or value is None:
        return None
    month = later.times[0].first
    month = month.replace(year=month.year - years, day=1)
    earlier = next((column for column in dated if column.times[0].first.replace(day=1) == month), None)
    if earlier is None:
        return None
    change = _CHANGE.search(text)
    verb = VERBS_OF_CHANGE[change[0]] if change else ""
    return ask_change(subject.row.label, (earlier.name, later.name), value.unit, verb)


def _ask_row_or_column(text: str, subject: _TableSubject) -> str | None:
    match = _BEFORE_TAIL.fullmatch(text)
    name = match["name"] if match else text
    if row := subject.find_row(name):
        return subject.question_for_row(row)
    column = subject.find_column(name)
    if column is None:
        return None
    if subject.is_ranking and not (column.times or column.is_month):
        superlative = _SUPERLATIVE.search(subject.question)
        return subject.question_for_superlative(superlative[0] if superlative else "一番多い", column.head)
    return ask_cell(subject.row.label, name) if subject.row else None
