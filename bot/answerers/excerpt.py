"""The documents' own words, shown as such: when nothing else answers, nothing is composed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.answer import Block, ExcerptBlock, Status, TextBlock
from bot.answerers.choice import Choice, section
from bot.answerers.leads import lead
from bot.answerers.nearest import nearest
from bot.answerers.replied import Replied
from bot.answerers.rows import rows_to_show, touches
from bot.answerers.stretch import LONGEST, stretch
from bot.claims import unmarked
from bot.languages import joined, say
from bot.query.query import AnswerType, Query
from bot.tables import Row, Tables, table_block, table_notes
from bot.talk import subject
from bot.turn import Draft, Hit, ReadPassage, Source, Turn
from bot.validity import successors, superseded_by
from ingest.documents import Document, Passage
from ingest.lists import counted_as, numbered_as, series
from ingest.normalise import nfkc
from ingest.structure import unnumbered
from ingest.tokenise import words

# Characters of the whole answer.
_WHOLE = 500
# Characters that each place must have (decision 018).
_LEAST = 60
# The part of a table's room that its notes may take: a fourth to a half are as good (decision 025).
_OF_NOTES = 3
# Characters of a mark and the line feeds around an excerpt.
_MARKS = 6
# The reader's confidence from which on what is shown is said to answer, and likely to (decision 015).
_SURE, LIKELY = 0.85, 0.59
# What a section answers as a whole.
_WHOLE_SECTION = frozenset({AnswerType.OTHER, AnswerType.LIST, AnswerType.DEFINITION})


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
        self._choice = Choice(documents, tables)
        self._replied = Replied(of_document)
        self._several_issuers = len({document.issuer for document in documents if document.issuer}) > 1
        self._tables = tables
        self._of_document = of_document

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the excerpts, said to be unsure where they are; None where nothing is likely to answer."""
        query, reading = turn.query, turn.reading
        if query is None or reading is None or not reading.passages:
            return None
        if reading.confidence < LIKELY and not _is_headed(reading.passages[0].hit.passage, query):
            return None
        passages, unsure = _of_towns(reading.passages, query)
        if not passages:
            return None
        chosen, sharing = self._choice(passages, query, turn.hits[0].passage.id if turn.hits else "")
        chosen = self._replied(chosen, passages, query)
        if certain := _is_asked_for(chosen[0].hit.passage, query):
            chosen = [read for read in chosen if _is_asked_for(read.hit.passage, query)]
            sharing = min(sharing, len(chosen))
        certain = certain or reading.confidence >= _SURE
        sure = certain and self._touches(chosen[0], query)
        unsure = unsure or (
            "" if sure else joined([*_none_of(query), say("unsure", query.answer_language)], query.answer_language)
        )
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
        draft = _draft(shown, unsure, topic)
        near = nearest([read for read in passages if not self._is_older(read, query)], query, draft.sources)
        return replace(draft, notices=notices, nearest=near if unsure else ())

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

    def _lead(self, read: ReadPassage, query: Query, last: ReadPassage | None) -> str:
        """Return the line over a passage; under the section that was shown last it goes on from there."""
        if last and section(last) == section(read):
            return say("goes_on", query.answer_language)
        document = self._documents[read.hit.passage.doc_id]
        of_issuer = self._several_issuers or bool(query.scope.absent)
        older = self._is_older(read, query)
        return lead(document, read.hit.passage, query.answer_language, older=older, of_issuer=of_issuer)

    def _is_older(self, read: ReadPassage, query: Query) -> bool:
        """Whether the document of a passage has been replaced on the day that is asked for."""
        document = self._documents[read.hit.passage.doc_id]
        return superseded_by(document, query.scope.as_of, self._replacing) is not None

    def _members(self, chosen: Sequence[ReadPassage], query: Query) -> dict[tuple[str, ...], Passage]:
        """Return the sections that are the list asked for, with their first passages: by name, number or two chosen."""
        passages = [read.hit.passage for read in chosen] if query.asks_for_list else []
        of = {doc_id: tuple(self._of_document(doc_id)) for doc_id in {passage.doc_id for passage in passages}}
        lists = [one for passage in passages for one in _lists(of[passage.doc_id], passage, passages, query)]
        # What is called so is meant, before what the best passage happens to be in.
        lists.sort(key=lambda one: not one[0])
        return next((one for named, one in lists if named or passages[0].path[: len(next(iter(one)))] in one), {})

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


def _is_headed(passage: Passage, query: Query) -> bool:
    """Whether a section is of just what is asked about: its headings have all words that name that.

    It may tell what is asked in other words (無料 for the fee), or not at all (decision 021).
    """
    named = subject([term.text for term in query.terms if not term.asks])
    return bool(named) and named <= {*words(nfkc("\n".join(passage.path)))}


def _lists(
    passages: Sequence[Passage], of: Passage, chosen: Sequence[Passage], query: Query
) -> Iterator[tuple[bool, dict[tuple[str, ...], Passage]]]:
    """Yield the series around a passage that may be the list asked for, and whether the question names it."""
    for found in series(passages, of):
        depth, headings = len(next(iter(found))), {path[-1] for path in found}
        named = bool(counts := {*words(counted_as(of.path[depth - 1]))}) and counts <= {*words(query.text)}
        two = any(other.path[:depth] in found.keys() - {of.path[:depth]} for other in chosen)
        so_many = (named or two) and len(found) == query.members
        fits = len(headings) == len(found) and sum(len(one) + _MARKS for one in headings) <= _WHOLE // 2
        if fits and (so_many or (named and two and not query.members)):
            yield named, found


def _is_asked_for(passage: Passage, query: Query) -> bool:
    """Whether nothing but a section is asked for, by all words of its heading or of what numbers that.

    行動指針について教えてください, 行動指針をすべて; 視点1とは for 【視点1】 利便性の向上.
    """
    heading = nfkc(passage.section)
    asked = {term.text for term in query.terms} - (query.operation.words if query.operation else frozenset())
    names = ({*words(name)} for name in (unnumbered(heading), numbered_as(heading)))
    return query.answer_type in _WHOLE_SECTION and any(own and own == asked for own in names)


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
    return passages, "".join(_none_of(query))


def _none_of(query: Query) -> list[str]:
    """Return the sentence that there are no documents of the towns that are asked for; nothing where there are."""
    absent = query.scope.absent
    return [say("absent", query.answer_language, towns="・".join(sorted(absent)))] if absent else []


def _with_headings(passage: Passage) -> str:
    return nfkc("\n".join((*passage.path, passage.text)))


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
