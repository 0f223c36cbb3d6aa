"""Rows that a question chooses by what their cells say, not by their names: 東地区にある公園, 犬と入れる公園."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.check.flags import Flag, flags_of
from bot.check.roles import role_of_column
from bot.find.evidence import content_terms_cached
from bot.find.flags import asks_flag
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.understand.asked import Asked, Kind
from bot.understand.reckoning import Operation
from ingest.documents import Passage
from ingest.normalise import dates, nfkc, quantities

_BRACKETS = re.compile(r"\([^()]*\)|\s*※.*$")
_LETTER = re.compile(r"[一-龥々ァ-ヶーA-Za-z]")
# One cell may name several: 危機管理課・福祉課.
_PARTS = re.compile(r"[、・,/]")
# A name of a place or an office as questions lengthen it: 東地区, 建設課所管.
_LENGTHENED = re.compile(r"地区|地域|校区|学区|方面|管内|内|側|所管|担当|管轄")
_EXCEPTED = re.compile(r"(?:地区|地域|方面|側)?(?:以外|でない|ではない|じゃない|を除)")
_CHOOSING = frozenset({Operation.SUM, Operation.MOST, Operation.LEAST, Operation.BOUND, Operation.COUNT})
_MEMBERS = re.compile(r"どこ|どれ|どの|どんな|何(?=が|です|か[。?]|$)|何と何|一覧|すべて|全て|全部|教え")
_COUNTERS = frozenset(
    ["か所", "つ", "個", "件", "施設", "館", "校", "園", "課", "店", "社", "棟", "団体", "事業", "項目", "指標"]
)
# Longer cells tell something; what names a class is short.
_LONGEST, _SHORTEST = 20, 2


@dataclass(frozen=True, slots=True)
class Choice:
    """The `rows` that a question chooses by the cells of `columns`; `wording` are its words that say so."""

    rows: tuple[Passage, ...]
    columns: tuple[str, ...]
    wording: str


@dataclass(frozen=True, slots=True)
class _Condition:
    column: str
    values: frozenset[str]
    wording: str


def chosen_by_value(rows: Sequence[Passage], asked: Asked) -> Choice | None:
    """Return the rows of a table that the question chooses by values several of them share.

    None where it names no value, where all rows have it or none has all that are named, and where it names a row.
    """
    return _chosen(tuple(rows), asked)


@lru_cache(maxsize=256)
def _chosen(rows: tuple[Passage, ...], asked: Asked) -> Choice | None:
    if len(rows) < 2 or not all(row.cells for row in rows):  # noqa: PLR2004 -- one is not chosen among
        return None
    found = list(_conditions(rows, asked))
    chosen = tuple(row for row in rows if all(_value(row, c.column) in c.values for c in found))
    wording = " ".join(condition.wording for condition in found)
    if not found or not 0 < len(chosen) < len(rows) or any(_name(row) in asked.text for row in rows):
        return None
    return Choice(chosen, tuple(condition.column for condition in found), wording)


def _conditions(rows: Sequence[Passage], asked: Asked) -> Iterator[_Condition]:
    """Yield what the question wants of the columns whose values several rows share."""
    kind = class_of(rows)
    for column in dict.fromkeys(c.column for row in rows for c in row.cells[1:]):
        values = [_value(row, column) for row in rows]
        told = [value for value in values if value]
        if len(set(told)) == len(told) or dates(nfkc(column)) or role_of_column(nfkc(column)):
            continue
        if flags := flags_of(told):
            wanted = asks_flag(column, kind, asked)
            if wanted:
                holds = {Flag.YES} if wanted.affirmed else {Flag.NO}
                yield _Condition(column, frozenset(v for v, flag in flags.items() if flag in holds), wanted.wording)
        elif named := _named(rows, column, asked.text, kind):
            yield named


def _named(rows: Sequence[Passage], column: str, text: str, kind: re.Pattern[str]) -> _Condition | None:
    """Return the condition that a cell names what the question names, or with 以外 behind it that it does not."""
    values = {_value(row, column) for row in rows} - {""}
    parts = {part: value for value in values for part in _PARTS.split(value) if _names_class(part)}
    for part in sorted(parts, key=len, reverse=True):
        for match in re.finditer(re.escape(part), text):
            if not _stands_alone(text, match, column) or _within_row(rows, text, match):
                continue
            having = frozenset(value for value in values if part in _PARTS.split(value))
            others = bool(_EXCEPTED.match(text, match.end()))
            end = kind.search(text, match.end(), match.end() + _LONGEST)
            wording = text[match.start() : end.start() if end else match.end()]
            return _Condition(column, frozenset(values - having if others else having), wording)
    return None


def _names_class(part: str) -> bool:
    return _SHORTEST <= len(part) <= _LONGEST and not quantities(part) and not dates(part)


def _stands_alone(text: str, match: re.Match[str], column: str) -> bool:
    """Whether the words are no part of a longer name, but for the column's own behind it (東地区)."""
    before, behind = text[: match.start()], text[match.end() :]
    if before and _LETTER.match(before[-1]) and _LETTER.match(match[0]):
        return False
    longer = behind.startswith(nfkc(column)) or bool(_LENGTHENED.match(behind) or _EXCEPTED.match(behind))
    return longer or not _LETTER.match(behind)


