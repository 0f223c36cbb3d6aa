"""Training pairs from plain text by the Inverse Cloze Task.

Source: Lee et al. 2019, "Latent Retrieval for Weakly Supervised Open Domain Question Answering", arXiv:1906.00300.
"""

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
# Words: minimum and exclusive maximum of a span; words around it; maximum of a window; minimum of a text.
_SPAN = (8, 16)
_CONTEXT = 60
_LONGEST = 70
_SHORTEST_TEXT = 16
_NONE = np.zeros(0, np.int64)


def random_window(text: Ids, rng: np.random.Generator, longest: int = _LONGEST) -> Ids:
    """Return `longest` consecutive words of `text`, or all of a shorter one."""
    if len(text) <= longest:
        return text
    start = rng.integers(len(text) - longest + 1)
    return text[start : start + longest]


def span_and_rest(text: Ids, rng: np.random.Generator, heading: Ids = _NONE) -> tuple[Ids, Ids]:
    """Return a span of `text`, and `heading` with the words around the span; a short text is cut in half."""
    if len(text) < _SHORTEST_TEXT:
        return text[: len(text) // 2], np.concatenate([heading, text[len(text) // 2 :]])
    length = rng.integers(*_SPAN)
    start = rng.integers(len(text) - length + 1)
    end = start + length
    rest = np.concatenate([heading, text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]])
    return text[start:end], random_window(rest, rng)
