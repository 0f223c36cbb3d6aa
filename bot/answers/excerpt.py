"""Answers with verbatim excerpts of the best passages; the fallback of all other answerers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.answers.related_passages import find_related_passages
from bot.answers.snippet import LONGEST, select_snippet
from bot.answers.source_line import build_source_line
from bot.answers.table_rows import can_rows_answer, select_rows
from bot.conversation import subject_terms
from bot.languages import join_sentences, message_text
from bot.question.query import AnswerType, Query
from bot.relevance.adjustments import Adjustments
from bot.relevance.adjustments.absent_towns import names_absent_town
from bot.relevance.adjustments.ranking import section_key
from bot.state import Block, Draft, ExcerptBlock, Hit, ScoredPassage, Source, Status, TextBlock, Turn
from bot.tables import table_block, table_notes
from bot.verification import escape_marks
from ingest.chunking.table import Row
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.tokenise import words
from ingest.structure.lists import heading_counter, heading_number, numbered_siblings

# Characters of the whole answer.
_WHOLE = 500
# Places that share them, and characters that each must have (decision 018).
_SHARING, _LEAST = 2, 60
# The part of a table's room that its notes may take: a fourth to a half are as good (decision 025).
_OF_NOTES = 3
# Characters of a mark and the line feeds around an excerpt.
_MARKS = 6
# The reader's confidence from which on what is shown is said to answer, and likely to (decision 015).
_SURE, LIKELY = 0.85, 0.59
# Answer types that a section answers as a whole.
_WHOLE_SECTION = frozenset({AnswerType.OTHER, AnswerType.LIST, AnswerType.DEFINITION})


@dataclass(frozen=True, slots=True)
class _RenderedPlace:
    """What is shown of one place: as text with its `[n]` marks, as blocks, and the sources of these marks."""

    text: str
    blocks: tuple[Block, ...]
    sources: tuple[Source, ...]


class ExcerptAnswerer:
    """Shows the best part of the best passages, of one place or of two, behind a line that names each."""

    def __init__(self, adjustments: Adjustments) -> None:
        catalogue = adjustments.catalogue
        self._documents = catalogue.documents
        self._select = adjustments.select
        self._is_superseded = catalogue.is_superseded
        self._several_issuers = len({one.issuer for one in catalogue.documents.values() if one.issuer}) > 1
        self._tables = catalogue.tables
        self._of_document = catalogue.passages_of

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the excerpts, said to be unsure where they are; None where nothing is likely to answer."""
        query, reading = turn.query, turn.reading
        if query is None or reading is None or not reading.passages:
            return None
        if reading.confidence < LIKELY and not _is_headed(reading.passages[0].hit.passage, query):
            return None
        ranking = self._select(turn, query)
        if not ranking.passages:
            return None
        chosen = list(ranking.passages)
        is_for_issuer = any(names_absent_town(read.hit.passage, query) for read in ranking.scored)
        unsure = "" if is_for_issuer else "".join(_absent_towns_message(query))
        certain = reading.confidence >= _SURE or _is_named_section(chosen[0].hit.passage, query)
        sure = certain and self._can_rows_answer(chosen[0], query)
        unsure = unsure or (
            ""
            if sure
            else join_sentences(
                [*_absent_towns_message(query), message_text("unsure", query.answer_language)], query.answer_language
            )
        )
        shown, last, topic = list[_RenderedPlace](), None, chosen[0].hit.passage.section
        left = _WHOLE - len(unsure) - _MARKS
        if members := self._find_list_sections(chosen, query):
            shown.append(self._render_headings(members, query))
            left, depth = left - len(shown[0].text) - _MARKS, len(next(iter(members)))
            # Of some of them alone no text is shown.
            if not members.keys() <= {read.hit.passage.path[:depth] for read in chosen}:
                chosen = [read for read in chosen if read.hit.passage.path[:depth] not in members]
        for at, read in enumerate(chosen):
            line, whole = self._source_line(read, query, last), len(read.hit.passage.text)
            room = left - len(line) - _MARKS
            if shown and room < (min(_LEAST, whole) if at < _SHARING else whole):
                continue
            room = room if shown else max(room, _LEAST)
            share = self._share(room, read, chosen[at + 1 : _SHARING], query)
            n = 1 + sum(len(one.sources) for one in shown)
            found = self._render_rows(read, turn, line, n, share)
            shown.append(found or _render_snippet(read, query, line, n, (share, room)))
            left, last = left - len(shown[-1].text) - _MARKS, read
        compared = query.scope.compared
        follows = any(compared.intersection(self._documents[doc_id].supersedes) for doc_id in compared)
        notices = (message_text("compared", query.answer_language),) if follows else ()
        draft = _draft(shown, unsure, topic)
        near = find_related_passages(
            [read for read in ranking.scored if not self._is_superseded(read.hit.passage.doc_id, query.scope)],
            query,
            draft.sources,
        )
        return replace(draft, notices=notices, nearest=near if unsure else ())

    def _can_rows_answer(self, read: ScoredPassage, query: Query) -> bool:
        """Whether what is shown first can tell what is asked, where it is a row."""
        table = self._tables.of(read.hit.passage)
        return table is None or can_rows_answer(query, table, read.hit.passage)

    def _share(self, room: int, read: ScoredPassage, others: Sequence[ScoredPassage], query: Query) -> int:
        """Return the characters for a place of those that share the room: an equal part, or what the `others` leave."""
        if not others:
            return room
        leads = (self._source_line(other, query, last) for last, other in pairwise((read, *others)))
        room -= sum(len(line) + _MARKS for line in leads)
        return max(_LEAST, room // (len(others) + 1), room - sum(len(other.hit.passage.text) for other in others))

    def _source_line(self, read: ScoredPassage, query: Query, last: ScoredPassage | None) -> str:
        """Return the line over a passage; under the section that was shown last it goes on from there."""
        if last and section_key(last) == section_key(read):
            return message_text("goes_on", query.answer_language)
        document = self._documents[read.hit.passage.doc_id]
        of_issuer = self._several_issuers or bool(query.scope.absent)
        older = self._is_superseded(read.hit.passage.doc_id, query.scope)
        return build_source_line(document, read.hit.passage, query.answer_language, older=older, of_issuer=of_issuer)

    def _find_list_sections(self, chosen: Sequence[ScoredPassage], query: Query) -> dict[tuple[str, ...], Passage]:
        """Return the sections that are the list asked for, with their first passages: by name, number or two chosen."""
        passages = [read.hit.passage for read in chosen] if query.asks_for_list else []
        of = {doc_id: tuple(self._of_document(doc_id)) for doc_id in {passage.doc_id for passage in passages}}
        lists = [one for passage in passages for one in _lists(of[passage.doc_id], passage, passages, query)]
        # What is called so is meant, before what the best passage happens to be in.
        lists.sort(key=lambda one: not one[0])
        return next((one for named, one in lists if named or passages[0].path[: len(next(iter(one)))] in one), {})

    def _render_headings(self, members: Mapping[tuple[str, ...], Passage], query: Query) -> _RenderedPlace:
        """Return the headings of sections, each cited, behind a line that names what they stand under."""
        path, first = next(iter(members.items()))
        under = replace(first, path=path[:-1] or (self._documents[first.doc_id].title,))
        line = self._source_line(ScoredPassage(Hit(under, 1.0), 1.0, ()), query, None)
        text = "\n".join((line, *(f"・{escape_marks(path[-1])}[{n}]" for n, path in enumerate(members, 1))))
        return _RenderedPlace(
            text, (TextBlock(text=text),), tuple(Source(m, m.text.split("\n")[0]) for m in members.values())
        )

    def _render_rows(self, read: ScoredPassage, turn: Turn, line: str, n: int, longest: int) -> _RenderedPlace | None:
        """Return the row that was found, with the others of its table that fit; None where it stands by itself."""
        table = self._tables.of(read.hit.passage)
        if table is None or turn.query is None or turn.reading is None:
            return None
        likely = {each.hit.passage.id: each.probability for each in turn.reading.passages}
        notes = table_notes(table, n, longest // _OF_NOTES)
        lines = select_rows(turn.query, table, read.hit.passage, likely, longest - len(notes))
        if not lines:
            return None
        said, rows = line, list[Row]()
        for told, alike in lines:
            said += f"\n{told}" + "".join(f"[{n + len(rows) + i}]" for i in range(len(alike)))
            rows += alike
        blocks: tuple[Block, ...] = (table_block(table, rows, first=n).model_copy(update={"caption": line}),)
        if notes:
            said, blocks = f"{said}\n{notes}", (*blocks, TextBlock(text=notes))
        return _RenderedPlace(said, blocks, tuple(Source(row.passage, row.passage.text) for row in rows))


def _is_headed(passage: Passage, query: Query) -> bool:
    """Whether a section is of just what is asked about: its headings have all words that name that.

    It may tell what is asked in other words (無料 for the fee), or not at all (decision 021).
    """
    named = subject_terms([term.text for term in query.terms if not term.asks])
    return bool(named) and named <= {*words(nfkc("\n".join(passage.path)))}


def _is_named_section(passage: Passage, query: Query) -> bool:
    """Whether the question asks for nothing but the words of the section's heading, or of its number.

    行動指針について教えてください, 行動指針をすべて; 視点1とは for 【視点1】 利便性の向上.
    """
    heading = nfkc(passage.section)
    terms = {term.text for term in query.terms} - (query.operation.words if query.operation else frozenset())
    names = ({*words(name)} for name in (strip_heading_number(heading), heading_number(heading)))
    return query.answer_type in _WHOLE_SECTION and any(name and name == terms for name in names)


def _lists(
    passages: Sequence[Passage], of: Passage, chosen: Sequence[Passage], query: Query
) -> Iterator[tuple[bool, dict[tuple[str, ...], Passage]]]:
    """Yield the series around a passage that may be the list asked for, and whether the question names it."""
    for found in numbered_siblings(passages, of):
        depth, headings = len(next(iter(found))), {path[-1] for path in found}
        named = bool(counts := {*words(heading_counter(of.path[depth - 1]))}) and counts <= {*words(query.text)}
        two = any(other.path[:depth] in found.keys() - {of.path[:depth]} for other in chosen)
        so_many = (named or two) and len(found) == query.members
        fits = len(headings) == len(found) and sum(len(one) + _MARKS for one in headings) <= _WHOLE // 2
        if fits and (so_many or (named and two and not query.members)):
            yield named, found


def _absent_towns_message(query: Query) -> list[str]:
    """Return the sentence that there are no documents of the towns that are asked for; nothing where there are."""
    absent = query.scope.absent
    return [message_text("absent", query.answer_language, towns="・".join(sorted(absent)))] if absent else []


def _render_snippet(read: ScoredPassage, query: Query, line: str, n: int, room: tuple[int, int]) -> _RenderedPlace:
    passage, shown = read.hit.passage, select_snippet(read, query, min(LONGEST, room[0]), room[1])
    text = passage.text[shown.start : shown.end]
    (before, behind), gap = (("…" if part else "") for part in shown.goes_on), "\n" if shown.of_list else ""
    line += message_text("cut_list" if shown.of_list else "cut", query.answer_language) if before or behind else ""
    start, end = shown.best
    block = ExcerptBlock(n=n, lead=line, text=text, highlight=(start - shown.start, end - shown.start))
    told = gap.join(filter(None, (before, escape_marks(text.rstrip()), behind)))
    return _RenderedPlace(f"{line}\n{told}[{n}]", (block,), (Source(passage, text),))


def _draft(shown: Sequence[_RenderedPlace], unsure: str, topic: str) -> Draft:
    text = "\n\n".join([*([unsure] if unsure else []), *(one.text for one in shown)])
    remark = (TextBlock(text=unsure),) if unsure else ()
    blocks: tuple[Block, ...] = (*remark, *(block for one in shown for block in one.blocks))
    sources = tuple(source for one in shown for source in one.sources)
    return Draft(text, sources, Status.PARTIAL if unsure else Status.ANSWERED, topic, blocks=blocks)
