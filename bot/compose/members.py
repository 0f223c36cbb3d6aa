"""Which rows of a table a question means: all, those of a class, those it names, those under a condition."""

import re
from collections.abc import Iterator, Sequence

from bot.check.claims import figures
from bot.compose.corpus import Corpus
from bot.compose.row import Row, read_row
from bot.find.evidence import content_terms_cached
from bot.find.short_names import longer_names
from bot.find.sides import side_asked, side_of, words_meant
from bot.find.sought import Sought
from bot.find.totals import TOTAL
from bot.find.valued import chosen_by_value
from bot.find.weigh import Weighed
from bot.understand.thesaurus import same_meaning
from bot.understand.vocabulary import CITY_LEVEL
from ingest.documents import Cell, Passage
from ingest.normalise import nfkc

Under = tuple[Row, tuple[Cell, ...]]
"""A row with the cells that meet the conditions."""

_TOTAL = re.compile(r"^[【(]?(?:合計|総?計|小計|総数|総額|全体|平均|全国|県平均)[】)]?$")
# How long it lasts, a table tells by its columns (3年間の合計).
_SPANS = frozenset({"年間", "か年", "ヶ年", "箇年", "期間"})
# Verbs that only join a name's nouns: 転倒による搬送, 福祉に関する相談.
_JOINING = frozenset({"因る", "よる", "関する", "対する", "於ける", "おける"})
_BRACKETS = re.compile(r"\([^()]*\)")
_ERA = re.compile(r"(?:明治|大正|昭和|平成|令和)(?![\d元])")
# Share of a row's name that a question must say to name the row.
NAMES_ROW = 0.6
# Pieces whose tables may be what the question is about, and the share of its words that the table must hold.
_BEST_ROWS, _HOLDS = 10, 0.7


