"""The language model's step: its answer stands only where it passes the checks; else the composer's is given."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Status
from bot.check.given import given_of
from bot.check.verify import check
from bot.errors import ModelError
from bot.model.generate import Generator
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
        """Return the turn with the model's draft, or as it was where the model fails, finds nothing, or errs."""
        hits = _given(turn)
        given = given_of(turn, self._documents, tuple(hit.passage for hit in hits))
        try:
            draft = self._generator.write(turn.text, hits, given.titles)
        except ModelError as error:
            _log.warning("言語モデルの回答を使えません: %s", error)
            return turn
        if draft.status is Status.NO_ANSWER:
            return turn
        if problems := check(draft, given):
            _log.warning("言語モデルの回答が検証を通りません: %s", " / ".join(problems))
            return turn
        topic = turn.weighed[0].evidence.passage.section if turn.weighed else ""
        return replace(turn, draft=replace(draft, topic=draft.topic or topic))


def _given(turn: Turn) -> list[Hit]:
    """Return the hits that the model reads, each passage once."""
    by_id = {hit.passage.id: hit for hit in turn.hits}
    order = [w.evidence.passage.id for w in turn.weighed if w.fits] + list(by_id)
    return [by_id[passage_id] for passage_id in dict.fromkeys(order)][:_GIVEN]
