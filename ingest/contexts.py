"""What stands around a passage: its page where the format has pages, else the section that its own section is in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Passage


def contexts(passages: Sequence[Passage]) -> NDArray[np.int32]:
    """Return the number of each passage's context, (len(passages),), counted from 0 in order of appearance."""
    numbers: dict[tuple[str, object], int] = {}
    keys = ((p.doc_id, p.page if p.page is not None else p.path[:-1] or p.path) for p in passages)
    return np.fromiter((numbers.setdefault(key, len(numbers)) for key in keys), np.int32, len(passages))
