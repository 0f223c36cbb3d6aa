"""What may be asked next, where the pipeline itself answers it: what stands beside the sources, or near a refusal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import islice

from bot.answer import Question, Status
from bot.check.verify import CITED
from bot.compose.asked_of import ASKED_BY_ENDING, about_row, about_section
from bot.compose.corpus import Corpus
from bot.compose.row import read_row
from bot.compose.sentence import is_sentence
from bot.find.evidence import title_of
from bot.find.refusal import with_near
from bot.turn import Draft, Turn
from bot.understand.asked import Kind
from ingest.documents import Cell, Document, Passage
from ingest.normalise import nfkc

Answer = Callable[[Turn], Draft | None]
MOST = 3
# So many neighbours are tried, and behind a refusal so many pieces: a trial takes as long as an answer. What was found
# of one is kept for all who ask near it.
_TRIED, _TRIED_NEAR, _KEPT = 4, 2, 10_000
# So many passages of an index are looked at ahead: half a minute's work.
_AHEAD = 1_000
# A longer question does not fit on one or two lines of a phone.
_LONGEST = 44
# Share of the question's words, by weight, that a piece must hold to be near what was asked (eval/LOG.md, 2026-11-21).
_NEAR = 0.4


class Further:
    """Adds to an answer up to `MOST` questions about what stands beside its sources; safe to share between threads."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document], answer: Answer) -> None:
        self._corpus = Corpus(passages, documents)
        self._answer = answer
        self._cites = lru_cache(maxsize=_KEPT)(self._cited_by)
        self._day: date | None = None
        self._ahead: Iterator[Passage] = iter(())

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its draft's suggestions, where it answers and has none of its own."""
        draft = turn.draft
        if draft is None or draft.status not in CITED or draft.suggestions:
            return turn
        return replace(
            turn, draft=replace(draft, suggestions=self._answered(self._neighbours(draft, turn), turn, _TRIED))
        )

    def near(self, turn: Turn) -> Turn:
        """Return a turn that nothing answers with questions about the pieces that come nearest to its own.

        Who asks for a telephone number is not helped by what else is told of the office.
        """
        draft, asked = turn.draft, turn.asked
        if draft is None or draft.status is not Status.NO_ANSWER or draft.suggestions or asked is None:
            return turn
        if asked.kind is Kind.CONTACT or asked.told:
            return turn
        near: dict[str, Passage] = {}
        for passage in dict.fromkeys(w.evidence.passage for w in turn.weighed if w.coverage >= _NEAR):
            question = self._question(passage, None)
            if question and len(question) <= _LONGEST:
                near.setdefault(question, passage)
        return replace(turn, draft=with_near(draft, self._answered(near.items(), turn, _TRIED_NEAR)))

    def look_ahead(self, day: date) -> bool:
        """Try the question of one more passage as it is answered on `day`, on one thread; False where all are tried.

        Whoever is then offered it need not wait for the trial.
        """
        if day != self._day:
            self._day, self._ahead = day, islice(self._corpus.passages, _AHEAD)
        passage = next(self._ahead, None)
        if passage and (question := self._question(passage, None)) and len(question) <= _LONGEST:
            self._cites(question, day)
        return passage is not None

    def _answered(self, questions: Iterable[tuple[str, Passage]], turn: Turn, tried: int) -> tuple[str, ...]:
        """Return up to `MOST` of the first `tried` questions that are answered from the passage that each is about."""
        found: dict[str, None] = {}
        for question, passage in islice(questions, tried):
            if passage.id in self._cites(question, turn.as_of):
                found[question] = None
            if len(found) == MOST:
                break
        return tuple(found)

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

    def _question(self, passage: Passage, source: Passage | None) -> str | None:
        """Return the question that a passage answers, in the words of its row or heading; beside `source`, if any."""
        if passage.kind == "row":
            row = read_row(passage)
            return about_row((Cell("", row.subject), *row.cells))
        document = self._corpus.document(passage)
        asked = (about_section(document, passage.section, *ending) for ending in ASKED_BY_ENDING)
        if question := next(filter(None, asked), None):
            return question
        heading = title_of(passage.section)
        named = (source is not None and passage.doc_id != source.doc_id) or len(heading) < _SHORTEST
        named = named or nfkc(heading) in nfkc(document.title)
        # 山を動かす as a heading is a sentence, and names nothing unless it is quoted.
        name = f"「{heading}」" if is_sentence(heading) else heading
        return None if named or not heading else f"{name}について教えてください"

    def _cited_by(self, question: str, day: date) -> frozenset[str]:
        """Return the passages that the pipeline answers the question from; none where it does not answer."""
        draft = self._answer(Turn(Question(question=question), day))
        return (
            frozenset(s.passage.id for s in draft.sources) if draft and draft.status is Status.ANSWERED else frozenset()
        )


# A shorter heading names too little to be asked for by itself.
_SHORTEST = 4
