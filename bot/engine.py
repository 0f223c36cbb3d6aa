"""One generation of the index, ready to answer: its steps, in order, with what each needs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from bot.compose import Composer
from bot.decide import Decide, answers
from bot.followup import FollowUp
from bot.likeness import Likeness
from bot.pipeline import OnStage, read, run
from bot.respell import Respell
from bot.retrieve import search
from bot.scope import find_scope
from bot.screen import screen
from bot.smalltalk import smalltalk
from bot.turn import Hit, Step, Turn
from bot.verify import Verify
from bot.weigh import Scale, weigh
from ingest.embed import Encoder
from ingest.index import Index

if TYPE_CHECKING:
    from bot.generate import Generator

# Passages that are read for an answer (eval/LOG.md, 2026-11-20).
READ = 24


class Engine:
    """Answers from one opened index; safe to share between threads. `generator` is a language model, if there is one."""

    def __init__(
        self, index: Index, encoder: Encoder, *, contact: str = "", generator: "Generator | None" = None
    ) -> None:
        self.index = index
        self._encoder = encoder
        titles = {d.id: d.title for d in index.documents}
        likeness = Likeness(encoder, index.keyword.vocabulary)
        self._scale = Scale(index.keyword.idf, likeness, {d.id: d for d in index.documents})
        self._composer = Composer(index.passages, index.documents)
        decide = Decide(index.documents, self._scale, contact)
        written: list[tuple[str, Step]] = []
        if generator is not None:
            from bot.write import Write  # noqa: PLC0415 -- LangChain takes a second to import

            written = [("generate", Write(generator, titles))]
        self._steps: Sequence[tuple[str, Step]] = (
            ("read", read),
            ("screen", screen),
            ("smalltalk", smalltalk),
            ("respell", Respell(index.passages)),
            ("followup", FollowUp(self._probe)),
            ("retrieve", self._retrieve),
            ("decide", decide),
            *written,
            ("compose", self._compose),
            ("verify", Verify(titles)),
        )

    def answer(self, turn: Turn, on_stage: OnStage | None = None) -> tuple[Turn, dict[str, float]]:
        """Take the turn through all steps; it comes back with a draft."""
        return run(turn, self._steps, on_stage)

    def search(self, text: str, k: int, *, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return the best `k` passages for `text`."""
        return search(self.index, self._encoder, text, k, doc_ids={doc_id} if doc_id else None)

    def _retrieve(self, turn: Turn) -> Turn:
        """Find the passages, only in the documents that the question is about."""
        if turn.asked is None:
            return turn
        scope = find_scope(turn.asked, self.index.documents, turn.as_of)
        hits = search(self.index, self._encoder, turn.text, READ, doc_ids=scope.allowed)
        for wanted in (scope.preferred, *({doc_id} for doc_id in scope.compared)):
            if wanted != scope.allowed:  # the documents meant must have their say, however the others crowd
                found = {hit.passage.id for hit in hits}
                more = search(self.index, self._encoder, turn.text, READ // 2, doc_ids=wanted)
                hits += [hit for hit in more if hit.passage.id not in found]
        return replace(turn, scope=scope, hits=tuple(hits))

    def _probe(self, turn: Turn) -> float:
        """Return how well the documents answer the turn as it stands: the coverage of the best piece, 0 where none fits."""
        turn = self._retrieve(turn)
        if turn.asked is None or turn.scope is None:
            return 0.0
        weighed = weigh(turn.asked, turn.scope, turn.hits, self._scale)
        if not answers(turn.asked, turn.scope, weighed):
            return 0.0
        return max((w.coverage for w in weighed[:3] if w.fits), default=0.0)

    def _compose(self, turn: Turn) -> Turn:
        """Write the extractive answer where none stands yet."""
        if turn.draft is not None or turn.asked is None or turn.scope is None:
            return turn
        draft = self._composer.compose(turn.asked, turn.scope, turn.weighed)
        return replace(turn, draft=draft)
