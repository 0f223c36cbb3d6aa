"""The language model's step: of its reply what the checks let pass is the answer; else the composer's is given."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.check.given import Given, given_of
from bot.errors import ModelError
from bot.model.generate import Generator
from bot.model.reply import units
from bot.model.sift import Sieve, UnfitReplyError
from bot.turn import Hit, Turn
from ingest.documents import Document

_log = logging.getLogger(__name__)
# Passages that the model reads: those of the heaviest evidence, then the best ranked.
_GIVEN = 8


class Write:
    """Lets the model write from the passages found in `documents`."""

    def __init__(self, generator: Generator, documents: Sequence[Document]) -> None:
        self._generator = generator
        self._documents = tuple(documents)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with what holds of the model's reply, or as it was where that is no answer.

        `turn.tell` hears each sentence as soon as it is certain. When the model breaks off after that, these sentences
        are the answer.
        """
        hits = _given(turn)
        if not hits or turn.draft is not None:
            return turn
        given = given_of(turn, self._documents, tuple(hit.passage for hit in hits))
        sieve = Sieve(given, self._generator.rules)
        try:
            self._read(turn, hits, given, sieve)
        except (ModelError, UnfitReplyError) as error:
            _log.warning("言語モデルの回答を使えません: %s", error)
        draft = sieve.draft()
        if draft.status is Status.NO_ANSWER:
            return turn
        topic = turn.weighed[0].evidence.passage.section if turn.weighed else ""
        return replace(turn, draft=replace(draft, topic=topic, verified=True))

    def _read(self, turn: Turn, hits: Sequence[Hit], given: Given, sieve: Sieve) -> None:
        """Let the sieve take the reply; raises ModelError and UnfitReplyError."""
        if turn.tell is None:
            reply = self._generator.reply(turn.text, hits, given.titles)
            sieve.model = reply.model
            for unit in units([reply.text]):
                sieve.take(unit)
            return
        stream = self._generator.stream(turn.text, hits, given.titles)
        sieve.model = stream.model
        try:
            for unit in units(stream):
                _tell(turn.tell, sieve.take(unit))
        finally:
            stream.close()


def _tell(tell: Callable[[str], None], text: str) -> None:
    if text:
        tell(text)


def _given(turn: Turn) -> list[Hit]:
    """Return the hits that the model reads, each passage once."""
    by_id = {hit.passage.id: hit for hit in turn.hits}
    order = [w.evidence.passage.id for w in turn.weighed if w.fits] + list(by_id)
    return [by_id[passage_id] for passage_id in dict.fromkeys(order)][:_GIVEN]
