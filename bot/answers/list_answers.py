"""Answers from lists and tables: how many members of a kind there are, which they are, and which are left."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.conversation import asks_for_rest
from bot.question.listed_things import ListedThings
from bot.question.operation import Operator, Outcome
from bot.question.query import AnswerType, Query
from bot.rendering.answer_text import render_text
from bot.state import (
    Draft,
    Exchange,
    Hit,
    Paragraph,
    ReadTurn,
    Source,
    Statement,
    Status,
    TableRows,
    paragraph,
    service_message,
)
from bot.tables import Tables, row_text
from bot.tables.members import Members, find_members
from bot.tables.render import MAX_ROWS, cite_rows, to_table_rows
from bot.tables.terms import FIGURE_NOUNS, as_written_terms, index_terms
from ingest.chunking.column_roles import Role
from ingest.chunking.table import Row
from ingest.japanese import dates, nfkc

# Lists in this many of the best passages are considered.
_MAX_PASSAGES = 5
# The introduction, headings and parts of a list have at least this share of the question, by weight, so that no
# condition of the question is ignored.
_MIN_COVERAGE = 0.7
# The same for a list that is not in the best passage, or that only mentions the kind.
_MIN_COVERAGE_UNSURE = 0.9
# Answer types that members of a list may answer.
_ANSWER_TYPES = frozenset(
    {AnswerType.LIST, AnswerType.OTHER, AnswerType.PERSON, AnswerType.PLACE, AnswerType.QUANTITY, AnswerType.DEFINITION}
)
# Operators that ask for all members; a ranking or a comparison does not.
_OPERATORS = frozenset({Operator.SELECT, Operator.LIST, Operator.COUNT, Operator.SUM})
# Characters of the names in one sentence.
_MAX_NAMES_LENGTH = 120
# Characters of all names of one answer.
_MAX_ALL_NAMES_LENGTH = 420
# Items are shown with their values if these lines together have at most this many characters.
_MAX_VALUES_LENGTH = 200


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """An answer from the members of a list.

    Attributes:
        is_sure: False if another list may be meant, or the document states another number.
    """

    parts: tuple[Paragraph | TableRows, ...]
    sources: tuple[Source, ...]
    is_sure: bool


@dataclass(frozen=True, slots=True)
class _Candidate:
    """The members of one list with how much of the question the list covers."""

    members: Members
    coverage: float


class ListAnswerer:
    """Answers from the lists in the best passages; safe to share between threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def answer_counted(self, turn: ReadTurn) -> Draft | None:
        """Return the answer if a number of things, all of them or the rest is asked for, not only what one is."""
        listed = turn.query.listed
        return self(turn) if listed and not listed.is_plain else None

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the number and names of a list's members, unsure if another may be meant; None without a list."""
        hits = [scored.hit for scored in turn.reading.passages]
        shown_texts = [*_shown_texts(turn.history)] if asks_for_rest(turn.texts.typed_follow_up) else None
        answer = answer_from_lists(turn.query, hits, self._tables, shown_texts)
        if answer is None:
            return None
        status = Status.ANSWERED if answer.is_sure else Status.PARTIAL
        return Draft(answer.parts, answer.sources, status, answer.sources[0].passage.section)


def _shown_texts(history: Sequence[Exchange]) -> Iterator[str]:
    for exchange in history:
        yield render_text(exchange.parts, marks=False)
        for part in exchange.parts:
            if isinstance(part, TableRows):
                yield from (cell for row in part.rows for cell in row)


def answer_from_lists(
    query: Query, hits: Sequence[Hit], tables: Tables, shown_texts: Collection[str] | None = None
) -> ListAnswer | None:
    """Return the number or names of the members of the question's kind; None if no list is of that kind.

    `shown_texts` are those of the earlier answers if the question asks for the rest, else None.
    """
    operator = query.operation.operator if query.operation else Operator.LIST
    if query.listed is None or query.answer_type not in _ANSWER_TYPES or operator not in _OPERATORS:
        return None
    candidates = list(_find_candidates(query, query.listed, hits, tables))
    wanted_documents = query.scope.named or query.scope.preferred
    preferred = [item for item in candidates if item.members.table.doc_id in wanted_documents]
    if not preferred and not query.scope.named:
        preferred = candidates
    if not preferred:
        return None
    # Of equally good lists the one in the best passage, and of that passage the first.
    best = max(preferred, key=lambda item: item.coverage)
    equally_good = (item.members for item in preferred if item.coverage == best.coverage)
    is_sure = best.members.is_clear and all({*members.names} & {*best.members.names} for members in equally_good)
    if shown_texts is None:
        return _answer_all(best.members, query.listed, is_sure=is_sure)
    return _answer_rest(best.members, query.listed, shown_texts, is_sure=is_sure)


def _find_candidates(query: Query, listed: ListedThings, hits: Sequence[Hit], tables: Tables) -> Iterator[_Candidate]:
    # The names of rows do not say what reached or missed its target.
    asks_outcome = query.operation is not None and query.operation.outcome in {Outcome.REACHED, Outcome.MISSED}
    for rank, hit in enumerate(hits[:_MAX_PASSAGES]):
        for members in find_members(query, hit.passage, tables):
            if asks_outcome and members.table.columns_of_role(Role.TARGET):
                continue
            if not (members.is_clear or listed.asks_count):
                continue
            coverage = _coverage(query, listed, members)
            is_likely = members.is_clear and not (listed.is_plain and rank)
            if coverage >= (_MIN_COVERAGE if is_likely else _MIN_COVERAGE_UNSURE):
                yield _Candidate(members, coverage + members.is_clear)


