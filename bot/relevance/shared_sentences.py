"""Finds passages of a plan that repeat a sentence of the plan it replaces, or of the plan that replaces it."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache

from ingest.documents import Document, Passage
from ingest.japanese import nfkc

# Shorter lines (a heading, a name in a list, a bare figure) are alike by chance.
_MIN_CHARACTERS = 15
_SENTENCE_END = re.compile(r"(?<=。)|\n")
_CACHED_PLANS = 16


class SharedSentences:
    """Finds passages that share a sentence within a series of plans; safe to share between threads.

    A plan's passages are read when they are first needed.
    """

    def __init__(self, documents: Sequence[Document], passages_of: Callable[[str], Iterable[Passage]]) -> None:
        self._passages_of = passages_of
        self._series: dict[str, frozenset[str]] = {}
        for document in documents:
            if document.supersedes:
                ids = (document.id, *document.supersedes)
                series = frozenset(ids).union(*(self._series.get(doc_id, ()) for doc_id in ids))
                self._series |= dict.fromkeys(series, series)
        self._by_sentence = lru_cache(maxsize=_CACHED_PLANS)(self._index_sentences)

    def find(self, passage: Passage, doc_ids: Collection[str]) -> tuple[Passage, ...]:
        """Return the passages of other plans among `doc_ids` that share a sentence with `passage`."""
        plans = sorted(
            doc_id for doc_id in self._series.get(passage.doc_id, ()) if doc_id in doc_ids and doc_id != passage.doc_id
        )
        shared = {
            other.id: other
            for doc_id in plans
            for sentence in _split_sentences(passage)
            for other in self._by_sentence(doc_id).get(sentence, ())
        }
        return tuple(shared.values())

    def _index_sentences(self, doc_id: str) -> dict[str, list[Passage]]:
        by_sentence: defaultdict[str, list[Passage]] = defaultdict(list)
        for passage in self._passages_of(doc_id):
            for sentence in _split_sentences(passage):
                by_sentence[sentence].append(passage)
        return by_sentence


def _split_sentences(passage: Passage) -> set[str]:
    lines = (re.sub(r"\s+", "", line) for line in _SENTENCE_END.split(nfkc(passage.text)))
    return {line for line in lines if len(line) >= _MIN_CHARACTERS}
