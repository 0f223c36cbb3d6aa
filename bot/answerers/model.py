"""The language model writes the answer from the passages found; what the checks let pass of it is told."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.answerers.excerpt import nearest
from bot.errors import ModelError
from bot.model.generate import Generator
from bot.model.reply import units
from bot.model.sift import Sieve, UnfitReplyError
from bot.turn import Draft, Hit, Turn
from ingest.documents import Document

_log = logging.getLogger(__name__)
# Passages that the model reads, best first.
_GIVEN = 10


class Written:
    """Lets the model write whenever anything was found; that the documents do not tell is an answer too."""

    def __init__(self, generator: Generator, documents: Sequence[Document]) -> None:
        self._generator = generator
        self._documents = tuple(documents)

    def __call__(self, turn: Turn) -> Draft | None:
        """Return what holds of the model's reply; None where it fails, or nothing of it holds.

        `turn.tell` hears each sentence as soon as it is certain. When the model breaks off after that, these sentences
        are the answer.
        """
        hits = [read.hit for read in turn.reading.passages[:_GIVEN]] if turn.reading else []
        if not hits:
            return None
        sieve = Sieve([hit.passage for hit in hits], self._documents, turn.text, self._generator.rules)
        try:
            self._read(turn, hits, sieve)
        except (ModelError, UnfitReplyError) as error:
            _log.warning("言語モデルの回答を使えません: %s", error)
        if not (sieve.has_told or sieve.has_abstained):
            return None
        draft = sieve.draft()
        if draft.status is Status.NO_ANSWER:
            return replace(draft, nearest=nearest(turn))
        return replace(draft, topic=draft.sources[0].passage.section)

    def _read(self, turn: Turn, hits: Sequence[Hit], sieve: Sieve) -> None:
        """Let the sieve take the reply; raises ModelError and UnfitReplyError."""
        titles = {document.id: document.title for document in self._documents}
        if turn.tell is None:
            reply = self._generator.reply(turn.text, hits, titles)
            sieve.model = reply.model
            for unit in units([reply.text]):
                sieve.take(unit)
            return
        stream = self._generator.stream(turn.text, hits, titles)
        sieve.model = stream.model
        try:
            for unit in units(stream):
                _tell(turn.tell, sieve.take(unit))
        finally:
            stream.close()


def _tell(tell: Callable[[str], None], text: str) -> None:
    if text:
        tell(text)
