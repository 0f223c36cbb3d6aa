"""What of a table a question is about: the rows that it names, the columns that it asks for, and how surely."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bot.query.operation import Operation, Operator
from bot.query.query import AnswerType, Query
from bot.tables.relation import TIME, Column, Relation, Row, Value
from ingest.normalise import dates, nfkc
from ingest.roles import Role
from ingest.tokenise import morphemes, words

# The share of a label's words that a question must hold to name the row (eval/LOG.md, 2026-11-21), and the least
# weight of these.
_NAMED, _LEAST = 0.4, 0.06
# The share of the weight of the row named best from which on another is meant as well.
_AS_WELL = 0.75
# What a column's role and what kind of thing it holds count, beside what the question says of its head.
_ROLE, _KIND = 1.0, 0.7
# Counters that count anything.
_ANY_UNIT = frozenset({"", "つ", "個", "項目"})
# Units as they are spoken.
_SPELLED = {"トン": "t", "グラム": "g", "キロ": "k", "メートル": "m", "平方メートル": "m2", "立方メートル": "m3"}
_SPELLED |= {"ヘクタール": "ha", "パーセント": "%", "センチ": "cm"}
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
# How tables head the columns that hold what is asked for.
_HEADS = {
    AnswerType.PERSON: ("担当", "所管", "主体", "部署", "主管"),
    AnswerType.PLACE: ("場所", "会場", "所在地", "住所"),
    AnswerType.CONTACT: ("電話", "連絡先", "問合せ先"),
    AnswerType.DATE: ("時期", "期間", "期日", "日時", "日程", "期限", "年月日"),
}
# Each of these stands for another that no column tells.
_OBSERVED = (Role.RESULT, Role.CURRENT, Role.BASE)


@lru_cache(maxsize=8192)
def terms(text: str) -> frozenset[str]:
    """Return the index terms of a label, a head or a cell."""
    return frozenset(words(text))


@dataclass(frozen=True)
class Asked:
    """A question put to a relation."""

    query: Query
    relation: Relation

    @property
    def operation(self) -> Operation:
        """What is asked of the rows: a cell, where nothing else is."""
        return self.query.operation or Operation(Operator.SELECT)

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The terms of the question with their weights."""
        return {term.text: term.weight for term in self.query.terms}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The rows that the question names best by their labels, in order: one, or several of which it says as much."""
        named = self._named()
        return tuple(row for row, weight in named.items() if weight >= _AS_WELL * max(named.values()))

    @cached_property
    def row(self) -> Row | None:
        """The one row that the question names; None for none, and where several are named as well."""
        return self.rows[0] if len(self.rows) == 1 else None

    @property
    def several(self) -> tuple[Row, ...]:
        """The rows that an operation runs over, where the question tells several from the others; none for all."""
        named, items = self.rows if len(self.rows) > 1 else (), self.relation.items
        if named and self.operation.span:  # named are the ends; what lies between is meant as well
            named = items[items.index(named[0]) : items.index(named[-1]) + 1]
        return self.choice[1] or named

    @cached_property
    def choice(self) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
        """The rows that the question tells from the others by all of a cell, no figure, and its column; or neither."""
        for column in (c for c in self.relation.columns if c not in self.relation.measured and not c.times):
            cells = [(row, terms(row.text(column))) for row in self.relation.items]
            found = tuple(row for row, own in cells if own and own <= self.weights.keys())
            if 0 < len(found) < len(self.relation.items):
                return (column,), found
        return (), ()

    def _named(self) -> dict[Row, float]:
        """Return the rows whose labels the question names, with the weight of what it says of them.

        A word counts the less the more labels have it: what all have names none, as what stands above the table does
        for a label that says more.
        """
        rows = self.relation.items
        labels = [terms(row.label) for row in rows]
        having = Counter(term for label in labels for term in label)
        above = terms(nfkc("\n".join(self.relation.rows[0].passage.path)))
        found = {}
        for row, label in zip(rows, labels, strict=True):
            own = frozenset(term for term in label if len(labels) == 1 or having[term] < len(labels))
            own = own - above or own
            core = (terms(_BRACKETS.sub("", row.label)) & own) or own
            held = own & self.weights.keys()
            share = sum(1 / having[t] for t in core & held) / (sum(1 / having[t] for t in core) or 1.0)
            if share >= _NAMED and sum(self.weights[term] for term in held) >= _LEAST:
                found[row] = sum(self.weights.get(term, 0.0) for term in label)
        return found

    @cached_property
    def by_role(self) -> tuple[Column, ...]:
        """The columns of the roles that the question names."""
        return tuple(dict.fromkeys(c for role in Role if role in self.operation.roles for c in self.of_role(role)))

    def columns(self, rows: Sequence[Row], among: Iterable[Column] = ()) -> tuple[Column, ...]:
        """Return the columns that the question asks for, best first those that it says most of; the tied together."""
        scores = {c: self.score(c, rows) for c in among or self.relation.columns if self.fits(c, rows)}
        best = max(scores.values(), default=0.0)
        return tuple(c for c, score in scores.items() if score == best) if best > 0 else ()

    def score(self, column: Column, rows: Sequence[Row]) -> float:
        """Return how much of what the question says speaks for a column."""
        said = sum(self.weights.get(term, 0.0) for term in terms(column.name))
        of_role = column in self.by_role or (column.is_total and self.operation.operator is Operator.SUM)
        return said + _ROLE * of_role + _KIND * self._is_kind(column, rows)

    def of_role(self, role: Role) -> tuple[Column, ...]:
        """Return the columns that tell a role, or where none does what stands for it; of several the last."""
        for each in (role, *(_OBSERVED if role in _OBSERVED else ())):
            if found := self.relation.of_role(each):
                dated = [column for column in found if self.is_dated(column)]
                return tuple(dated) or found[-1:]
        return ()

    def is_dated(self, column: Column) -> bool:
        """Whether a column is of a time that the question names."""
        return any(mine.covers(asked) or asked.covers(mine) for mine in column.times for asked in self.query.dates)

    def _is_kind(self, column: Column, rows: Sequence[Row]) -> bool:
        """Whether a column holds nothing but the kind of thing that is asked for."""
        units = {value.unit for row in rows for value in row.values(column)[:1]}
        heads = _HEADS.get(self.query.answer_type, ())
        return units == {self.unit} != {""} or any(head in column.name for head in heads)

    def fits(self, column: Column, rows: Sequence[Row]) -> bool:
        """Whether the cells can hold what is asked for: the kind of thing, its unit, the time that is asked for."""
        of_other_time = column.times and self.query.dates and not self.is_dated(column)
        if of_other_time or not all(row.text(column) for row in rows):
            return False
        units = [{value.unit for value in row.values(column)} for row in rows]
        kind = self.query.answer_type
        if kind in _HEADS and self.operation.operator is Operator.SELECT:
            of_time = kind is AnswerType.DATE and all(each == {TIME} for each in units)
            return of_time or any(head in column.name for head in _HEADS[kind])
        return not self.unit or all(map(self._has_unit, units))

    @cached_property
    def unit(self) -> str:
        """The unit of the figure that is asked for, "" where it is not known in what that is counted."""
        asked = "円" if self.query.answer_type is AnswerType.MONEY else self.query.unit
        return "" if asked in _ANY_UNIT else _SPELLED.get(asked, asked)

    def value(self, row: Row, column: Column) -> Value | None:
        """Return the figure of a cell in the unit that is asked for, else its first."""
        fitting = (value for value in row.values(column) if self.unit and self._has_unit([value.unit]))
        return next(fitting, None) or row.value(column)

    def _has_unit(self, units: Iterable[str]) -> bool:
        """Whether figures of `units` can answer a question for a counter."""
        return any(unit and (self.unit in unit or unit in self.unit) for unit in units if unit != TIME)

    def coverage(self, rows: Sequence[Row], columns: Sequence[Column]) -> float:
        """Return the share, 0 to 1 by weight, of what the question says that these cells and what is above them say.

        Words that ask for the operation, times and counters count only where they stand there. It is 0 where a proper
        name or a time of the question stands nowhere there.
        """
        above = set[str].intersection(*({*row.passage.path} for row in self.relation.rows))
        told = [*above, self.relation.label, *(column.name for column in columns)]
        told += [text for row in rows for text in (row.label, *row.cells.values(), *row.notes)]
        held = frozenset[str]().union(*(terms(nfkc(text)) for text in told))
        content = {t: w for t, w in self.weights.items() if t in held or t not in self._free}
        dated = dates(nfkc(" ".join(told)))
        undated = (asked for asked in self.query.dates if not any(one.overlaps(asked) for one in dated))
        if any(map(_is_name, content.keys() - held)) or any(undated):
            return 0.0
        total = sum(content.values())
        return sum(w for t, w in content.items() if t in held) / total if total else 0.0

    @cached_property
    def _free(self) -> frozenset[str]:
        mentioned = {key for m in self.query.dates for key in (m.key, f"{m.first.year}年")}
        return self.operation.words | mentioned | terms(self.query.unit) | {self.query.unit}


@lru_cache(maxsize=4096)
def _is_name(term: str) -> bool:
    return any("固有名詞" in m.pos for m in morphemes(term))