def tables_about(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Iterator[list[Row]]:
    """Yield the tables of two rows and more that hold the question's words, in the order of their best rows."""
    seen = set[str]()
    for weighed in [w for w in fitting if w.evidence.kind == "row"][:_BEST_ROWS]:
        passage = weighed.evidence.passage
        if passage.id in seen:
            continue
        table = corpus.table(passage)
        seen |= {row.id for row in table}
        heads = " ".join((corpus.document(passage).title, *passage.path, corpus.lead_of(table)))
        if len(table) > 1 and _holds_words(table, heads, sought):
            yield [read_row(row) for row in table]


def _holds_words(table: Sequence[Passage], heads: str, sought: Sought) -> bool:
    """Whether all names and nearly all other words of the question stand in the table or over it."""
    words = content_terms_cached(heads).union(*(content_terms_cached(row.text) for row in table))
    names = " ".join(nfkc(row.text) for row in table)
    words |= {word for word, longer in longer_names(sought.asked.text).items() if longer.search(names)}
    words |= words_meant(table)
    wording = content_terms_cached(sought.reckoning.wording) if sought.reckoning else frozenset[str]()
    choice = chosen_by_value(table, sought.asked)
    words |= content_terms_cached(choice.wording) if choice else frozenset()
    aside = _SPANS | CITY_LEVEL | wording  # 村の決算: the documents are the asker's own town's
    terms = [t for t in sought.terms if t.is_strong and not t.text.isdigit() and t.text not in aside]
    missing = [t for t in terms if same_meaning(t.text).isdisjoint(words) and not any(m <= words for m in t.meanings)]
    total = sum(t.weight for t in terms)
    return not any(t.proper for t in missing) and sum(t.weight for t in missing) <= (1 - _HOLDS) * total


def without_totals(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that are no sum or mean of others."""
    return [row for row in rows if not _TOTAL.match(row.subject.strip())]


def total_of(rows: Sequence[Row]) -> Row | None:
    """Return the row that gives the sum of the others, if there is one."""
    return next((row for row in rows if TOTAL.match(row.subject.strip())), None)


def name_of(row: Row) -> frozenset[str]:
    """Return the words of a row's name without what stands in brackets."""
    return content_terms_cached(_BRACKETS.sub("", nfkc(row.subject))) - _JOINING


def named(rows: Sequence[Row], sought: Sought) -> list[Row]:
    """Return the rows that the question names: most words of their names are said, and no other's name says more."""
    said = {row: words for row in rows if (words := _said(row, sought))}
    best = [row for row, words in said.items() if not any(words < others for others in said.values())]
    return _told_apart(best, sought)


def _told_apart(rows: Sequence[Row], sought: Sought) -> list[Row]:
    """Return of rows with one name those whose second name the question means: 確保方策 by 受け入れ枠."""
    if len({row.subject for row in rows}) == len(rows):
        return list(rows)
    side = side_asked(sought.asked.text)
    seconds = {row: row.cells[0].value if row.cells and not figures(nfkc(row.cells[0].value)) else "" for row in rows}
    alike = [row for row, second in seconds.items() if side and side_of(nfkc(second)) is side]
    said = [row for row, second in seconds.items() if content_terms_cached(second) & sought.strong]
    return alike or said or list(rows)


def _said(row: Row, sought: Sought) -> frozenset[str]:
    name = name_of(row)
    said = name & sought.words
    if len(said) < NAMES_ROW * len(name):
        return said_shortly(row, sought)
    return said


def said_shortly(row: Row, sought: Sought) -> frozenset[str]:
    """Return the words of the question by which it names the row shortly: サル for ニホンザル."""
    name = _BRACKETS.sub("", nfkc(row.subject))
    longer = longer_names(sought.asked.text)
    return frozenset(word for word in sought.words if word in longer and longer[word].search(name))


def meant(rows: Sequence[Row], sought: Sought, column: str) -> list[Row]:
    """Return the rows of the class that the question names (分館 of 館), those it names, or all: never one alone.

    Where it names a value that several rows share (東地区の避難所), they are of those rows.
    """
    rows = of_value(without_totals(rows), sought)
    names = {row: name_of(row) for row in rows}
    heads = content_terms_cached(f"{column} {' '.join(rows[0].passage.path)}") if rows else frozenset()
    words = (sought.strong & frozenset[str]().union(*names.values())) - heads
    of_class = [row for row in rows if words <= names[row]] if words else []
    # 図書館 that heads the table names none of its rows.
    by_name = [row for row in named(rows, sought) if words or not _said(row, sought) <= heads]
    return next((found for found in (of_class, by_name) if len(found) > 1), rows)


def of_value(rows: Sequence[Row], sought: Sought) -> list[Row]:
    """Return the rows that the question chooses by a value of one of their cells, or all."""
    choice = chosen_by_value([row.passage for row in rows], sought.asked)
    return [row for row in rows if choice is None or row.passage in choice.rows]


def under_condition(rows: Sequence[Row], sought: Sought) -> list[Under]:
    """Return the rows of which one column holds what the question says beyond heads and names; none without such.

    昭和に開館した館 are the rows with 昭和 in one column, 市が行う施策 those with 市.
    """
    rows = without_totals(rows)
    if choice := chosen_by_value([row.passage for row in rows], sought.asked):
        return [
            (row, tuple(c for c in row.passage.cells if c.column in choice.columns))
            for row in rows
            if row.passage in choice.rows
        ]
    heads = dict.fromkeys(c.column for row in rows for c in row.passage.cells)
    conditions = _conditions(rows, " ".join(heads), sought)
    for column in heads if conditions else ():
        found: list[Under] = [
            (row, (c,)) for row in rows for c in row.cells if c.column == column and _meets(c.value, conditions)
        ]
        if 0 < len(found) < len(rows):
            return found
    return []


def _conditions(rows: Sequence[Row], heads: str, sought: Sought) -> frozenset[str]:
    """Return the words that a column must hold; none where the table lacks one that names a thing."""
    if not rows:
        return frozenset()
    about = content_terms_cached(f"{' '.join(rows[0].passage.path)} {heads}")
    values = frozenset[str]().union(*(content_terms_cached(c.value) for row in rows for c in row.cells))
    free = [t for t in sought.terms if t.is_strong and t.text not in about]
    if any(t.text not in values and t.weight >= 1.0 and not _is_class(t.text, rows) for t in free):
        return frozenset()
    return frozenset(t.text for t in free if t.text in values) | frozenset(_ERA.findall(sought.asked.text))


def _is_class(word: str, rows: Sequence[Row]) -> bool:
    return all(word in name_of(row) for row in rows)


def _meets(value: str, conditions: frozenset[str]) -> bool:
    return all(word in content_terms_cached(value) or nfkc(value).startswith(word) for word in conditions)
