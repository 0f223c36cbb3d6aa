"""Answers how many members a list has, which they are, and which ones are left."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from bot.question.operation import Operator, Outcome
from bot.question.query import AnswerType, Query
from bot.state import Hit, Paragraph, Source, Statement, TableRows, message, paragraph
from bot.tables.lookup import Tables
from bot.tables.members import Members, find_members
from bot.tables.render import MAX_ROWS, cite_rows, row_text, to_table_rows
from bot.tables.table_query import FIGURE_NOUNS, covered_as_written, terms
from ingest.chunking.column_roles import Role
from ingest.chunking.table import Row
from ingest.japanese import dates, nfkc

# Lists in these best passages are considered.
_TOP_PASSAGES = 5
# The introduction, headings and parts of a list have at least this share of the question, by weight, so that no
# condition is ignored; of a list in another than the best passage, or one that only mentions the kind, nearly all.
_MIN_COVERAGE, _MIN_COVERAGE_UNSURE = 0.7, 0.9
# Answer types that members of a list may answer.
_TYPES = frozenset(
    {AnswerType.LIST, AnswerType.OTHER, AnswerType.PERSON, AnswerType.PLACE, AnswerType.QUANTITY, AnswerType.DEFINITION}
)
# Of a ranking or a comparison not all members are asked for.
_OPERATORS = frozenset({Operator.SELECT, Operator.LIST, Operator.COUNT, Operator.SUM})
# Names in one sentence have at most this many characters, and so have the names of one answer.
_MAX_NAMES, _MAX_ALL_NAMES = 120, 420
# Items are shown with their values where these lines have at most this many characters.
_MAX_LINES = 200


@dataclass(frozen=True, slots=True)
class ListAnswer:
    """An answer from the members of a list.

    `is_sure` is False where another list may be meant, or the document states another number.
    """

    parts: tuple[Paragraph | TableRows, ...]
    sources: tuple[Source, ...]
    is_sure: bool


def answer_from_lists(
    query: Query, hits: Sequence[Hit], tables: Tables, shown: Collection[str] | None = None
) -> ListAnswer | None:
    """Return how many members of the asked kind there are, or which; None where no list is of that kind.

    `shown` has the texts of the answers so far where the rest is asked for, else it is None.
    """
    operator = query.operation.operator if query.operation else Operator.LIST
    if query.listed is None or query.answer_type not in _TYPES or operator not in _OPERATORS:
        return None
    candidates = list[tuple[float, Members]]()
    for rank, hit in enumerate(hits[:_TOP_PASSAGES]):
        for members in find_members(query, hit.passage, tables):
            if _asks_about_targets(query) and members.table.columns_of_role(Role.TARGET):
                continue
            coverage = _coverage(query, members)
            if not (members.is_clear or query.listed.asks_count):
                continue
            is_likely = members.is_clear and not (query.listed.is_plain and rank)
            if coverage >= (_MIN_COVERAGE if is_likely else _MIN_COVERAGE_UNSURE):
                candidates.append((coverage + members.is_clear, members))
    documents = query.scope.named or query.scope.preferred
    preferred = [one for one in candidates if one[1].table.doc_id in documents]
    # Of equally good lists the one in the best passage, and of that the first.
    ranked = preferred or ([] if query.scope.named else candidates)
    if not ranked:
        return None
    coverage, members = max(ranked, key=lambda one: one[0])
    is_sure = members.is_clear and not any(
        value == coverage and not {*one.names} & {*members.names} for value, one in ranked
    )
    return (
        _rest(members, shown, query, is_sure=is_sure) if shown is not None else _answer(members, query, is_sure=is_sure)
    )


def _asks_about_targets(query: Query) -> bool:
    """Whether only what reached or missed its target is asked for, which the names of rows do not tell."""
    return query.operation is not None and query.operation.outcome in {Outcome.REACHED, Outcome.MISSED}


def _coverage(query: Query, members: Members) -> float:
    """Return the share of the question, by weight, that the list's introduction, headings and chosen parts have."""
    table = members.table
    headings = set[str].intersection(*({*row.passage.path} for row in table.rows))
    chosen = [row.cells.get(column.name, "") for row in members.rows for column in members.columns]
    groups = [row.group for row in members.rows]
    kind = query.listed.kind if query.listed else ""
    texts = [*headings, table.lead, table.label, kind, *groups, *chosen, *(column.name for column in table.columns)]
    text = nfkc("\n".join(texts))
    covered = terms(text) | covered_as_written(query.topic, text)
    if any(not any(there.overlaps(asked) for there in dates(text)) for asked in query.dates):
        return 0.0
    optional = query.optional_terms | FIGURE_NOUNS
    content = {term: weight for term, weight in query.term_weights.items() if term in covered or term not in optional}
    if not content:  # the name of the document is all that the question asks for
        return float(table.doc_id in query.scope.named)
    return sum(weight for term, weight in content.items() if term in covered) / sum(content.values())


