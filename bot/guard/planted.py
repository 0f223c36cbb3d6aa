"""Orders planted in a document: a passage that speaks to the machine answers nobody, and no model reads it."""

import logging
import re
from dataclasses import replace
from functools import lru_cache

from bot.guard.rules import is_planted
from bot.turn import Turn
from ingest.normalise import nfkc

_log = logging.getLogger(__name__)
# What every such rule needs in one form or another; few passages of a city hold any of it.
_MAY_BE = re.compile(
    "指示|命令|指令|プロンプト|ルール|制[約限]|答え|回答|返答|案内|伝え|[デ復解][コ号読]|あなた|"
    r"<|\[|!|\{|ignore|disregard|forget|override|bypass|instruction|prompt|system|you are|pretend|act as",
    re.IGNORECASE,
)


def planted(turn: Turn) -> Turn:
    """Return the turn without the hits that give orders to the machine."""
    kept = tuple(hit for hit in turn.hits if not _is_planted(hit.passage.text))
    if len(kept) == len(turn.hits):
        return turn
    dropped = (hit.passage.id for hit in turn.hits if hit not in kept)
    _log.warning("機械への命令が書かれた箇所を使いません: %s", "、".join(dropped))
    return replace(turn, hits=kept)


@lru_cache(maxsize=4096)
def _is_planted(text: str) -> bool:
    return _MAY_BE.search(text) is not None and is_planted(nfkc(text))
