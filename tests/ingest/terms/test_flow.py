"""Tests of passages as sequences of terms."""

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.terms.flow import Flow, context_numbers

NUMBERS = {word: number for number, word in enumerate(["計画", "期間", "四", "年", "本部", "市長"])}
HEADINGS = [["計画", "期間"], ["計画"], [], []]
BODIES = [[["四", "年"]], [["本部", "市長"], ["市長"], ["四"]], [["年"]], []]


@pytest.fixture
def flow() -> Flow:
    return Flow.build(HEADINGS, BODIES, NUMBERS)


def test_headings_and_body_are_distinguished(flow: Flow) -> None:
    assert [flow.headings(row).tolist() for row in range(4)] == [[0, 1], [0], [], []]
    assert [flow.body(row).tolist() for row in range(4)] == [[2, 3], [4, 5, 5, 2], [3], []]
    assert flow.terms[flow.heading_mask].tolist() == [0, 1, 0]


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
