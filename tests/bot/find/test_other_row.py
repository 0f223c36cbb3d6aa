"""Rows whose names only end alike are of other things."""

import pytest

from bot.find.evidence import Evidence
from bot.find.other_row import names_other_row
from ingest.documents import Cell, Passage

NAMES = [
    ("南分館の蔵書数は?", "北分館", True),
    ("北分館の蔵書数は?", "北分館", False),
    ("分館の蔵書数は?", "北分館", False),
    ("市の分館の数は?", "北分館", False),
    ("北分館と南分館では?", "北分館", False),
    ("南部浄化センターの処理能力は?", "西部浄化センター", True),
    ("路線バスの収支率は?", "コミュニティバスの収支率", True),
    ("バスの収支率は?", "コミュニティバスの収支率", False),
    ("窓口での対応時間は?", "電話での対応時間の削減", False),
    ("出前講座参加者数は?", "高齢者向け電子申請講座参加者数", False),
    ("待機児童数は?", "保育所等の待機児童数 ※1", False),
    ("", "北分館", False),
]


@pytest.mark.parametrize(("question", "name", "other"), NAMES)
def test_a_name_with_another_head_is_another_row(question: str, name: str, *, other: bool) -> None:
    """南分館 is no 北分館; 分館 may be, and so may what is named besides."""
    cells = (Cell("館名", name), Cell("蔵書数", "1冊"))
    row = Passage("d#1", "d", "row", ("表",), name, (1,), cells=cells)
    assert names_other_row(Evidence(row, "row", name), question) is other


def test_a_sentence_is_no_row() -> None:
    """It may tell of both."""
    text = "北分館は月曜に休みます。"
    assert not names_other_row(Evidence(Passage("d#1", "d", "text", (), text, (1,)), "sentence", text), "南分館は?")
