"""Whether a sentence names its own topic, or takes up that of the sentence before it."""

import re
from functools import lru_cache

from ingest.tokenise import morphemes

_POINTS_BACK = re.compile(r"(?:また|なお|ただし|さらに)?、?(?:この|その|これ|それ|こう|そう|同|うち)")


@lru_cache(maxsize=50_000)
def has_topic(text: str) -> bool:
    """Whether a は or も marks what the sentence is about, or a が its subject."""
    return any(m.pos[1] == "係助詞" or (m.surface == "が" and m.pos[1] == "格助詞") for m in morphemes(text))


def takes_up(text: str) -> bool:
    """Whether the sentence goes on about what the one before it told: it points back (このうち) or names no topic."""
    return bool(_POINTS_BACK.match(text)) or not has_topic(text)
