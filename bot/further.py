"""What may be asked next: the neighbours of what was cited, where the pipeline itself answers them from there."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache

from bot.answer import Question, Status
from bot.check.verify import CITED
from bot.compose.asked_of import ASKED_BY_ENDING, about_row, about_section
from bot.compose.corpus import Corpus
from bot.compose.row import read_row
from bot.find.evidence import title_of
from bot.turn import Draft, Turn
from ingest.documents import Cell, Document, Passage
from ingest.normalise import nfkc

Answer = Callable[[Turn], Draft | None]
MOST = 3
# So many neighbours are tried; what was found of one is kept for all who ask near it.
_TRIED, _KEPT = 4, 10_000
# A longer question does not fit on one or two lines of a phone.
_LONGEST = 44


class Further:
    """Adds to an answer up to `MOST` questions about what stands beside its sources; safe to share between threads."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document], answer: Answer) -> None:
        self._corpus = Corpus(passages, documents)
        self._answer = answer
        self._cites = lru_cache(maxsize=_KEPT)(self._cited_by)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its draft's suggestions, where it answers and has none of its own."""
        draft = turn.draft
        if draft is None or draft.status not in CITED or draft.suggestions:
            return turn
        found: list[str] = []
        for question, passage in list(self._neighbours(draft, turn))[:_TRIED]:
            if passage.id in self._cites(question, turn.as_of):
                found.append(question)
            if len(found) == MOST:
                break
        return replace(turn, draft=replace(draft, suggestions=tuple(found)))

    def _neighbours(self, draft: Draft, turn: Turn) -> Iterator[tuple[str, Passage]]:
        """Yield questions with the passage that each is about: rows beside, sections behind, the plan before."""
        source = draft.sources[0].passage
        told = {nfkc(turn.text)}
        for passage in (*self._rows(source), *self._sections(source), *self._of_other_plan(source)):
            question = self._question(passage, source)
            if question and len(question) <= _LONGEST and question not in told:
                told.add(question)
                yield question, passage

    def _rows(self, source: Passage) -> list[Passage]:
        """Return the rows next behind and next before the one that was cited."""
        if source.kind != "row":
            return []
        rows = self._corpus.table(source)
        place = rows.index(source)
        return [*rows[place + 1 : place + 2], *rows[max(place - 1, 0) : place]]

    def _sections(self, source: Passage) -> list[Passage]:
        """Return the first passages of the sections next behind and next before, in the same document."""
        firsts: dict[tuple[str, ...], Passage] = {}
        for passage in self._corpus.passages_of(source.doc_id):
            firsts.setdefault(passage.path, passage)
        paths = list(firsts)
        place = paths.index(source.path)
        around = [*paths[place + 1 : place + 4], *reversed(paths[max(place - 2, 0) : place])]
        return [firsts[path] for path in around if firsts[path].kind != "row"]

    def _of_other_plan(self, source: Passage) -> list[Passage]:
        """Return the passages under the same heading in the document that this one replaces, or is replaced by."""
        document, heading = self._corpus.document(source), title_of(source.section)
        others = [d for d in self._corpus.documents if d.id in document.supersedes or document.id in d.supersedes]
        found = (p for d in others for p in self._corpus.passages_of(d.id) if title_of(p.section) == heading)
        return list(found)[:1]

    def _question(self, passage: Passage, source: Passage) -> str | None:
        """Return the question that a passage answers, in the words of its row or heading."""
        if passage.kind == "row":
            row = read_row(passage)
            return about_row((Cell("", row.subject), *row.cells))
        document = self._corpus.document(passage)
        asked = (about_section(document, passage.section, *ending) for ending in ASKED_BY_ENDING)
        if question := next(filter(None, asked), None):
            return question
        heading = title_of(passage.section)
        named = passage.doc_id != source.doc_id or len(heading) < _SHORTEST
        named = named or nfkc(heading) in nfkc(document.title)
        return None if named or not heading else f"{heading}について教えてください"

    def _cited_by(self, question: str, day: date) -> frozenset[str]:
        """Return the passages that the pipeline answers the question from; none where it does not answer."""
        draft = self._answer(Turn(Question(question=question), day))
        return (
            frozenset(s.passage.id for s in draft.sources) if draft and draft.status is Status.ANSWERED else frozenset()
        )


# A shorter heading names too little to be asked for by itself.
_SHORTEST = 4
