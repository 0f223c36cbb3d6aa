"""A passage cut into its units: the sentences, items and rows that answer one by one."""

from functools import lru_cache

from ingest.documents import Passage
from ingest.sentences import written_sentences


def units(passage: Passage) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of each unit in `passage.text`, in order; none is blank, and together they hold all of it.

    A row is one unit, else each line is cut into its sentences. White space belongs to none where a line ends.
    """
    return _cut(passage.text, passage.kind == "row")


@lru_cache(maxsize=4096)
def _cut(text: str, whole: bool) -> tuple[tuple[int, int], ...]:  # noqa: FBT001 -- a key of the cache
    if whole:
        return ((0, len(text)),) if text.strip() else ()
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        at = start
        for sentence in written_sentences(line):
            if sentence.strip():
                found.append((at, at + len(sentence.rstrip())))
            at += len(sentence)
        start += len(line)
    return tuple(found)
