"""The documents' own words, shown as such: when nothing else answers, nothing is composed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.answer import Block, ExcerptBlock, Status, TextBlock
from bot.answerers.leads import lead
from bot.answerers.rows import rows_to_show, touches
from bot.answerers.stretch import LONGEST, stretch
from bot.claims import unmarked
from bot.languages import say
from bot.query.query import Query, Scope
from bot.reader import speaks_as_well
from bot.tables import Row, Tables, table_block, table_notes
from bot.turn import Draft, Hit, ReadPassage, Source, Turn
from bot.validity import successors, superseded_by
from ingest.documents import Document, Passage
from ingest.lists import counted_as, series
from ingest.normalise import nfkc
from ingest.structure import unnumbered
from ingest.structure.speeches import is_asked
from ingest.tokenise import words

# Characters of the whole answer.
_WHOLE = 500
# Places that share the whole, a third among them that is about as good as the first (the share of its weight); others
# are shown where all of them fits. Characters that each must have (eval/LOG.md, 2026-11-22).
_PLACES, _AS_GOOD, _LEAST = 2, 0.8, 60
# The part of a table's room that its notes may take: a fourth to a half are as good (eval/LOG.md, 2026-11-22).
_OF_NOTES = 3
# Characters of a mark and the line feeds around an excerpt.
_MARKS = 6
# The reader's confidence from which on what is shown is said to answer, and likely to (eval/LOG.md, 2026-11-22).
_SURE, _LIKELY = 0.85, 0.54
# The share of the best passage's weight that another place must have to be shown too, and the share that is enough for
# what search found first (eval/LOG.md, 2026-11-21).
_NEARLY_AS_GOOD, _FOUND_FIRST = 0.25, 0.1
# What a question of a member of a council counts beside what it was answered (.3 to .7 alike: eval/LOG.md, 2026-11-23).
_ASKED = 0.5
# What a passage of a document that is not in force counts beside one of a document that is (eval/LOG.md, 2026-11-21).
_NOT_IN_FORCE = 0.6
# What one in force counts where the question asks for an older one: at twice as much both are shown, at a sixth what
# only the later one tells is lost.
_NOT_OF_THEN = 0.19


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown of one place: as text with its `[n]` marks, as blocks, and the sources of these marks."""

    text: str
    blocks: tuple[Block, ...]
    sources: tuple[Source, ...]


