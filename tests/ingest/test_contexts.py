"""What stands around a passage, and the words of all that stands together."""

from collections.abc import Sequence

import numpy as np
import pytest

from ingest.contexts import contexts
from ingest.counting import Counted
from ingest.documents import Passage


def passage(doc_id: str, *path: str, page: int | None = None) -> Passage:
    return Passage(f"{doc_id}#{path}{page}", doc_id, "text", path, "本文", (1,), page)


@pytest.mark.parametrize(
    ("passages", "numbers"),
    [
        ([passage("a", "計画", page=1), passage("a", "体制", page=1), passage("a", "体制", page=2)], [0, 0, 1]),
        ([passage("a", "計画", page=1), passage("b", "計画", page=1), passage("a", "体制", page=1)], [0, 1, 0]),
        ([passage("a", "計画", "期間"), passage("a", "計画", "体制"), passage("b")], [0, 1, 2]),
        ([passage("a", "計画"), passage("b", page=1), passage("b", "体制", page=1)], [0, 1, 1]),
        ([], []),
    ],
    ids=["pages", "pages of two documents", "sections are none", "some with pages", "none"],
)
def test_passages_of_a_page_have_one_number(passages: Sequence[Passage], numbers: Sequence[int]) -> None:
    """A page of one document is a context; a passage without a page is one alone."""
    assert contexts(passages).tolist() == numbers


def test_words_of_a_context_stand_together() -> None:
    """Its passages' words, and each of its headings once, however many passages stand below."""
    counted = Counted([["計画"], ["計画"], ["体制"], ["計画"]], [[["四"], ["年"]], [["四"]], [["本部"]], [["市長"]]])
    together = counted.together(np.array([0, 0, 0, 1], np.int32))
    assert together == [["計画", "四", "年", "四", "体制", "本部"], ["計画", "市長"]]


def test_no_passages_make_no_groups() -> None:
    """Without passages there is nothing to put together."""
    assert Counted([], []).together(np.zeros(0, np.int32)) == []
