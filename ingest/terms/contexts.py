"""Page context of passages: which passages share a page, and the index terms of each page."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ingest.terms.flow import Flow, Terms


def context_numbers(firsts: NDArray[np.int64], pages: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the number of each passage's context, (len(pages),), counted from 0 in order of appearance.

    `pages` are those of the passages, 0 for none, and `firsts` the rows at which documents begin, with the number of
    passages behind. A passage without a page is its own context. Sections are none: what a neighbour in the section
    says put a wrong passage first (decision 006).
    """
    size, owners = len(pages), np.repeat(np.arange(len(firsts) - 1), np.diff(firsts))
    # One number for each page of each document, behind them one for each passage without a page.
    most = int(pages.max(initial=0)) + 1
    keys = np.where(pages > 0, owners * most + pages, len(firsts) * most + np.arange(size))
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), np.int32)
    numbers[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    found: NDArray[np.int32] = numbers[which]
    return found


def context_words(
    flow: Flow, firsts: NDArray[np.int64], around: NDArray[np.int32]
) -> Iterator[tuple[Terms, NDArray[np.int64]]]:
    """Yield the words of the contexts `around`, part by part, each word with the number of its context.

    A part holds all of its contexts; the equal headings of one count once.
    """
    for row, part in flow.parts(firsts):
        numbers = around[row : row + len(part)]
        said: set[tuple[int, bytes]] = set()
        again = np.zeros(len(part), bool)
        for place, number in enumerate(numbers.tolist()):
            heading = number, part.headings(place).tobytes()
            again[place] = heading in said
            said.add(heading)
        places = part.places
        counted = (part.terms >= 0) & ~(part.heading_mask & again[places])
        yield part.terms[counted], numbers[places[counted]].astype(np.int64)
