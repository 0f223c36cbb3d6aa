"""A query bound to a table: the rows it names and the columns it asks for."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product

from bot.question.answer_type import COLUMN_HEADS
from bot.question.operation import Operation, Operator
from bot.question.query import AnswerType, Query
from bot.tables.target import Goal, Verdict, goals
from ingest.chunking.column_roles import Role
from ingest.chunking.table import TIME, Column, Row, Table, Value
from ingest.japanese import dates, nfkc
from ingest.japanese.tokenise import morphemes, words

# The weighted share of a question's subject that a label must have to be named (decision 026).
_ABOUT = 0.2
# Score of a matching column role and of a matching kind of value, added to the score of the head's words.
_ROLE, _KIND = 1.0, 0.7
# Each of these roles may replace another that no column has.
_OBSERVED = (Role.RESULT, Role.CURRENT, Role.BASE)


@lru_cache(maxsize=8192)
def terms(text: str) -> frozenset[str]:
    """Return the index terms of a label, a head or a cell."""
    return frozenset(words(text))


@dataclass(frozen=True)
class TableQuery:
    """A question put to a table."""

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
    def row(self) -> Row | None:
        """The only row that the question names; None for none or several."""
        return self.rows[0] if len(self.rows) == 1 else None

    @cached_property
    def typed(self) -> frozenset[str]:
        """The terms that a follow-up names itself."""
        return self.query.typed_terms

    @cached_property
    def free(self) -> frozenset[str]:
        """The terms that an answer need not contain."""
        return self.query.optional_terms

    @cached_property
    def is_naming_rows_itself(self) -> bool:
        """Whether a follow-up names rows itself."""
        return any(terms(row.label) & self.typed for row in self.rows)

    @property
    def several(self) -> tuple[Row, ...]:
        """The rows that the operation runs over, where the question selects several; empty for all."""
        named, items = self.rows if len(self.rows) > 1 else (), self.table.items
        if named and self.operation.is_period:  # the named rows are the ends of a range
            named = items[items.index(named[0]) : items.index(named[-1]) + 1]
        return self.choice[1] or named

    @cached_property
    def choice(self) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
        """The column and rows whose complete cell is in the question; figures and times are ignored."""
        for column in (c for c in self.table.columns if c not in self.table.measured and not c.times):
            cells = [(row, terms(row.text(column))) for row in self.table.items]
            matching = tuple(row for row, cell_terms in cells if cell_terms and cell_terms <= self.weights.keys())
            if 0 < len(matching) < len(self.table.items):
                return (column,), matching
        return (), ()

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows that the question names, in order: whose labels hold enough of what it is about, or are said whole.

        What it is about (`subject`) are its words but for those of heads, captions and asking; of a follow-up those
        that were typed. A word of many labels counts less (`said`), one of all labels nothing. What a follow-up typed
        goes before what it took over (`anew`), which names no row where it asks which. Of two rows one is not meant
        where the other has more of the question's words, or has the same and is said whole; unless both are named.
        """
        items, query, typed = self.table.items, self.query, self.typed
        labels = {row: terms(row.label) for row in items}
        having = Counter(term for label in labels.values() for term in label)
        heads = (*self.table.rows[0].passage.path, self.table.label, *(c.name for c in self.table.columns))
        above = {term for term in terms(nfkc("\n".join(heads))) if not term.isdigit()}
        subject = (typed - above) or (self.weights.keys() - self.free - above) or typed
        least = _ABOUT * sum(self.weights[term] for term in subject)
        telling = {term for term in subject | query.date_terms if having[term] < max(len(items), 2)}
        said = {row: sum(self.weights.get(t, 0.0) / having[t] for t in telling & labels[row]) for row in items}
        held = {row: labels[row] & self.weights.keys() for row in items}
        whole = {row for row in items if held[row] == labels[row]}
        found = [row for row in items if said[row] > 0 and (said[row] >= least or row in whole)]
        anew = [row for row in found if labels[row] & typed]
        named = anew or ([] if query.carried_over_terms and self.operation.selects_rows else found)
        beside = [(row, other) for row in named for other in named if row is not other and held[row] <= held[other]]
        unmeant = {
            row
            for row, other in beside
            if (held[row] < held[other] and nfkc(row.label) not in query.text.replace(nfkc(other.label), ""))
            or (other in whole and row not in whole)
        }
        return tuple(row for row in named if row not in unmeant)

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """The comparable targets of rows, in the columns that the question means."""
        column_pairs = {*product(self.columns_of_role(Role.TARGET), self.columns_of_role(Role.RESULT))}
        all_goals, incomparable = goals(self.table, self.query.scope.as_of), {Verdict.NO_RESULT, Verdict.INCOMPARABLE}
        return tuple(goal for goal in all_goals if goal.verdict not in incomparable and goal.columns in column_pairs)

    @cached_property
    def columns_of_named_roles(self) -> tuple[Column, ...]:
        """The columns of the roles that the question names."""
        return tuple(
            dict.fromkeys(c for role in Role if role in self.operation.roles for c in self.columns_of_role(role))
        )

    @cached_property
    def named_columns(self) -> tuple[Column, ...]:
        """The columns that the question names: by all words of their heads, or by their roles."""
        said = (c for c in self.table.columns if (head := terms(c.head)) and head <= self.weights.keys())
        return tuple(dict.fromkeys((*said, *self.columns_of_named_roles)))

    def columns(self, rows: Sequence[Row], among: Iterable[Column] = ()) -> tuple[Column, ...]:
        """Return the columns with the best score for the question; several where they tie."""
        scores = {c: self.score(c, rows) for c in among or self.table.columns if self.fits(c, rows)}
        best = max(scores.values(), default=0.0)
        return tuple(c for c, score in scores.items() if score == best) if best > 0 else ()

    def score(self, column: Column, rows: Sequence[Row]) -> float:
        """Return how well a column matches the question."""
        word_score = sum(self.weights.get(term, 0.0) for term in terms(column.name))
        of_role = column in self.columns_of_named_roles or (column.is_total and self.operation.operator is Operator.SUM)
        return word_score + _ROLE * of_role + _KIND * self._is_kind(column, rows)

    def columns_of_role(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of a role, or of its replacement; the last one unless a date selects some."""
        for candidate in (role, *(_OBSERVED if role in _OBSERVED else ())):
            if columns := self.table.columns_of_role(candidate):
                dated = [column for column in columns if self.is_dated(column)]
                return tuple(dated) or columns[-1:]
        return ()

    def is_dated(self, column: Column) -> bool:
        """Whether a column is for a time that the question names."""
        return any(mine.covers(asked) or asked.covers(mine) for mine in column.times for asked in self.query.dates)

    def _is_kind(self, column: Column, rows: Sequence[Row]) -> bool:
        """Whether a column has only values of the expected kind."""
        units = {value.unit for row in rows for value in row.values(column)[:1]}
        heads = COLUMN_HEADS.get(self.query.answer_type, ())
        return units == {self.query.expected_unit} != {""} or any(head in column.name for head in heads)

    def fits(self, column: Column, rows: Sequence[Row]) -> bool:
        """Whether the cells can answer: the expected kind, unit and time."""
        of_other_time = column.times and self.query.dates and not self.is_dated(column)
        if of_other_time or not all(row.text(column) for row in rows):
            return False
        units = [{value.unit for value in row.values(column)} for row in rows]
        kind = self.query.answer_type
        if kind in COLUMN_HEADS and self.operation.operator is Operator.SELECT:
            of_time = kind is AnswerType.DATE and all(each == {TIME} for each in units)
            return of_time or any(head in column.name for head in COLUMN_HEADS[kind])
        return not self.query.expected_unit or all(map(self._has_unit, units))

    def value(self, row: Row, column: Column) -> Value | None:
        """Return the figure of a cell in the expected unit, else its first figure."""
        fitting = (value for value in row.values(column) if self.query.expected_unit and self._has_unit([value.unit]))
        return next(fitting, None) or row.value(column)

    def _has_unit(self, units: Iterable[str]) -> bool:
        """Whether one of `units` is compatible with the expected unit."""
        asked = self.query.expected_unit
        return any(unit and (asked in unit or unit in asked) for unit in units if unit != TIME)

    def coverage(self, rows: Sequence[Row], columns: Sequence[Column]) -> float:
        """Return the share of the question (0 to 1, by weight) that these cells and their headings contain.

        Terms of the operation, times and counters count only where they occur there. It is 0 where a proper name or
        time of the question does not occur there.
        """
        above = set[str].intersection(*({*row.passage.path} for row in self.table.rows))
        texts = [*above, self.table.label, *(column.name for column in columns)]
        texts += [text for row in rows for text in (row.label, *row.cells.values(), *row.notes)]
        covered = frozenset[str]().union(*(terms(nfkc(text)) for text in texts))
        free, typed = self.free | self._replaced_terms(rows), self.typed
        content = {t: w for t, w in self.weights.items() if t in covered or t not in free}
        dated = dates(nfkc(" ".join(texts)))
        uncovered_dates = (asked for asked in self.query.dates if not any(one.overlaps(asked) for one in dated))
        if (typed and not typed & covered) or any(map(_is_name, content.keys() - covered)) or any(uncovered_dates):
            return 0.0
        total = sum(content.values())
        return sum(w for t, w in content.items() if t in covered) / total if total else 0.0

    def _replaced_terms(self, rows: Sequence[Row]) -> frozenset[str]:
        """Return the terms of rows asked for earlier, where a follow-up names other rows or asks which."""
        which, anew = self.operation.selects_rows, self.is_naming_rows_itself
        others = (terms(row.label) for row in self.table.rows if which or (anew and row not in rows))
        return self.query.carried_over_terms & frozenset[str]().union(*others)


@lru_cache(maxsize=4096)
def _is_name(term: str) -> bool:
    return any("固有名詞" in m.pos for m in morphemes(term))
