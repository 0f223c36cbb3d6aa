"""What stands around a passage: its page, where the format has pages, which answers as a whole; else nothing."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Passage


def contexts(passages: Sequence[Passage]) -> NDArray[np.int32]:
    """Return the number of each passage's context, (len(passages),), counted from 0 in order of appearance.

    A passage without a page is its own context. Sections are none: what a neighbour in the section says put a wrong
    passage first (eval/LOG.md, 2026-11-20).
    """
    numbers: dict[tuple[str, object], int] = {}
    keys = ((p.doc_id, p.id if p.page is None else p.page) for p in passages)
    return np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int32, len(passages))
