"""Page context of passages: which passages share a page, and the index terms of each page."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ingest.terms.flow import Flow, Terms


def context_numbers(firsts: NDArray[np.int64], pages: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the number of each passage's context, (len(pages),), from 0 in order of appearance.

    `pages` are those of the passages (0 for none), `firsts` the first rows of the documents followed by the number of
    passages. A passage without a page is its own context. Sections are not used as contexts: neighbours' words ranked
    wrong passages first (decision 006).
    """
    size = len(pages)
    owners = np.repeat(np.arange(len(firsts) - 1), np.diff(firsts))
    # One number per page of each document, then one per passage without a page.
    pages_per_document = int(pages.max(initial=0)) + 1
    keys = np.where(pages > 0, owners * pages_per_document + pages, len(firsts) * pages_per_document + np.arange(size))
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), np.int32)
    numbers[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    contexts: NDArray[np.int32] = numbers[inverse]
    return contexts


def context_words(
    flow: Flow, firsts: NDArray[np.int64], contexts: NDArray[np.int32]
) -> Iterator[tuple[Terms, NDArray[np.int64]]]:
    """Yield batches of the terms of `contexts`, each term with the number of its context.

    A batch holds complete contexts; equal headings within one count once.
    """
    for row, flow_part in flow.parts(firsts):
        numbers = contexts[row : row + len(flow_part)]
        headings: set[tuple[int, bytes]] = set()
        is_repeated = np.zeros(len(flow_part), bool)
        for position, number in enumerate(numbers.tolist()):
            heading = number, flow_part.headings(position).tobytes()
            is_repeated[position] = heading in headings
            headings.add(heading)
        passage_indexes = flow_part.passage_of_term
        mask = (flow_part.terms >= 0) & ~(flow_part.heading_mask & is_repeated[passage_indexes])
        yield flow_part.terms[mask], numbers[passage_indexes[mask]].astype(np.int64)
