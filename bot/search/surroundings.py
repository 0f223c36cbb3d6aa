"""What the page around a passage says for it: a page answers as a whole what is asked in several parts.

All passages of a page get the same, so which of them is best they tell themselves: where the page's figure less the
passage's own was the feature, 16 of 40 right pages were shown by the passage that is best by itself, so all 40
(eval/LOG.md, 2026-11-20). A passage without a page gets 0.
"""

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import Array, AskedWords

Rows = NDArray[np.int64]


def page_words(asked: AskedWords, rows: Rows) -> Array:
    """Return how far BM25 of the page of each passage at `rows` is behind the best page's, (len(rows),), at most 0."""
    index = asked.index
    behind: Array = asked.context_scores[index.contexts[rows]] - asked.context_scores.max(initial=0)
    behind[[index.passages[row].page is None for row in rows]] = 0
    return behind


def page_meaning(asked: AskedWords, rows: Rows) -> Array:
    """Return how much nearer the page of each passage at `rows` is to the question than its nearest passage is.

    (len(rows),), differences of cosines. The page's vector is that of its passages, each counting by its length; with
    but one passage on the page there is no difference.
    """
    index = asked.index
    pages, which = np.unique(index.contexts[rows], return_inverse=True)
    on_them = np.zeros(index.context.size, bool)
    on_them[pages] = True
    found = np.flatnonzero(on_them[index.contexts])
    if not len(found):
        return np.zeros(0, np.float32)
    found = found[np.argsort(index.contexts[found], kind="stable")]
    starts = np.flatnonzero(np.diff(index.contexts[found], prepend=-1))
    meanings = index.meanings[found]
    lengths = (index.flow.starts[found + 1] - index.flow.starts[found]).astype(np.float32)
    page = np.add.reduceat(meanings * lengths[:, None], starts, axis=0)
    cosines = page @ asked.pooled / np.maximum(np.linalg.norm(page, axis=1), 1e-6)
    nearer: Array = (cosines - np.maximum.reduceat(meanings @ asked.pooled, starts))[which]
    return nearer
