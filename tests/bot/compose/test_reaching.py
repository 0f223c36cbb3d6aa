"""A row's result held against its target."""

import pytest

from bot.compose.reaching import reached
from bot.compose.row import read_row
from ingest.documents import Cell, Passage

ROWS = [
    ("500本", "500本", True),
    ("500本", "420本", False),
    ("20時間まで", "15時間", True),
    ("20時間以内", "25時間", False),
    ("5分未満", "5分", False),
    ("50か所まで増やす", "40か所", False),
    ("500本(令和10年度まで)", "420本", False),
    ("30万円減", "40万円増", False),
    ("30万円減", "40万円減", True),
    ("500本", "-", None),
    ("500本", "3か所", None),
]


@pytest.mark.parametrize(("target", "result", "is_reached"), ROWS)
def test_a_target_is_reached_by_its_bound_and_direction(target: str, result: str, *, is_reached: bool | None) -> None:
    """まで is at most, 未満 less; まで of a date or of a rise is not, and what cannot be compared is neither."""
    cells = (Cell("指標", "甲"), Cell("目標値", target), Cell("実績", result))
    row = read_row(Passage("d#1", "d", "row", ("表",), "…", (1,), cells=cells))
    assert reached(row) is is_reached