class Excerpt:
    """Shows the best part of the best passages, of one place or of two, behind a line that names each."""

    def __init__(
        self, documents: Sequence[Document], tables: Tables, of_document: Callable[[str], Iterable[Passage]]
    ) -> None:
        self._documents = {document.id: document for document in documents}
        self._replacing = successors(documents)
        self._several_issuers = len({document.issuer for document in documents if document.issuer}) > 1
        self._tables = tables
        self._of_document = of_document

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the excerpts, said to be unsure where they are; None where nothing is likely to answer."""
        query, reading = turn.query, turn.reading
        if query is None or reading is None or reading.confidence < _LIKELY or not reading.passages:
            return None
        passages, unsure = _of_towns(reading.passages, query)
        if not passages:
            return None
        chosen, sharing = self._chosen(passages, query, turn.hits[0].passage.id if turn.hits else "")
        sure = reading.confidence >= _SURE and self._touches(chosen[0], query)
        unsure = unsure or ("" if sure else say("unsure", query.answer_language))
        shown, last, topic = list[_Shown](), None, chosen[0].hit.passage.section
        left = _WHOLE - len(unsure) - _MARKS
        if members := self._members(chosen, query):
            shown.append(self._headings(members, query))
            left, depth = left - len(shown[0].text) - _MARKS, len(next(iter(members)))
            # Of some of them alone no text is shown.
            if not members.keys() <= {read.hit.passage.path[:depth] for read in chosen}:
                chosen = [read for read in chosen if read.hit.passage.path[:depth] not in members]
        for at, read in enumerate(chosen):
            line, whole = self._lead(read, query, last), len(read.hit.passage.text)
            room = left - len(line) - _MARKS
            if shown and room < (min(_LEAST, whole) if at < sharing else whole):
                continue
            room = room if shown else max(room, _LEAST)
            share = self._share(room, read, chosen[at + 1 : sharing], query)
            n = 1 + sum(len(one.sources) for one in shown)
            found = self._rows(read, turn, line, n, share)
            shown.append(found or _stretch(read, query, line, n, (share, room)))
            left, last = left - len(shown[-1].text) - _MARKS, read
        compared = query.scope.compared
        follows = any(compared.intersection(self._documents[doc_id].supersedes) for doc_id in compared)
        notices = (say("compared", query.answer_language),) if follows else ()
        return replace(_draft(shown, unsure, topic), notices=notices)

    def _touches(self, read: ReadPassage, query: Query) -> bool:
        """Whether what is shown first can tell what is asked, where it is a row."""
        relation = self._tables.of(read.hit.passage)
        return relation is None or touches(query, relation, read.hit.passage)

    def _share(self, room: int, read: ReadPassage, others: Sequence[ReadPassage], query: Query) -> int:
        """Return the characters for a place of those that share the room: an equal part, or what the `others` leave."""
        if not others:
            return room
        leads = (self._lead(other, query, last) for last, other in pairwise((read, *others)))
        room -= sum(len(line) + _MARKS for line in leads)
        return max(_LEAST, room // (len(others) + 1), room - sum(len(other.hit.passage.text) for other in others))

    def _chosen(self, passages: Sequence[ReadPassage], query: Query, found_first: str) -> tuple[list[ReadPassage], int]:
        """Return the passages to show, and how many of them share the room: the best, what is set beside it, others.

        Where no issuer is named, these are of other issuers, if any is nearly as good: who asks knows which is meant.
        """
        scope, weights = query.scope, self._weights(passages, query.scope)
        ranked = sorted(passages, key=lambda read: -weights[read.hit.passage.id])
        best = weights[ranked[0].hit.passage.id]
        if newer := self._newer(ranked[0], ranked, query):
            ranked = [newer, *(read for read in ranked if read is not newer)]
        first = ranked[0]
        others = list[ReadPassage]()
        for read in ranked[1:]:
            if not any(self._is_of_one_place(read, other) for other in (first, *others)):
                others.append(read)
        good = [read for read in others if weights[read.hit.passage.id] >= _NEARLY_AS_GOOD * best]
        beside = self._of_other_issuers(first, others if scope.issuers else good) if len(scope.issuers) != 1 else []
        if beside and not scope.compared:
            return [first, *beside], _PLACES
        second = self._second(first, others, weights, scope, found_first)
        chosen = [first, *second, *(read for read in good if read not in second)]
        as_good = [read for read in chosen[_PLACES:][:1] if weights[read.hit.passage.id] >= _AS_GOOD * best]
        return chosen, _PLACES + len(as_good)

    def _second(
        self,
        first: ReadPassage,
        others: Sequence[ReadPassage],
        weights: Mapping[str, float],
        scope: Scope,
        found_first: str,
    ) -> list[ReadPassage]:
        """Return what is set beside the first, if anything is.

        Where two sides are compared, the passage of the other one under the same heading, or its best; else one that is
        as likely, but not in force; else the one that search `found_first`, if it is of another section and may well
        answer.
        """
        if scope.compared:
            of_other = [r for r in others if r.hit.passage.doc_id in scope.compared - {first.hit.passage.doc_id}]
            subject = unnumbered(first.hit.passage.section)
            least = _NEARLY_AS_GOOD * max((weights[read.hit.passage.id] for read in of_other), default=0.0)
            good = [read for read in of_other if weights[read.hit.passage.id] >= least]
            of_subject = [read for read in good if subject and unnumbered(read.hit.passage.section) == subject]
            return (of_subject or of_other or list(others))[:1]
        best = weights[first.hit.passage.id]
        older = [read for read in others if read.hit.passage.doc_id not in scope.preferred]
        good = [read for read in older if weights[read.hit.passage.id] >= _NEARLY_AS_GOOD * best]
        aged = [read for read in good if read.probability >= first.probability][:1]
        searched = [read for read in others if read.hit.passage.id == found_first and read not in older]
        may_answer = [read for read in searched if weights[found_first] >= _FOUND_FIRST * best]
        return aged or [read for read in may_answer if _section(read) != _section(first)]

    def _weights(self, passages: Sequence[ReadPassage], scope: Scope) -> dict[str, float]:
        """Return what each passage counts; for a section's best one its second speaks too."""
        weights = {read.hit.passage.id: self._weight(read, scope) for read in passages}
        sections = defaultdict[tuple[str, tuple[str, ...]], list[str]](list)
        for read in sorted(passages, key=lambda read: -weights[read.hit.passage.id]):
            sections[_section(read)].append(read.hit.passage.id)
        second = {of[0]: weights[of[1]] for of in sections.values() if len(of) > 1}
        return {passage: weight + second.get(passage, 0.0) for passage, weight in weights.items()}

    def _of_other_issuers(self, first: ReadPassage, ranked: Sequence[ReadPassage]) -> list[ReadPassage]:
        """Return the best passage of each issuer but that of the first."""
        best = {self._issuer(read): read for read in reversed((first, *ranked))}
        return [read for read in ranked if best[self._issuer(read)] is read]

    def _weight(self, read: ReadPassage, scope: Scope) -> float:
        weight = read.probability * (_ASKED if is_asked(read.hit.passage.path) else 1.0)
        if read.hit.passage.doc_id in scope.preferred:
            return weight
        return weight * (_NOT_OF_THEN if self._asks_older(scope) else _NOT_IN_FORCE)

    def _asks_older(self, scope: Scope) -> bool:
        """Whether the documents that the question means, by name or by time, have all been replaced."""
        preferred = (self._documents[doc_id] for doc_id in scope.preferred)
        return all(superseded_by(document, scope.as_of, self._replacing) for document in preferred)

    def _newer(self, first: ReadPassage, ranked: Sequence[ReadPassage], query: Query) -> ReadPassage | None:
        """Return the best passage in force that speaks to the question as well as the first, of an older one, does."""
        scope = query.scope
        older = superseded_by(self._documents[first.hit.passage.doc_id], scope.as_of, self._replacing)
        if not older or scope.compared or self._asks_older(scope):
            return None
        return next((read for read in ranked if speaks_as_well(read, first, query)), None)

    def _issuer(self, read: ReadPassage) -> str:
        return self._documents[read.hit.passage.doc_id].issuer

    def _is_of_one_place(self, one: ReadPassage, other: ReadPassage) -> bool:
        """Whether two passages are rows of one table, which is shown once, or say the same."""
        rows = one.hit.passage.kind == other.hit.passage.kind == "row" and _section(one) == _section(other)
        same_table = rows and self._tables.of(one.hit.passage) is self._tables.of(other.hit.passage)
        return same_table or one.hit.passage.text.strip() == other.hit.passage.text.strip()

    def _lead(self, read: ReadPassage, query: Query, last: ReadPassage | None) -> str:
        """Return the line over a passage; under the section that was shown last it goes on from there."""
        if last and _section(last) == _section(read):
            return say("goes_on", query.answer_language)
        passage = read.hit.passage
        document = self._documents[passage.doc_id]
        older = superseded_by(document, query.scope.as_of, self._replacing) is not None
        of_issuer = self._several_issuers or bool(query.scope.absent)
        return lead(document, passage, query.answer_language, older=older, of_issuer=of_issuer)

    def _members(self, chosen: Sequence[ReadPassage], query: Query) -> dict[tuple[str, ...], Passage]:
        """Return the sections that are the list asked for, with their first passages: by name, number or two chosen."""
        first, *others = (read.hit.passage for read in chosen)
        passages = tuple(self._of_document(first.doc_id)) if query.asks_for_list else ()
        for found in series(passages, first):
            depth, headings = len(next(iter(found))), {path[-1] for path in found}
            named = (counts := {*words(counted_as(first.path[depth - 1]))}) and counts <= {*words(query.text)}
            two = any(other.path[:depth] in found.keys() - {first.path[:depth]} for other in others)
            so_many = (named or two) and len(found) == query.members
            fits = len(headings) == len(found) and sum(len(one) + _MARKS for one in headings) <= _WHOLE // 2
            if fits and (so_many or (named and two and not query.members)):
                return found
        return {}

    def _headings(self, members: Mapping[tuple[str, ...], Passage], query: Query) -> _Shown:
        """Return the headings of sections, each cited, behind a line that names what they stand under."""
        path, first = next(iter(members.items()))
        under = replace(first, path=path[:-1] or (self._documents[first.doc_id].title,))
        line = self._lead(ReadPassage(Hit(under, 1.0), 1.0, ()), query, None)
        text = "\n".join((line, *(f"・{unmarked(path[-1])}[{n}]" for n, path in enumerate(members, 1))))
        return _Shown(text, (TextBlock(text=text),), tuple(Source(m, m.text.split("\n")[0]) for m in members.values()))

    def _rows(self, read: ReadPassage, turn: Turn, line: str, n: int, longest: int) -> _Shown | None:
        """Return the row that was found, with the others of its table that fit; None where it stands by itself."""
        relation = self._tables.of(read.hit.passage)
        if relation is None or turn.query is None or turn.reading is None:
            return None
        likely = {each.hit.passage.id: each.probability for each in turn.reading.passages}
        notes = table_notes(relation, n, longest // _OF_NOTES)
        lines = rows_to_show(turn.query, relation, read.hit.passage, likely, longest - len(notes))
        if not lines:
            return None
        said, rows = line, list[Row]()
        for told, alike in lines:
            said += f"\n{told}" + "".join(f"[{n + len(rows) + i}]" for i in range(len(alike)))
            rows += alike
        blocks: tuple[Block, ...] = (table_block(relation, rows, first=n).model_copy(update={"caption": line}),)
        if notes:
            said, blocks = f"{said}\n{notes}", (*blocks, TextBlock(text=notes))
        return _Shown(said, blocks, tuple(Source(row.passage, row.passage.text) for row in rows))


def _of_towns(passages: Sequence[ReadPassage], query: Query) -> tuple[Sequence[ReadPassage], str]:
    """Return the passages that may answer where the question names a town that published none of the documents.

    These are such as name it. Where none does, nothing answers for another city. A prefecture holds the town whose
    documents these are, a town, village or ward may lie within it, and one may be set beside it: then all passages are
    shown, behind the sentence that is returned too.
    """
    absent = query.scope.absent
    naming = [read for read in passages if any(town in _with_headings(read.hit.passage) for town in absent)]
    if naming or not absent:
        return naming or passages, ""
    if not query.scope.issuers and any(town.endswith("市") for town in absent):
        return (), ""
    return passages, say("absent", query.answer_language, towns="・".join(sorted(absent)))


def _with_headings(passage: Passage) -> str:
    return nfkc("\n".join((*passage.path, passage.text)))


def _section(read: ReadPassage) -> tuple[str, tuple[str, ...]]:
    return read.hit.passage.doc_id, read.hit.passage.path


def _stretch(read: ReadPassage, query: Query, line: str, n: int, room: tuple[int, int]) -> _Shown:
    passage, shown = read.hit.passage, stretch(read, query, min(LONGEST, room[0]), room[1])
    text = passage.text[shown.start : shown.end]
    (before, behind), gap = (("…" if part else "") for part in shown.goes_on), "\n" if shown.of_list else ""
    line += say("cut_list" if shown.of_list else "cut", query.answer_language) if before or behind else ""
    start, end = shown.best
    block = ExcerptBlock(n=n, lead=line, text=text, highlight=(start - shown.start, end - shown.start))
    told = gap.join(filter(None, (before, unmarked(text.rstrip()), behind)))
    return _Shown(f"{line}\n{told}[{n}]", (block,), (Source(passage, text),))


def _draft(shown: Sequence[_Shown], unsure: str, topic: str) -> Draft:
    text = "\n\n".join([*([unsure] if unsure else []), *(one.text for one in shown)])
    remark = (TextBlock(text=unsure),) if unsure else ()
    blocks: tuple[Block, ...] = (*remark, *(block for one in shown for block in one.blocks))
    sources = tuple(source for one in shown for source in one.sources)
    return Draft(text, sources, Status.PARTIAL if unsure else Status.ANSWERED, topic, blocks=blocks)
