"""Tests of contexts of passages and their words."""

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.terms.flow import context_numbers, context_words
from tests.ingest.term_flows import make_flow


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
def test_passages_of_a_page_share_a_context_number(documents: Sequence[Sequence[int]], numbers: Sequence[int]) -> None:
    firsts = np.cumsum([0, *map(len, documents)])
    pages = np.array([page for document in documents for page in document], np.int32)
    assert context_numbers(firsts, pages).tolist() == numbers


def test_words_of_a_context_are_consecutive() -> None:
    headings, bodies = [["計画"], ["計画"], ["体制"], ["計画"]], [[["四"], ["年"]], [["四"]], [["本部"]], [["市長"]]]
    numbers, flow = make_flow(headings, bodies)
    ((terms, texts),) = context_words(flow, np.array([0, 4]), np.array([0, 0, 0, 1], np.int32))
    words_with_context = [
        (list(numbers)[term], text) for term, text in zip(terms.tolist(), texts.tolist(), strict=True)
    ]
    assert [word for word, text in words_with_context if text == 0] == ["計画", "四", "年", "四", "体制", "本部"]
    assert [word for word, text in words_with_context if text == 1] == ["計画", "市長"]
