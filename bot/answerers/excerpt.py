"""The documents' own words, shown as such: when nothing else answers, nothing is composed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.answer import Block, ExcerptBlock, Status, TextBlock
from bot.answerers.leads import lead, say
from bot.claims import unmarked
from bot.query.operation import Operator
from bot.query.query import AnswerType, Query, Scope
from bot.reader import ReadPassage, Unit
from bot.tables import Row, Tables, named_rows, row_text, table_block
from bot.turn import Draft, Source, Turn
from bot.validity import successors, superseded_by
from ingest.documents import Document

# Characters of an excerpt, and of the whole answer.
_LONGEST, _WHOLE = 240, 500
# Characters of a mark and the line feeds around an excerpt.
_MARKS = 6
# The reader's confidence from which on what is shown is said to answer, and likely to (eval/LOG.md, 2026-11-21).
_SURE, _LIKELY = 0.77, 0.57
# The share of the best passage's probability from which on another place is shown too (eval/LOG.md, 2026-11-21).
_NEARLY_AS_GOOD = 0.5
# What a document that is not in force counts beside one that is (eval/LOG.md, 2026-11-21).
_NOT_IN_FORCE = 0.6


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown of one place: as text with its `[n]` marks, as a block, and the sources of these marks."""

    text: str
    block: Block
    sources: tuple[Source, ...]


