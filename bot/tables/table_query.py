"""A query bound to a table: the rows it names and the columns it asks for."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import product
from typing import TypeVar

from bot.question.answer_type import COLUMN_HEADS
from bot.question.operation import Operation, Operator
from bot.question.query import AnswerType, Query
from bot.tables.target import Goal, GoalVerdict, find_goals
from ingest.chunking.cell_values import TIME, Value, strip_unit
from ingest.chunking.column_roles import Role
from ingest.chunking.table import Column, Row, Table
from ingest.japanese import dates, nfkc
from ingest.japanese.effective_times import EffectiveTime, effective_times, find_in_force, reference_date
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.month_spans import MONTH_SPAN, find_month_span
from ingest.japanese.tokenise import morphemes, words

_Named = TypeVar("_Named", Row, Column)
FIGURE_NOUNS = frozenset(load_lexicon("listed_things")["figures"])
"""Nouns of figures, which a column head may leave out: 座席 for 座席数."""
# A row is named where its label has this weighted share of the question's subject (decision 026).
_MIN_SUBJECT_SHARE = 0.2
# Scores of a matching column role and kind of value, added to the term weights of the head.
_ROLE_SCORE, _KIND_SCORE = 1.0, 0.7
_MONTH = re.compile(r"(?<!\d)(\d{1,2})月(?:分|中)?$")
# Each of these roles may replace another that no column has.
_OBSERVED_ROLES = (Role.RESULT, Role.CURRENT, Role.BASE)


@lru_cache(maxsize=8192)
def terms(text: str) -> frozenset[str]:
    """Return the index terms of a label, head or cell."""
    return frozenset(words(text))


@dataclass(frozen=True)
class TableQuery:
    """A query bound to a table."""

    query: Query
    table: Table

    @property
    def operation(self) -> Operation:
        """The table operation; SELECT without one."""
        return self.query.operation or Operation(Operator.SELECT)

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The terms of the question with their weights."""
        return self.query.term_weights

    @cached_property
    def named_row(self) -> Row | None:
        """The only row that the question names; None for none or several."""
        return self.named_rows[0] if len(self.named_rows) == 1 else None

    @cached_property
    def typed_terms(self) -> frozenset[str]:
        """The terms that a follow-up names itself."""
        return self.query.typed_terms

    @cached_property
    def optional_terms(self) -> frozenset[str]:
        """The terms that an answer need not contain."""
        return self.query.optional_terms

    @cached_property
    def has_typed_rows(self) -> bool:
        """Whether a follow-up names rows itself."""
        return any(terms(row.label) & self.typed_terms for row in self.named_rows)

    @property
    def selected_rows(self) -> tuple[Row, ...]:
        """The rows that the operation runs over, where the question selects several; empty for all."""
        named, items = self.named_rows if len(self.named_rows) > 1 else (), self.table.items
        if span := self._row_span or self.month_rows:
            return span
        if named and self.operation.is_period:  # the named rows are the ends of a range
            named = items[items.index(named[0]) : items.index(named[-1]) + 1]
        return self.rows_by_cell[1] or named

    @cached_property
    def _row_span(self) -> tuple[Row, ...]:
        """The rows from one that the question names to another: 4月から6月まで; empty for none."""
        items, text = self.table.items, nfkc(self.query.topic)
        labels = {nfkc(row.label): i for i, row in enumerate(items)}
        for start, first in labels.items():
            for match in re.finditer(rf"(?<!\d){re.escape(start)}\s?(?:分)?(?:から|~|-|より)", text) if start else ():
                ends = [i for end, i in labels.items() if end and text.startswith(end, match.end()) and i > first]
                if ends:
                    return items[first : ends[0] + 1]
        return ()

    @cached_property
    def month_rows(self) -> tuple[Row, ...]:
        """The rows of the months that the question spans (第1四半期); empty unless there is one of each."""
        return self._of_months({row: nfkc(row.label) for row in self.table.items})

    @cached_property
    def month_columns(self) -> tuple[Column, ...]:
        """The columns of the months that the question spans; empty unless there is one of each."""
        return self._of_months({column: nfkc(column.head) for column in self.table.columns if not column.roles})

    def _of_months(self, names: Mapping[_Named, str]) -> tuple[_Named, ...]:
        written = MONTH_SPAN.search(self.query.topic)
        if written is None or any(written[0] in name for name in names.values()):
            return ()  # the table has the span itself
        found = [
            [one for one, name in names.items() if (match := _MONTH.search(name)) and int(match[1]) == month]
            for month in find_month_span(self.query.topic)
        ]
        return tuple(ones[0] for ones in found) if all(len(ones) == 1 for ones in found) else ()

    @cached_property
    def compared_rows(self) -> tuple[Row, ...]:
        """The two rows that the question compares: those that it names, or the named one and the one before."""
        items, row = self.table.items, self.named_row
        if row and self.operation.is_to_previous and row in items and not self._has_time_columns:
            at = items.index(row)
            return items[at - 1 : at + 1] if at else ()
        dated = self._dated_rows
        return dated if len(dated) > 1 else self.named_rows

    @property
    def _has_time_columns(self) -> bool:
        return sum(bool(column.times) or column.is_month for column in self.table.columns) > 1

    @cached_property
    def _dated_rows(self) -> tuple[Row, ...]:
        """The named rows whose cell with a time is one of the question's dates; empty where rows have no such cell."""
        found = list[Row]()
        for column in self.table.columns:
            for row in self.named_rows or self.table.items:
                times = dates(row.text(column)) if row.value(column) and self.table.unit(column) == TIME else []
                if any(time.covers(date) or date.covers(time) for time in times for date in self.query.dates):
                    found.append(row)
        return tuple(dict.fromkeys(found))

    @cached_property
    def measured_in_force(self) -> tuple[Column, ...]:
        """The measured columns without those of a time that is over or to come on the day that is asked for."""
        return tuple(column for column in self.table.measured if column not in self.not_in_force)

    @cached_property
    def timed_columns(self) -> Mapping[Column, EffectiveTime]:
        """The columns that hold from or until some time, if there are several: 9月まで, 10月から."""
        reference = reference_date(self.table.path, self.query.scope.as_of)
        timed = dict[Column, EffectiveTime]()
        for column in self.table.columns:
            times = effective_times(nfkc(column.name), reference)
            if len(times) == 1:
                timed[column] = times[0]
        return timed if len(timed) > 1 else {}

    @cached_property
    def not_in_force(self) -> frozenset[Column]:
        """The columns of times that do not contain the day asked for; empty where the question names the time."""
        day = self.query.dates[0].first if self.query.dates else self.query.scope.as_of
        names_time = any(nfkc(column.name) in self.query.text for column in self.timed_columns)
        if not self.timed_columns or names_time or self.operation.compares:
            return frozenset()
        at = self.column_on(day)
        return frozenset(self.timed_columns) - {at} if at else frozenset()

    def column_on(self, day: date) -> Column | None:
        """Return the column of a time that contains the day; None where none does or it is unknown."""
        changed = reference_date([self.table.lead, *self.table.path], date.max)
        at = find_in_force([*self.timed_columns.values()], day, None if changed == date.max else changed)
        return None if at is None else [*self.timed_columns][at]

    @cached_property
    def rows_by_cell(self) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
        """The column and rows whose complete cell is in the question; figures and times are ignored."""
        for column in self.table.columns:
            if column in self.table.measured or column.times:
                continue
            cells = [(row, terms(row.text(column))) for row in self.table.items]
            matching = tuple(row for row, cell_terms in cells if cell_terms and cell_terms <= self.weights.keys())
            if 0 < len(matching) < len(self.table.items):
                return (column,), matching
        return (), ()

    @cached_property
    def named_rows(self) -> tuple[Row, ...]:
        """The rows that the question names, in table order.

        A label must have enough of the question's subject, or have all its words in the question. A word of several
        labels counts less, and one of all labels does not count. Rows that a follow-up typed take precedence.
        """
        items = self.table.items
        labels = {row: terms(row.label) for row in items}
        label_counts = Counter(term for label in labels.values() for term in label)
        subject = self._subject_terms()
        min_weight = _MIN_SUBJECT_SHARE * sum(self.weights[term] for term in subject)
        distinctive = {term for term in subject | self.query.date_terms if label_counts[term] < max(len(items), 2)}
        named = list[Row]()
        for row in items:
            if self._shares_only_a_number(labels[row], distinctive):
                continue
            weight = sum(self.weights.get(term, 0.0) / label_counts[term] for term in distinctive & labels[row])
            if weight > 0 and (weight >= min_weight or self._has_complete_label(row)):
                named.append(row)
        typed = [row for row in named if labels[row] & self.typed_terms]
        if typed and not self.operation.compares:
            named = typed
        elif self.query.carried_over_terms and self.operation.selects_rows:
            named = []  # the follow-up asks which row, so that those of the previous question are not meant
        written = self._written_rows()
        if {*named} < {*written}:  # words of a label may be ones of the operation or of a heading: 3歳以上
            named = [row for row in items if row in written]
        return tuple(row for row in named if not any(self._is_better_match(other, row) for other in named))

    def _shares_only_a_number(self, label: AbstractSet[str], distinctive: AbstractSet[str]) -> bool:
        """Whether a number of the question (二つの) is all that it shares with a label that has other words, too."""
        shared, missing = label & distinctive, label - self.weights.keys()
        return bool(shared) and all(term.isdigit() for term in shared) and any(not term.isdigit() for term in missing)

    def _written_rows(self) -> list[Row]:
        """Return the rows whose label is written in the question, unless it is a word of the table's own headings."""
        heads = nfkc("\n".join((*self.table.path, self.table.lead, *(column.name for column in self.table.columns))))
        labels = {row: strip_unit(nfkc(row.label)) for row in self.table.items}
        return [
            row for row, label in labels.items() if len(label) > 1 and label in self.query.topic and label not in heads
        ]

    def _subject_terms(self) -> AbstractSet[str]:
        """Return the terms of a follow-up, else of the question, without those of headings and of the operation."""
        heads = (*self.table.rows[0].passage.path, self.table.label, *(column.name for column in self.table.columns))
        head_terms = {term for term in terms(nfkc("\n".join(heads))) if not term.isdigit()}
        own = frozenset() if self.operation.compares else self.typed_terms - head_terms
        return own or (self.weights.keys() - self.optional_terms - head_terms) or self.typed_terms

    def _has_complete_label(self, row: Row) -> bool:
        return terms(strip_unit(row.label)) <= self.weights.keys()

    def _is_better_match(self, other: Row, row: Row) -> bool:
        """Whether the question means `other` and not `row`, because it matches more of the label of `other`.

        Not where the question has the complete label of `row` outside of the label of `other`.
        """
        matched, other_matched = terms(row.label) & self.weights.keys(), terms(other.label) & self.weights.keys()
        if row is other or not matched <= other_matched:
            return False
        is_named_too = nfkc(row.label) in self.query.text.replace(nfkc(other.label), "")
        if is_named_too:
            return False
        return matched < other_matched or (self._has_complete_label(other) and not self._has_complete_label(row))

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """The comparable targets of rows, in the columns that the question means."""
        column_pairs = {*product(self.columns_of_role(Role.TARGET), self.columns_of_role(Role.RESULT))}
        all_goals = find_goals(self.table, self.query.scope.as_of)
        incomparable = {GoalVerdict.NO_RESULT, GoalVerdict.INCOMPARABLE}
        return tuple(goal for goal in all_goals if goal.verdict not in incomparable and goal.columns in column_pairs)

    @cached_property
    def columns_of_named_roles(self) -> tuple[Column, ...]:
        """The columns of the roles that the question names."""
        roles = (role for role in Role if role in self.operation.roles)
        return tuple(dict.fromkeys(column for role in roles for column in self.columns_of_role(role)))

    @cached_property
    def named_columns(self) -> tuple[Column, ...]:
        """The columns that the question names: by all words of their heads, or by their roles."""
        heads = ((column, terms(column.head)) for column in self.table.columns)
        by_head = (column for column, head in heads if head and head <= self.weights.keys())
        return tuple(dict.fromkeys((*by_head, *self.columns_of_named_roles)))

    def best_columns(self, rows: Sequence[Row], candidates: Iterable[Column] = ()) -> tuple[Column, ...]:
        """Return the columns with the best score for the question, several where they tie."""
        answering = (column for column in candidates or self.table.columns if self.can_answer(column, rows))
        scores = {column: self.score(column, rows) for column in answering}
        best = max(scores.values(), default=0.0)
        return tuple(column for column, score in scores.items() if score == best) if best > 0 else ()

    def score(self, column: Column, rows: Sequence[Row]) -> float:
        """Return how well a column matches the question."""
        word_score = sum(self.weights.get(term, 0.0) for term in terms(column.name))
        has_role = column in self.columns_of_named_roles or (
            column.is_total and self.operation.operator is Operator.SUM
        )
        return word_score + _ROLE_SCORE * has_role + _KIND_SCORE * self._is_kind(column, rows)

    def columns_of_role(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of a role, or of its replacement; the last one unless a date selects some."""
        for candidate in (role, *(_OBSERVED_ROLES if role in _OBSERVED_ROLES else ())):
            if columns := self.table.columns_of_role(candidate):
                dated = [column for column in columns if self.is_dated(column)]
                return tuple(dated) or columns[-1:]
        return ()

    def is_dated(self, column: Column) -> bool:
        """Whether a column is for a time that the question names."""
        return any(time.covers(date) or date.covers(time) for time in column.times for date in self.query.dates)

    def _is_kind(self, column: Column, rows: Sequence[Row]) -> bool:
        """Whether a column has only values of the expected kind."""
        units = {value.unit for row in rows for value in row.values(column)[:1]}
        heads = COLUMN_HEADS.get(self.query.answer_type, ())
        return units == {self.query.expected_unit} != {""} or any(head in column.name for head in heads)

    def can_answer(self, column: Column, rows: Sequence[Row]) -> bool:
        """Whether the cells of a column have the expected kind, unit and time."""
        if column in self.not_in_force:
            return False
        is_other_time = column.times and self.query.dates and not self.is_dated(column) and not self.timed_columns
        if is_other_time or not all(row.text(column) for row in rows):
            return False
        units_of_rows = [{value.unit for value in row.values(column)} for row in rows]
        answer_type = self.query.answer_type
        if answer_type in COLUMN_HEADS and self.operation.operator is Operator.SELECT:
            has_times = answer_type is AnswerType.DATE and all(units == {TIME} for units in units_of_rows)
            return has_times or any(head in column.name for head in COLUMN_HEADS[answer_type])
        return not self.query.expected_unit or all(map(self._has_unit, units_of_rows))

    def value(self, row: Row, column: Column) -> Value | None:
        """Return the figure of a cell in the expected unit, else its first figure."""
        fitting = (value for value in row.values(column) if self.query.expected_unit and self._has_unit([value.unit]))
        return next(fitting, None) or row.value(column)

    def _has_unit(self, units: Iterable[str]) -> bool:
        """Whether one of `units` is compatible with the expected unit."""
        expected = self.query.expected_unit
        return any(unit and (expected in unit or unit in expected) for unit in units if unit != TIME)

    def coverage(self, rows: Sequence[Row], columns: Sequence[Column]) -> float:
        """Return the share of the question (0 to 1, by weight) that these cells and their headings contain.

        Optional terms count only where they are covered. The share is 0 where a proper name or date of the question is
        not covered, or no term that a follow-up typed is.
        """
        headings = set[str].intersection(*({*row.passage.path} for row in self.table.rows))
        texts = [*headings, self.table.lead, self.table.label, *(column.name for column in columns)]
        texts += [text for row in rows for text in (row.group, row.label, *row.cells.values(), *row.notes)]
        covered = frozenset[str]().union(*(terms(nfkc(text)) for text in texts)) | self._covered_as_written(texts)
        optional = self.optional_terms | self._replaced_terms(rows) | FIGURE_NOUNS | _suffixes(self.query.topic)
        typed = self.typed_terms
        content = {term: weight for term, weight in self.weights.items() if term in covered or term not in optional}
        covered_dates = dates(nfkc(" ".join(texts)))
        lacks_date = any(
            not any(covered_date.overlaps(date) for covered_date in covered_dates) for date in self.query.dates
        )
        lacks_name = any(map(_is_name, content.keys() - covered))
        if lacks_date or lacks_name or (typed and not typed & covered):
            return 0.0
        total = sum(content.values())
        return sum(weight for term, weight in content.items() if term in covered) / total if total else 0.0

    def _covered_as_written(self, texts: Sequence[str]) -> frozenset[str]:
        """Return the terms of the question whose words are in the texts as they are written: 月 in 年月."""
        return covered_as_written(self.query.topic, "\n".join(map(nfkc, texts)))

    def _replaced_terms(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return the terms of rows in the previous question, where a follow-up names other rows or asks which."""
        selects_rows, has_typed_rows = self.operation.selects_rows, self.has_typed_rows
        others = (terms(row.label) for row in self.table.rows if selects_rows or (has_typed_rows and row not in rows))
        return self.query.carried_over_terms & frozenset[str]().union(*others)


def covered_as_written(question: str, text: str) -> frozenset[str]:
    """Return the index terms of a question whose words a text has as they are written, also inside other words."""
    return frozenset(m.normal.lower() for m in morphemes(question) if m.is_content and m.surface in text)


@lru_cache(maxsize=256)
def _suffixes(question: str) -> frozenset[str]:
    """Return the index terms of a question that only qualify the noun before: 児 of 5歳児."""
    return frozenset(m.normal.lower() for m in morphemes(question) if m.pos[0] == "接尾辞")


@lru_cache(maxsize=4096)
def _is_name(term: str) -> bool:
    return any("固有名詞" in m.pos for m in morphemes(term))
