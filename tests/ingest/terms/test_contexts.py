"""What stands around a passage, and the words of all that stands together."""

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.terms.contexts import context_numbers, context_words
from tests.ingest.laid_out import laid_out


@pytest.mark.parametrize(
    ("documents", "numbers"),
    [
        ([[1, 1, 2]], [0, 0, 1]),
        ([[1, 2, 1], [1]], [0, 1, 0, 2]),
        ([[0, 0], [0]], [0, 1, 2]),
        ([[0], [], [1, 1]], [0, 1, 1]),
        ([], []),
    ],
    ids=["pages", "pages of two documents", "without pages", "some with pages", "none"],
)
def test_passages_of_a_page_have_one_number(documents: Sequence[Sequence[int]], numbers: Sequence[int]) -> None:
    """A page of one document is a context; a passage without a page is one alone."""
    firsts = np.cumsum([0, *map(len, documents)])
    pages = np.array([page for document in documents for page in document], np.int32)
    assert context_numbers(firsts, pages).tolist() == numbers


def test_words_of_a_context_stand_together() -> None:
    """Its passages' words, and each of its headings once, however many passages stand below."""
    headings, bodies = [["計画"], ["計画"], ["体制"], ["計画"]], [[["四"], ["年"]], [["四"]], [["本部"]], [["市長"]]]
    numbers, flow = laid_out(headings, bodies)
    ((terms, texts),) = context_words(flow, np.array([0, 4]), np.array([0, 0, 0, 1], np.int32))
    said = [(list(numbers)[term], text) for term, text in zip(terms.tolist(), texts.tolist(), strict=True)]
    assert [word for word, text in said if text == 0] == ["計画", "四", "年", "四", "体制", "本部"]
    assert [word for word, text in said if text == 1] == ["計画", "市長"]
