"""Finds the rows of a table that a question names."""

from collections import Counter
from collections.abc import Set as AbstractSet

from bot.question.operation import Operation, Operator
from bot.question.query import Query
from bot.tables.terms import index_terms
from ingest.chunking.cell_values import strip_unit
from ingest.chunking.table import Row, Table
from ingest.japanese import nfkc

# A row is named if its label has this weighted share of the question's subject (decision 026).
_MIN_SUBJECT_SHARE = 0.2


def find_named_rows(query: Query, table: Table) -> tuple[Row, ...]:
    """Return the rows that the question names, in table order.

    A label must have enough of the question's subject, or have all its words in the question. A word of several labels
    counts less, and one of all labels does not count. Rows that a follow-up typed take precedence.
    """
    operation = query.operation or Operation(Operator.SELECT)
    labels = {row: index_terms(row.label) for row in table.items}
    named = _rows_with_subject(query, table, labels, compares=operation.compares)
    typed = [row for row in named if labels[row] & query.typed_terms]
    if typed and not operation.compares:
        named = typed
    elif query.carried_over_terms and operation.selects_rows:
        named = []  # the follow-up asks which row, so that those of the previous question are not meant
    written = _written_rows(query, table)
    if {*named} < {*written}:  # words of a label may also be in the operation or a heading: 3歳以上
        named = written
    return tuple(row for row in named if not any(_is_better_match(query, other, row) for other in named))


def _rows_with_subject(query: Query, table: Table, labels: dict[Row, frozenset[str]], *, compares: bool) -> list[Row]:
    weights = query.term_weights
    label_counts = Counter(term for label in labels.values() for term in label)
    subject = _subject_terms(query, table, compares=compares)
    min_weight = _MIN_SUBJECT_SHARE * sum(weights[term] for term in subject)
    distinctive = {term for term in subject | query.date_terms if label_counts[term] < max(len(labels), 2)}
    named = list[Row]()
    for row, label in labels.items():
        shared = distinctive & label
        missing = label - weights.keys()
        if shared and all(map(str.isdigit, shared)) and not all(map(str.isdigit, missing)):
            continue  # the label has other words than a number that it shares with the question (二つの)
        weight = sum(weights.get(term, 0.0) / label_counts[term] for term in shared)
        if weight > 0 and (weight >= min_weight or _has_complete_label(query, row)):
            named.append(row)
    return named


def _subject_terms(query: Query, table: Table, *, compares: bool) -> AbstractSet[str]:
    heads = (*table.rows[0].passage.path, table.label, *(column.name for column in table.columns))
    head_terms = {term for term in index_terms(nfkc("\n".join(heads))) if not term.isdigit()}
    typed = frozenset() if compares else query.typed_terms - head_terms
    return typed or (query.term_weights.keys() - query.optional_terms - head_terms) or query.typed_terms


def _written_rows(query: Query, table: Table) -> list[Row]:
    """Return the rows whose label is written in the question, unless it is a word of the table's own headings."""
    heads = nfkc("\n".join((*table.path, table.lead, *(column.name for column in table.columns))))
    rows = list[Row]()
    for row in table.items:
        label = strip_unit(nfkc(row.label))
        if len(label) > 1 and label in query.topic and label not in heads:
            rows.append(row)
    return rows


def _has_complete_label(query: Query, row: Row) -> bool:
    return index_terms(strip_unit(row.label)) <= query.term_weights.keys()


def _is_better_match(query: Query, other: Row, row: Row) -> bool:
    """Whether the question means `other` and not `row`, because it matches more of the label of `other`.

    Both are meant if the question has the complete label of `row` outside of the label of `other`.
    """
    question_terms = query.term_weights.keys()
    matched = index_terms(row.label) & question_terms
    other_matched = index_terms(other.label) & question_terms
    if row is other or not matched <= other_matched:
        return False
    if nfkc(row.label) in query.text.replace(nfkc(other.label), ""):
        return False
    return matched < other_matched or (_has_complete_label(query, other) and not _has_complete_label(query, row))