def _answer(members: Members, query: Query, *, is_sure: bool) -> ListAnswer:
    listed = query.listed
    assert listed is not None, "only called for a question for things of a kind"
    shown = _first_members(members)
    sources, table = _cite(members, shown)
    cited = tuple(dict.fromkeys(table.cited))
    result = Statement(_count_sentence(listed.kind, members, asks_count=listed.asks_count), cited, "。", "arithmetic")
    parts: list[Paragraph | TableRows] = [Paragraph((result,)), _names(members, shown, cited), table]
    parts += _remainder(members, shown)
    if members.stated not in {None, len(members.names)}:
        is_sure = False
        differs = message("list_differs", stated=str(members.stated), counted=str(len(members.names)))
        parts.insert(1, paragraph(differs))
    return ListAnswer(tuple(parts), sources, is_sure)


def _rest(members: Members, shown: Collection[str], query: Query, *, is_sure: bool) -> ListAnswer:
    """Return the members that no answer has shown yet, or that all have been shown."""
    texts = nfkc("\n".join(shown))
    left = {name for name in members.names if nfkc(name) not in texts}
    listed = query.listed
    kind = listed.kind if listed else ""
    if not left:
        sources, numbers = cite_rows(members.rows[:1])
        total = Statement(_count_sentence(kind, members, asks_count=False), numbers, "。", "arithmetic")
        return ListAnswer((paragraph(message("list_complete")), Paragraph((total,))), sources, is_sure)
    rows = tuple(row for row in members.rows if _name(members, row) in left)
    groups = tuple(group for group in members.groups if group in left)
    rest = replace(members, rows=rows, groups=groups)
    chosen = _first_members(rest)
    sources, table = _cite(rest, chosen)
    cited = tuple(dict.fromkeys(table.cited))
    sentence = (
        f"{len(members.names)}{members.counter}のうち、まだ示していないのは{len(rest.names)}{members.counter}です"
    )
    result = Statement(sentence, cited, "。", "arithmetic")
    parts: list[Paragraph | TableRows] = [Paragraph((result,)), _names(rest, chosen, cited), table]
    return ListAnswer((*parts, *_remainder(rest, chosen)), sources, is_sure)


def _count_sentence(kind: str, members: Members, *, asks_count: bool) -> str:
    """Return the number of members in a sentence: 公園は17か所です; where it is asked for, with that of their parts."""
    count = f"{kind}は{len(members.names)}{members.counter}"
    groups = tuple(dict.fromkeys(row.group for row in members.rows if row.group))
    if members.groups and asks_count:
        items = len({row.label for row in members.rows})
        return f"{count}です（その中にあるものは、合わせて{items}件）"
    if len(groups) > 1 and not members.groups:
        numbers = "、".join(f"{group} {sum(row.group == group for row in members.rows)}" for group in groups)
        return f"{count}です（{numbers}）"
    return f"{count}です"


def _name(members: Members, row: Row) -> str:
    return row.group if members.groups else row.label


def _first_members(members: Members) -> tuple[Row, ...]:
    """Return the rows that one answer shows: at most 20, with names of limited length, never a part of one."""
    rows, length = list[Row](), 0
    for row in members.rows:
        if rows and (len(rows) == MAX_ROWS or length + len(row.label) > _MAX_ALL_NAMES):
            break
        rows.append(row)
        length += len(row.label)
    return tuple(rows)


def _names(members: Members, rows: Sequence[Row], cited: tuple[int, ...]) -> Paragraph:
    """Return the names of the rows: short ones in a sentence, others and those with values a line each."""
    groups = tuple(dict.fromkeys(row.group for row in rows))
    lines = [row_text(members.table, row) for row in rows]
    if not any(groups) and any(row.cells for row in rows) and sum(map(len, lines)) <= _MAX_LINES:
        *before, last = lines
        return Paragraph((*(Statement(line, end="\n") for line in before), Statement(last, cited)))
    lines = []
    for group in groups:
        names = [row.label for row in rows if row.group == group]
        joined = "、".join(dict.fromkeys(names))
        if group and len(joined) <= _MAX_NAMES:
            lines.append(f"・{group}: {joined}")
        elif len(joined) <= _MAX_NAMES and not members.columns:
            lines.append(joined)
        else:
            lines += [row_text(members.table, row, members.columns) for row in rows if row.group == group]
    *before, last = lines
    return Paragraph((*(Statement(line, end="\n") for line in before), Statement(last, cited)))


def _remainder(members: Members, shown: Sequence[Row]) -> tuple[Paragraph, ...]:
    """Return how many more members there are, if any."""
    n = len(members.names) - len({_name(members, row) for row in shown})
    return (paragraph(message("list_more", n=str(n))),) if n > 0 else ()


def _cite(members: Members, rows: Sequence[Row]) -> tuple[tuple[Source, ...], TableRows]:
    sources, _ = cite_rows(rows)
    table = to_table_rows(members.table, rows)
    if any(row.group for row in rows):
        columns = ("", *table.columns)
        with_groups = tuple((row.group, *cells) for row, cells in zip(rows, table.rows, strict=True))
        table = replace(table, columns=columns, rows=with_groups, chart=None)
    return sources, table
