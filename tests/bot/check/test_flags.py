"""Whether what a row says yes or no of is told so."""

import pytest

from bot.check.verify import check
from bot.turn import Draft, Source
from ingest.documents import Cell, Passage

_TEXT = "広場: けやき広場\n火気: 不可\n夜間: 使えます"
_ROW = Passage(
    "g#1",
    "g",
    "row",
    ("広場の決まり",),
    _TEXT,
    (1, 1),
    cells=(Cell("広場", "けやき広場"), Cell("火気", "不可"), Cell("夜間", "使えます")),
)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("けやき広場の火気は不可です[1]。", True),
        ("けやき広場の火気は可です[1]。", False),
        ("けやき広場の夜間には「使えます」とあります[1]。", True),
        ("けやき広場の夜間には「使えません」とあります[1]。", False),
    ],
)
def test_the_contrary_of_a_cell_is_caught(text: str, holds: bool) -> None:  # noqa: FBT001 -- a table of pairs
    """可 is a part of 不可, and not what its row says."""
    assert (not check(Draft(text, (Source(_ROW, _TEXT),)))) is holds
