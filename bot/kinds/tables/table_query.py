"""A query on a table: the rows that the question names and the columns that it asks for."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from bot.kinds.tables.conditions import Condition, find_keys, find_properties
from bot.kinds.tables.render import MAX_ROWS
from bot.kinds.tables.table import Column, Row, Table
from bot.state.query import AnswerType, Query, Selection
from ingest.japanese import dates, nfkc, quantities
from ingest.japanese.cell_values import TIME, strip_unit, unit_of
from ingest.japanese.column_roles import Role
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.mentions.effective_times import EffectiveTime, effective_times, find_in_force, reference_date
from ingest.japanese.tokenise import morphemes, words

FIGURE_NOUNS = frozenset(load_lexicon("measures")["figures"])
"""Nouns of figures, which a column head may leave out: 座席 for 座席数."""


@lru_cache(maxsize=8192)
def index_terms(text: str) -> frozenset[str]:
    """Return the index terms of a label, head or cell."""
    return frozenset(words(text))


def as_written_terms(question: str, text: str) -> frozenset[str]:
    """Return the index terms of a question whose words are written in a text, also inside other words: 月 in 年月."""
    return frozenset(
        morpheme.normal.lower() for morpheme in morphemes(question) if morpheme.is_content and morpheme.surface in text
    )


@lru_cache(maxsize=512)
def terms_of_pos(question: str, pos: str) -> frozenset[str]:
    """Return the index terms of a question of a part of speech: 名詞, or 接尾辞 such as 児 of 5歳児."""
    return frozenset(morpheme.normal.lower() for morpheme in morphemes(question) if morpheme.pos[0] == pos)


@lru_cache(maxsize=4096)
def has_proper_name(term: str) -> bool:
    """Whether a term has a proper name."""
    return any("固有名詞" in morpheme.pos for morpheme in morphemes(term))


# Words in the head of a table column, by the answer type of its cells.
_COLUMN_HEADS = {
    AnswerType.PERSON: ("担当", "所管", "主体", "部署", "主管"),
    AnswerType.PLACE: ("場所", "会場", "所在地", "住所"),
    AnswerType.CONTACT: ("電話", "連絡先", "問合せ先"),
    AnswerType.DATE: ("時期", "期間", "期日", "日時", "日程", "期限", "年月日"),
}
_NUMBER = re.compile(r"\d+")
# A row is named if its label has this weighted share of the question's subject (decision 077).
_MIN_SUBJECT_SHARE = 0.2


def find_named_rows(query: Query, table: Table) -> tuple[Row, ...]:
    """Return the rows that the question names, in table order, in time linear in the number of rows.

    A label must have enough of the question's subject, or have all its words in the question. A word of several labels
    counts less, and one of all labels does not count. Rows that a follow-up typed take precedence. A row is left out if
    the question matches more of another label, and does not have its own label beside that.
    """
    selection = query.selection or Selection()
    typed_terms, weights = query.typed_terms, query.term_weights
    named = _rows_with_subject(query, table, typed_terms, weights)
    if query.carried_over_terms:
        typed = [row for row in named if row.terms & typed_terms]
        if typed and not selection.computes:
            named = typed
        elif not typed and selection.asks_which and (selection.computes or query.answer_type is AnswerType.LIST):
            named = []  # the follow-up asks which row, so that those of the previous question are not meant
    written = _written_rows(query, table)
    if {*named} < {*written}:  # words of a label may also be in the selection or a heading: 3歳以上
        named = written
    matches = {row: (_shared_terms(query, row, weights), _is_complete(row, weights)) for row in named}
    best = dict[tuple[frozenset[str], bool], None]()
    for match in sorted({*matches.values()}, key=lambda each: (len(each[0]), each[1]), reverse=True):
        if not any(match[0] <= terms for terms, _ in best):
            best[match] = None
    return tuple(row for row, match in matches.items() if match in best)


def _rows_with_subject(
    query: Query, table: Table, typed_terms: frozenset[str], weights: Mapping[str, float]
) -> list[Row]:
    computes = query.selection is not None and query.selection.computes
    label_counts = Counter(term for row in table.items for term in row.terms)
    heads = (*table.rows[0].passage.path, table.label, *(column.name for column in table.columns))
    head_terms = {term for term in index_terms(nfkc("\n".join(heads))) if not term.isdigit()}
    typed = frozenset() if computes else typed_terms - head_terms
    subject = typed or (weights.keys() - query.optional_terms - head_terms) or typed_terms
    min_weight = _MIN_SUBJECT_SHARE * sum(weights[term] for term in subject)
    date_terms = query.date_terms
    distinctive = {term for term in subject | date_terms if label_counts[term] < max(len(table.items), 2)}
    named = list[Row]()
    for row in table.items:
        if distinctive.isdisjoint(row.terms):
            continue
        shared = distinctive & (_shared_terms(query, row, weights) | (row.terms & date_terms))
        missing = row.terms - weights.keys()
        if shared and all(map(str.isdigit, shared)) and not all(map(str.isdigit, missing)):
            continue  # the label has other words than a number that it shares with the question (二つの)
        weight = sum(weights.get(term, 0.0) / label_counts[term] for term in shared)
        if weight > 0 and (weight >= min_weight or _is_complete(row, weights)):
            named.append(row)
    return named


# The terms of a label in the question, without numbers of something else: 3 of 第3会議室 in 3時間.
def _shared_terms(query: Query, row: Row, weights: Mapping[str, float]) -> frozenset[str]:
    label = nfkc(row.label)
    others = set[str]()
    for match in _NUMBER.finditer(label):
        contexts = {label[max(match.start() - 1, 0) : match.end()], label[match.start() : match.end() + 1]} - {match[0]}
        if contexts and not any(context in query.topic for context in contexts):
            others.add(match[0])
    # With its unit it is the same in any spelling: 6m2 in 6平米.
    meant = {str(each.value) for each in quantities(label) if each.value in query.values.figures.get(unit_of(each), ())}
    return row.terms & weights.keys() - (others - meant)


def _written_rows(query: Query, table: Table) -> list[Row]:
    heads = nfkc("\n".join((*table.path, *(column.name for column in table.columns))))
    labels = ((row, strip_unit(nfkc(row.label))) for row in table.items)
    return [row for row, label in labels if len(label) > 1 and label in query.topic and label not in heads]


def _is_complete(row: Row, weights: Mapping[str, float]) -> bool:
    label = strip_unit(row.label)
    return (row.terms if label == row.label else index_terms(label)) <= weights.keys()


# Added to the score of a column that has a role in the question.
_ROLE_SCORE = 1.0
# Added to the score of a column that has only values of the expected kind.
_KIND_SCORE = 0.7
# Each of these roles may replace another that no column has.
_OBSERVED_ROLES = (Role.RESULT, Role.CURRENT, Role.BASE)


@dataclass(frozen=True)
class TableQuery:
    """A query on a table; `document_names` are the title, the issuer and other names of its document."""

    query: Query
    table: Table
    document_names: str = ""

    @property
    def selection(self) -> Selection:
        """What the question asks of rows; an empty one without."""
        return self.query.selection or Selection()

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The terms of the question with their weights."""
        return self.query.term_weights

    @cached_property
    def keys(self) -> tuple[Condition, ...]:
        """The columns of ranges and days into whose cells figures and days of the question fall."""
        return find_keys(self.query, self.table)

    @cached_property
    def named_rows(self) -> tuple[Row, ...]:
        """The rows that the question names, in table order: by their labels, and by figures and days in their cells."""
        named = find_named_rows(self.query, self.table)
        if not self.keys:
            return named
        keyed = dict.fromkeys(row for row in self.table.items if all(row in key.rows for key in self.keys))
        return tuple(row for row in named if row in keyed) or tuple(keyed)

    def name(self, row: Row) -> str:
        """Return what a row is about, with the cells by which the question names it."""
        texts = [row.text_with_unit(key.column) for key in self.keys if key.column not in self.table.label_columns]
        return f"{row.label}（{'、'.join(texts)}）" if texts else row.label

    @property
    def named_row(self) -> Row | None:
        """The only row that the question names; None if it names none or several."""
        return self.named_rows[0] if len(self.named_rows) == 1 else None

    @cached_property
    def has_typed_rows(self) -> bool:
        """Whether a follow-up names rows itself."""
        return any(row.terms & self.query.typed_terms for row in self.named_rows)

    def lacks_subject(self) -> bool:
        """Whether a noun of the question is neither in the names of the table nor names rows or cells.

        The words of its selection, its dates and its counter need not be there.
        """
        columns, rows = self.rows_by_cell
        texts = [*self._names(), self.document_names, *(column.name for column in self.table.columns)]
        texts += [*(row.text(columns[0]) for row in rows[:1]), *(self.named_row.texts if self.named_row else ())]
        labelled = (*self.named_rows, *rows)
        covered = index_terms(nfkc("\n".join(texts))).union(*(row.terms for row in labelled))
        covered |= as_written_terms(self.query.topic, nfkc("\n".join((*texts, *(row.label for row in labelled)))))
        optional = self._optional_terms | self._replaced_terms(())
        optional |= {term.text for term in self.query.terms if term.is_interrogative}
        return bool(self.weights.keys() & terms_of_pos(self.query.topic, "名詞") - optional - covered)

    @cached_property
    def properties(self) -> tuple[Condition, ...]:
        """The columns of weekdays and marks of which the question names one, if it asks which rows have it."""
        return tuple(find_properties(self.query, self.table)) if self.selection.asks_which else ()

    @property
    def rows_by_value(self) -> tuple[Row, ...]:
        """The rows with a figure, day, weekday or thing that the question names."""
        if self.properties:
            return self.rows_by_cell[1]
        return self.named_rows if self.keys else ()

    @property
    def _terms_of_values(self) -> frozenset[str]:
        return self.query.values.terms if self.keys or self.properties else frozenset()

    @property
    def _optional_terms(self) -> frozenset[str]:
        return (
            self.query.optional_terms | FIGURE_NOUNS | terms_of_pos(self.query.topic, "接尾辞") | self._terms_of_values
        )

    @cached_property
    def timed_columns(self) -> Mapping[Column, EffectiveTime]:
        """The columns that are valid from or until some time, if there are several: 9月まで, 10月から."""
        reference = reference_date(self.table.path, self.query.scope.as_of)
        timed = dict[Column, EffectiveTime]()
        for column in self.table.columns:
            times = effective_times(nfkc(column.name), reference)
            if len(times) == 1:
                timed[column] = times[0]
        return timed if len(timed) > 1 else {}

    @cached_property
    def not_in_force(self) -> frozenset[Column]:
        """The columns for times that do not contain the day of the question; empty if the question names the time."""
        names_time = any(nfkc(column.name) in self.query.text for column in self.timed_columns)
        if not self.timed_columns or names_time:
            return frozenset()
        day = self.query.dates[0].first if self.query.dates else self.query.scope.as_of
        changed_on = reference_date(self.table.path, date.max)
        times = [*self.timed_columns.values()]
        position = find_in_force(times, day, None if changed_on == date.max else changed_on)
        if position is None:
            return frozenset()
        return frozenset(self.timed_columns) - {[*self.timed_columns][position]}

    @cached_property
    def rows_by_cell(self) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
        """The columns and rows with the weekdays or things that the question names, or whose complete cell is in it."""
        if self.properties:
            heads = frozenset[str]().union(*(index_terms(each.column.head) for each in self.properties))
            labels = {row: row.terms & self.weights.keys() - heads for row in self.table.items}
            kinds = frozenset[str]().union(*labels.values())
            named = self.named_rows or [row for row, label in labels.items() if label == kinds] or self.table.items
            rows = tuple(row for row in named if all(row in each.rows for each in self.properties))
            return tuple(each.column for each in self.properties), rows
        for column in self.table.columns:
            if column in self.table.measured or column.times:
                continue
            written = {text for row in self.table.items if (text := row.text(column)) and text in self.query.topic}
            meant = {text for text in written if index_terms(text) and index_terms(text) <= self.weights.keys()}
            matching = tuple(row for row in self.table.items if row.text(column) in meant)
            if 0 < len(matching) < len(self.table.items) and not any(row.cell(column).weekdays for row in matching):
                return (column,), matching
        return (), ()

    @cached_property
    def goal_columns(self) -> tuple[Column, ...]:
        """The columns of results and targets that the question means."""
        return tuple(dict.fromkeys((*self.columns_of_role(Role.RESULT), *self.columns_of_role(Role.TARGET))))

    @cached_property
    def columns_of_named_roles(self) -> tuple[Column, ...]:
        """The columns of the roles that the question names."""
        roles = (role for role in Role if role in self.selection.roles)
        return tuple(dict.fromkeys(column for role in roles for column in self.columns_of_role(role)))

    @cached_property
    def named_columns(self) -> tuple[Column, ...]:
        """The columns that the question names: by all words of their heads, or by their roles."""
        question_terms = self.weights.keys()
        heads = ((column, index_terms(column.head)) for column in self.table.columns)
        by_head = (column for column, head in heads if head and head <= question_terms)
        return tuple(dict.fromkeys((*by_head, *self.columns_of_named_roles)))

    def best_columns(self, rows: Sequence[Row]) -> tuple[Column, ...]:
        """Return the columns with the best score for the question, several if they tie."""
        answering = (column for column in self.table.columns if self.can_answer(column, rows))
        scores = {column: self.score(column, rows) for column in answering}
        best = max(scores.values(), default=0.0)
        return tuple(column for column, score in scores.items() if score == best) if best > 0 else ()

    def score(self, column: Column, rows: Sequence[Row]) -> float:
        """Return the score of a column's match with the question."""
        word_score = sum(self.weights.get(term, 0.0) for term in index_terms(column.name))
        has_role = column in self.columns_of_named_roles
        return word_score + _ROLE_SCORE * has_role + _KIND_SCORE * self._has_expected_kind(column, rows)

    def columns_of_role(self, role: Role) -> tuple[Column, ...]:
        """Return the columns of a role, or of its replacement; the last one unless a date selects some."""
        for candidate in (role, *(_OBSERVED_ROLES if role in _OBSERVED_ROLES else ())):
            if columns := self.table.columns_of_role(candidate):
                dated = tuple(column for column in columns if self.is_dated(column))
                return dated or columns[-1:]
        return ()

    def is_dated(self, column: Column) -> bool:
        """Whether a column is for a time that the question names; a head R元 is also the fiscal year."""
        return any(time.is_of(date) or date.is_of(time) for time in column.times for date in self.query.dates)

    @cached_property
    def _has_dated_columns(self) -> bool:
        return any(map(self.is_dated, self.table.columns))

    def _has_expected_kind(self, column: Column, rows: Sequence[Row]) -> bool:
        units = {value.unit for row in rows for value in row.values(column)[:1]}
        heads = _COLUMN_HEADS.get(self.query.answer_type, ())
        return units == {self.query.expected_unit} != {""} or any(head in column.name for head in heads)

    def can_answer(self, column: Column, rows: Sequence[Row]) -> bool:
        """Whether the cells of a column have the expected kind, unit and time."""
        is_named = column in self.named_columns
        if column in self.not_in_force or not all(row.text(column) for row in rows):
            return False
        if (column.is_note and not is_named) or any(column == key.column for key in self.keys):
            return False
        if column.times and self.query.dates and not self.is_dated(column) and not self.timed_columns:
            return False
        is_other_time = self._has_dated_columns and not column.times and column in self.table.measured
        if is_other_time and not is_named:
            return False
        units_of_rows = [{value.unit for value in row.values(column)} for row in rows]
        answer_type = self.query.answer_type
        if answer_type in _COLUMN_HEADS:
            has_times = answer_type is AnswerType.DATE and all(units == {TIME} for units in units_of_rows)
            return has_times or is_named or any(head in column.name for head in _COLUMN_HEADS[answer_type])
        return not self.query.expected_unit or all(
            self._has_expected_unit(units) or (is_named and not units) for units in units_of_rows
        )

    def _has_expected_unit(self, units: Iterable[str]) -> bool:
        expected = self.query.expected_unit
        return any(unit and (expected in unit or unit in expected) for unit in units if unit != TIME)

    def coverage(self, rows: Sequence[Row], columns: Sequence[Column]) -> float:
        """Return the share of the question (0 to 1, by weight) that these cells and their headings contain.

        Optional terms count only if they are covered. The share is 0 if a proper name or date of the question is not
        covered, or no term that a follow-up typed is.
        """
        cells = (text for row in rows[:MAX_ROWS] for text in (row.label, *row.texts, *row.notes))
        texts = [*map(nfkc, (*self._names(), *(column.name for column in columns), *cells))]
        covered = frozenset[str]().union(*map(index_terms, texts))
        covered |= as_written_terms(self.query.topic, "\n".join(texts))
        covered |= self._terms_of_values
        optional = self._optional_terms | self._replaced_terms(rows)
        content = {term: weight for term, weight in self.weights.items() if term in covered or term not in optional}
        covered_dates = [*dates(" ".join(texts)), *(time for column in columns for time in column.times)]
        lacks_date = not all(any(time.overlaps(date) for time in covered_dates) for date in self.query.dates)
        lacks_name = any(map(has_proper_name, content.keys() - covered))
        if not content or lacks_date or lacks_name or (self.query.typed_terms and not self.query.typed_terms & covered):
            return 0.0
        return sum(weight for term, weight in content.items() if term in covered) / sum(content.values())

    def _names(self) -> list[str]:
        shared_headings = set[str].intersection(*({*row.passage.path} for row in self.table.rows))
        return [*shared_headings, self.table.label]

    def _replaced_terms(self, rows: Sequence[Row]) -> frozenset[str]:
        if not self.has_typed_rows:
            return frozenset()
        labels = frozenset[str]().union(*(row.terms for row in {*self.table.rows}.difference(rows)))
        return self.query.carried_over_terms & labels