def _within_row(rows: Sequence[Passage], text: str, match: re.Match[str]) -> bool:
    """Whether the words stand within the name of a row (東 in 東公民館)."""
    spans = (found.span() for row in rows for found in re.finditer(re.escape(_name(row)), text))
    return any(start <= match.start() and match.end() <= end for start, end in spans)


def class_of(rows: Sequence[Passage]) -> re.Pattern[str]:
    """Return what finds where a question speaks of the rows as such: by the name of the first column, as もの, どこ."""
    head = _BRACKETS.sub("", nfkc(rows[0].cells[0].column)).strip()
    names = {name for name in (head, head.removesuffix("称").removesuffix("名")) if len(name) >= _SHORTEST}
    of_any = r"もの|ところ|場所|施設|の(?=は|って|が|を|で)"
    return re.compile("|".join([*map(re.escape, sorted(names, key=len, reverse=True)), of_any]))


def names_class(rows: Sequence[Passage], words: frozenset[str]) -> bool:
    """Whether words of a question name what the rows are: the head of their first column, their table's heading."""
    return bool(words & content_terms_cached(f"{rows[0].cells[0].column} {rows[0].section}"))


def _name(row: Passage) -> str:
    return re.sub(r"\s", "", _BRACKETS.sub("", nfkc(row.cells[0].value)))


def _value(row: Passage, column: str) -> str:
    return next((nfkc(c.value).strip() for c in row.cells if c.column == column), "")


def asks_rows(sought: Sought, rows: Sequence[Passage]) -> bool:
    """Whether the question names what the rows are and is for them (どれ, 何か所), or for figures over them."""
    if not names_class(rows, sought.words | sought.asked.hints):
        return False
    asked, reckoning = sought.asked, sought.reckoning
    if reckoning is not None:
        return reckoning.operation in _CHOOSING
    return asked.kind is Kind.LIST or counts_rows(asked, rows) or (not asked.unit and bool(_MEMBERS.search(asked.text)))


def counts_rows(asked: Asked, rows: Sequence[Passage]) -> bool:
    """Whether a number of things is asked for that no column of the table has (何か所)."""
    values = (quantity for row in rows for c in row.cells[1:] for quantity in quantities(nfkc(c.value)))
    return asked.unit in _COUNTERS and all(quantity.unit != asked.unit for quantity in values)


def over_values(sought: Sought, weighed: Sequence[Weighed]) -> list[Weighed]:
    """Return the rows that the question chooses by values of a table all of whose other words the table has."""
    tables: dict[tuple[str, tuple[str, ...], str], list[Weighed]] = {}
    for w in weighed:
        if (row := w.evidence.passage).cells and w.evidence.kind == "row":
            tables.setdefault((row.doc_id, row.path, row.cells[0].column), []).append(w)
    for table in tables.values():
        rows = [w.evidence.passage for w in table]
        choice = chosen_by_value(rows, sought.asked)
        if choice and asks_rows(sought, rows) and _names_nothing_else(sought, table, choice):
            return [w for w in table if w.evidence.passage in choice.rows]
    return []


def _names_nothing_else(sought: Sought, table: Sequence[Weighed], choice: Choice) -> bool:
    """Whether each noun of the question stands in the table, over it, or in the wording that chooses."""
    words = content_terms_cached(choice.wording).union(*(w.evidence.around | w.evidence.far for w in table))
    free = [t for t in sought.terms if t.weight >= 1.0 and not t.text.isdigit()]
    return all(t.text in words or any(meaning <= words for meaning in t.meanings) for t in free)