def _coverage(query: Query, listed: ListedThings, members: Members) -> float:
    table = members.table
    headings = set[str].intersection(*({*row.passage.path} for row in table.rows))
    texts = [*headings, table.lead, table.label, listed.kind]
    texts += [column.name for column in table.columns]
    for row in members.rows:
        texts.append(row.group)
        texts += [row.cells.get(column.name, "") for column in members.columns]
    text = nfkc("\n".join(texts))
    text_dates = dates(text)
    if not all(any(text_date.overlaps(date) for text_date in text_dates) for date in query.dates):
        return 0.0
    covered = index_terms(text) | as_written_terms(query.topic, text)
    optional = query.optional_terms | FIGURE_NOUNS
    content = {term: weight for term, weight in query.term_weights.items() if term in covered or term not in optional}
    if not content:  # the name of the document is all that the question asks for
        return float(table.doc_id in query.scope.named)
    return sum(weight for term, weight in content.items() if term in covered) / sum(content.values())


def _answer_all(members: Members, listed: ListedThings, *, is_sure: bool) -> ListAnswer:
    result = _count_sentence(listed.kind, members, asks_count=listed.asks_count)
    remarks = list[Paragraph]()
    if members.stated_number not in {None, len(members.names)}:
        is_sure = False
        numbers = {"stated": str(members.stated_number), "counted": str(len(members.names))}
        remarks.append(paragraph(service_message("list_differs", **numbers)))
    return _build_answer(members, result, remarks, is_sure=is_sure)


def _answer_rest(members: Members, listed: ListedThings, shown_texts: Collection[str], *, is_sure: bool) -> ListAnswer:
    shown_text = nfkc("\n".join(shown_texts))
    left = {name for name in members.names if nfkc(name) not in shown_text}
    if not left:
        sources, numbers = cite_rows(members.rows[:1])
        count = Statement(_count_sentence(listed.kind, members, asks_count=False), numbers, "。", "arithmetic")
        return ListAnswer((paragraph(service_message("list_complete")), Paragraph((count,))), sources, is_sure)
    rest = replace(
        members,
        rows=tuple(row for row in members.rows if members.name_of(row) in left),
        groups=tuple(group for group in members.groups if group in left),
    )
    counter = members.counter
    result = f"{len(members.names)}{counter}のうち、まだ示していないのは{len(rest.names)}{counter}です"
    return _build_answer(rest, result, [], is_sure=is_sure)


def _build_answer(members: Members, result: str, remarks: Sequence[Paragraph], *, is_sure: bool) -> ListAnswer:
    rows = _first_rows(members)
    sources, _ = cite_rows(rows)
    table = _to_table(members, rows)
    cited = tuple(dict.fromkeys(table.cited))
    parts: list[Paragraph | TableRows] = [Paragraph((Statement(result, cited, "。", "arithmetic"),)), *remarks]
    parts += [_enumerate_names(members, rows, cited), table]
    hidden = len(members.names) - len({members.name_of(row) for row in rows})
    if hidden > 0:
        parts.append(paragraph(service_message("list_more", n=str(hidden))))
    return ListAnswer(tuple(parts), sources, is_sure)


def _count_sentence(kind: str, members: Members, *, asks_count: bool) -> str:
    count = f"{kind}は{len(members.names)}{members.counter}です"
    if members.groups:
        n_items = len({row.label for row in members.rows})
        return f"{count}（その中にあるものは、合わせて{n_items}件）" if asks_count else count
    groups = [row.group for row in members.rows]
    names = tuple(dict.fromkeys(filter(None, groups)))
    if len(names) > 1:
        numbers = "、".join(f"{name} {groups.count(name)}" for name in names)
        return f"{count}（{numbers}）"
    return count


def _first_rows(members: Members) -> tuple[Row, ...]:
    rows = list[Row]()
    length = 0
    for row in members.rows:
        length += len(row.label)
        if rows and (len(rows) == MAX_ROWS or length > _MAX_ALL_NAMES_LENGTH):
            break
        rows.append(row)
    return tuple(rows)


def _enumerate_names(members: Members, rows: Sequence[Row], cited: tuple[int, ...]) -> Paragraph:
    *other_lines, last_line = _name_lines(members, rows)
    return Paragraph((*(Statement(line, end="\n") for line in other_lines), Statement(last_line, cited)))


def _name_lines(members: Members, rows: Sequence[Row]) -> list[str]:
    groups = tuple(dict.fromkeys(row.group for row in rows))
    lines_with_values = [row_text(members.table, row) for row in rows]
    has_values = any(row.cells for row in rows)
    if not any(groups) and has_values and sum(map(len, lines_with_values)) <= _MAX_VALUES_LENGTH:
        return lines_with_values
    lines = list[str]()
    for group in groups:
        rows_of_group = [row for row in rows if row.group == group]
        names = "、".join(dict.fromkeys(row.label for row in rows_of_group))
        if len(names) <= _MAX_NAMES_LENGTH and (group or not members.columns):
            lines.append(f"・{group}: {names}" if group else names)
        else:
            lines += [row_text(members.table, row, members.columns) for row in rows_of_group]
    return lines


def _to_table(members: Members, rows: Sequence[Row]) -> TableRows:
    table = to_table_rows(members.table, rows)
    if not any(row.group for row in rows):
        return table
    rows_with_groups = tuple((row.group, *cells) for row, cells in zip(rows, table.rows, strict=True))
    return replace(table, columns=("", *table.columns), rows=rows_with_groups, chart=None)
