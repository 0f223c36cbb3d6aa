"""Orders planted in a document: a passage that speaks to the machine answers nobody, and no model reads it."""

import logging
from dataclasses import replace
from functools import lru_cache

from bot.guard.orders import without_orders
from bot.turn import Turn
from ingest.documents import Passage
from ingest.normalise import nfkc

_log = logging.getLogger(__name__)


def planted(turn: Turn) -> Turn:
    """Return the turn without the hits that give orders to the machine.

    The whole passage goes: whoever wrote an order into it may have written what stands beside it.
    """
    kept = tuple(hit for hit in turn.hits if not is_planted(hit.passage))
    if len(kept) == len(turn.hits):
        return turn
    dropped = (hit.passage.id for hit in turn.hits if hit not in kept)
    _log.warning("機械への命令が書かれた箇所を使いません: %s", "、".join(dropped))
    return replace(turn, hits=kept)


def is_planted(passage: Passage) -> bool:
    """Whether a passage gives orders to the machine: no model may read it, ours or another's."""
    return gives_orders(passage.text) or any(map(gives_orders, passage.path))


@lru_cache(maxsize=16384)
def gives_orders(text: str) -> bool:
    """Whether a text of a document, its heading or its name speaks to the machine."""
    normal = nfkc(text)
    return without_orders(normal) != normal
