"""Whether the documents say what a word means: Xとは, ※Xは…ものです, **X** …をいいます."""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from ingest.documents import Passage
from ingest.normalise import nfkc

_SAYS = r"[^。\n]{4,90}(?:をいい|をいう|を言い|を指し|を指す|もの(?:です|である|。)|のこと|割合|意味し)"


def definer(passages: Iterable[Passage]) -> Callable[[str], bool]:
    """Return a function that tells whether one of `passages` defines a word; what it told of a word is kept."""

    @lru_cache(maxsize=1_000)
    def defines(word: str) -> bool:
        told = re.compile(
            rf"(?:^|[※*＊「。・\n])\s?{re.escape(nfkc(word))}[」*]*(?:\s?とは|(?:は|[:：]|\s){_SAYS})", re.MULTILINE
        )
        return any(told.search(nfkc(p.text)) for p in passages if word in p.text)

    return defines
