"""Passages that say the same: a sentence of a plan that its successor repeats word for word."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence

from ingest.documents import Document, Passage
from ingest.normalise import nfkc

# Shorter lines (a heading, a name in a list, a bare figure) are alike by chance.
_SHORTEST = 15
_END = re.compile(r"(?<=。)|\n")


class SaidAgain:
    """Knows which passages of plans and their successors share a sentence; safe to share between threads."""

    def __init__(self, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
        related = {
            doc_id for document in documents if document.supersedes for doc_id in (document.id, *document.supersedes)
        }
        saying: defaultdict[str, list[Passage]] = defaultdict(list)
        for passage in passages:
            for sentence in _sentences(passage) if passage.doc_id in related else ():
                saying[sentence].append(passage)
        several = [found for found in saying.values() if len({passage.doc_id for passage in found}) > 1]
        self._alike: defaultdict[str, dict[str, Passage]] = defaultdict(dict)
        for found in several:
            for passage in found:
                self._alike[passage.id] |= {other.id: other for other in found if other.doc_id != passage.doc_id}

    def among(self, passage: Passage, doc_ids: Collection[str]) -> tuple[Passage, ...]:
        """Return the passages of `doc_ids` that share a sentence with `passage`; mostly none."""
        alike = self._alike.get(passage.id, {})
        return tuple(other for other in alike.values() if other.doc_id in doc_ids)


def _sentences(passage: Passage) -> set[str]:
    lines = (re.sub(r"\s+", "", line) for line in _END.split(nfkc(passage.text)))
    return {line for line in lines if len(line) >= _SHORTEST}