class Excerpt:
    """Shows the best part of the best passages, of one place or of two, behind a line that names each."""

    def __init__(self, documents: Sequence[Document], tables: Tables) -> None:
        self._documents = {document.id: document for document in documents}
        self._replacing = successors(documents)
        self._several_issuers = len({document.issuer for document in documents if document.issuer}) > 1
        self._tables = tables

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the excerpts, said to be unsure where they are; None where nothing is likely to answer."""
        query, reading = turn.query, turn.reading
        if query is None or reading is None or reading.confidence < _LIKELY or not reading.passages:
            return None
        chosen = self._chosen(reading.passages, query.scope)
        leads = [self._lead(read, query) for read in chosen]
        unsure = say("unsure", query.language) if reading.confidence < _SURE else ""
        shown: list[_Shown] = []
        left = _WHOLE - sum(len(line) + _MARKS for line in (*leads, unsure))
        for behind, (read, line) in enumerate(zip(chosen, leads, strict=True), 1):
            n = 1 + sum(len(one.sources) for one in shown)
            longest = min(_LONGEST, left // (len(chosen) + 1 - behind))
            shown.append(self._rows(read, query, line, n, longest) or _stretch(read, line, n, longest))
            left -= len(shown[-1].text) - len(line)
        return _draft(shown, unsure, chosen[0].hit.passage.section)

    def _chosen(self, passages: Sequence[ReadPassage], scope: Scope) -> list[ReadPassage]:
        """Return the one passage to show, or two where the second is nearly as good, or of what is compared.

        Where no issuer is named, the second is one of another issuer, if there is any: who asks knows which is meant.
        """
        ranked = sorted(passages, key=lambda read: -_weight(read, scope))
        first, least = ranked[0], _NEARLY_AS_GOOD * _weight(ranked[0], scope)
        others = [read for read in ranked[1:] if not self._is_of_one_place(read, first)]
        if scope.compared:
            of_other = [r for r in others if r.hit.passage.doc_id in scope.compared - {first.hit.passage.doc_id}]
            return [first, *(of_other or others)[:1]]
        good = [read for read in others if _weight(read, scope) >= least]
        elsewhere = [read for read in good if not scope.issuers and self._issuer(read) != self._issuer(first)]
        return [first, *(elsewhere or good)[:1]]

    def _issuer(self, read: ReadPassage) -> str:
        return self._documents[read.hit.passage.doc_id].issuer

    def _is_of_one_place(self, one: ReadPassage, other: ReadPassage) -> bool:
        """Whether two passages are rows of one table, which is shown once, or say the same."""
        table = self._tables.of(one.hit.passage)
        same_table = table is not None and table is self._tables.of(other.hit.passage)
        return same_table or one.hit.passage.text.strip() == other.hit.passage.text.strip()

    def _lead(self, read: ReadPassage, query: Query) -> str:
        passage = read.hit.passage
        document = self._documents[passage.doc_id]
        older = superseded_by(document, query.scope.as_of, self._replacing) is not None
        return lead(document, passage, query.language, older=older, of_issuer=self._several_issuers)

    def _rows(self, read: ReadPassage, query: Query, line: str, n: int, longest: int) -> _Shown | None:
        """Return the row that was found, with the others of its table that fit; None where it stands by itself.

        It does where it is no row, where the question names it and asks nothing of several, and where it is too long.
        Who asks for all of something sees the rows by their labels alone, where they do not fit with their cells.
        """
        relation = self._tables.of(read.hit.passage)
        if relation is None:
            return None
        named = named_rows(query, relation)
        found = tuple(row for row in relation.rows if row.passage.id == read.hit.passage.id)
        of_one = query.operation is None or query.operation.operator is Operator.SELECT
        if of_one and named == found:
            return None
        wanted = tuple(dict.fromkeys((*found, *named, *relation.rows)))
        told = {row: row_text(relation, row) for row in wanted}
        if query.answer_type is AnswerType.LIST and sum(len(text) + _MARKS for text in told.values()) > longest:
            told = {row: f"・{row.label}" for row in wanted}
        rows = _fitting(wanted, told, longest)
        if not rows or rows[0] not in found:
            return None
        rows.sort(key=relation.rows.index)
        said = "\n".join(f"{told[row]}[{n + i}]" for i, row in enumerate(rows))
        block = table_block(relation, rows, first=n).model_copy(update={"caption": line})
        return _Shown(f"{line}\n{said}", block, tuple(Source(row.passage, row.passage.text) for row in rows))


def nearest(turn: Turn, most: int = 3) -> tuple[Source, ...]:
    """Return the best stretch of each of the best passages, as what lies near and may not answer; there may be none."""
    read = turn.reading.passages[:most] if turn.reading else ()
    return tuple(Source(r.hit.passage, r.hit.passage.text[slice(*stretch(r, _LONGEST))]) for r in read if r.units)


def stretch(read: ReadPassage, longest: int) -> tuple[int, int]:
    """Return where the whole units around the best one begin and end, grown by the better neighbour while they fit.

    The best unit is shown whole, however long. A passage without units is shown whole.
    """
    units = read.units
    if not units:
        return 0, len(read.hit.passage.text)
    first = last = units.index(max(units, key=lambda unit: unit.probability))
    while True:
        around = [i for i in (first - 1, last + 1) if 0 <= i < len(units)]
        fitting = [i for i in around if _length(units, min(i, first), max(i, last)) <= longest]
        if not fitting:
            return units[first].start, units[last].end
        nearer = max(fitting, key=lambda i: units[i].probability)
        first, last = min(first, nearer), max(last, nearer)


def _length(units: Sequence[Unit], first: int, last: int) -> int:
    return units[last].end - units[first].start


def _fitting(rows: Sequence[Row], told: Mapping[Row, str], longest: int) -> list[Row]:
    """Return the rows, the first ones first, whose lines fit into `longest` characters together."""
    fitting, left = list[Row](), longest
    for row in rows:
        if len(told[row]) + _MARKS <= left:
            fitting.append(row)
            left -= len(told[row]) + _MARKS
    return fitting


def _weight(read: ReadPassage, scope: Scope) -> float:
    return read.probability * (1.0 if read.hit.passage.doc_id in scope.preferred else _NOT_IN_FORCE)


def _stretch(read: ReadPassage, line: str, n: int, longest: int) -> _Shown:
    passage, (start, end) = read.hit.passage, stretch(read, longest)
    text = passage.text[start:end]
    best = max(read.units, key=lambda unit: unit.probability, default=None)
    highlight = (best.start - start, best.end - start) if best else (0, len(text))
    block = ExcerptBlock(n=n, lead=line, text=text, highlight=highlight)
    return _Shown(f"{line}\n{unmarked(text.rstrip())}[{n}]", block, (Source(passage, text),))


def _draft(shown: Sequence[_Shown], unsure: str, topic: str) -> Draft:
    text = "\n\n".join([*([unsure] if unsure else []), *(one.text for one in shown)])
    blocks: tuple[Block, ...] = tuple(one.block for one in shown)
    sources = tuple(source for one in shown for source in one.sources)
    if not unsure:
        return Draft(text, sources, topic=topic, blocks=blocks)
    return Draft(text, sources, Status.PARTIAL, topic=topic, blocks=(TextBlock(text=unsure), *blocks))
