"""Tests of passages as sequences of terms."""

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.terms.flow import BODY_MARK, SENTENCE_MARK, Flow, context_numbers, context_words
from tests.ingest.term_flows import make_flow

NUMBERS = {word: number for number, word in enumerate(["計画", "期間", "四", "年", "本部", "市長"])}
HEADINGS = [["計画", "期間"], ["計画"], [], []]
BODIES = [[["四", "年"]], [["本部", "市長"], ["市長"], ["四"]], [["年"]], []]
LAID_OUT = [
    [0, 1, BODY_MARK, 2, 3],
    [0, BODY_MARK, 4, 5, SENTENCE_MARK, 5, SENTENCE_MARK, 2],
    [BODY_MARK, 3],
    [BODY_MARK],
]


@pytest.fixture
def flow() -> Flow:
    return Flow.build(HEADINGS, BODIES, NUMBERS)


def test_passages_are_returned_in_the_requested_order(flow: Flow) -> None:
    terms, places = flow.gather(np.array([3, 1, 0]))
    assert terms.tolist() == [*LAID_OUT[3], *LAID_OUT[1], *LAID_OUT[0]]
    assert places.tolist() == [0] * 1 + [1] * 8 + [2] * 5


def test_letters_are_returned_as_text() -> None:
    letters = Flow.from_letters(["ごみ𠮷", "", "第20回"])
    assert letters.texts(np.array([2, 1, 0])) == ["第20回", "", "ごみ𠮷"]


def test_concatenated_flows_have_the_passages_of_all(flow: Flow) -> None:
    both = Flow.concatenate([flow, flow])
    assert [flow.terms[flow.starts[row] : flow.starts[row + 1]].tolist() for row in range(4)] == LAID_OUT
    assert [both.terms[both.starts[row] : both.starts[row + 1]].tolist() for row in range(8)] == LAID_OUT * 2
    assert len(Flow.concatenate([])) == 0


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


def test_words_of_a_context_are_consecutive() -> None:
    headings, bodies = [["計画"], ["計画"], ["体制"], ["計画"]], [[["四"], ["年"]], [["四"]], [["本部"]], [["市長"]]]
    numbers, flow = make_flow(headings, bodies)
    terms, texts = context_words(flow, np.array([0, 0, 0, 1], np.int32))
    words_with_context = [
        (list(numbers)[term], text) for term, text in zip(terms.tolist(), texts.tolist(), strict=True)
    ]
    assert [word for word, text in words_with_context if text == 0] == ["計画", "四", "年", "四", "体制", "本部"]
    assert [word for word, text in words_with_context if text == 1] == ["計画", "市長"]
