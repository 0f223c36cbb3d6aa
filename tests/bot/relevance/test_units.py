"""Tests of the splitting of passages into units."""

import pytest

from bot.relevance.units import unit_spans
from ingest.documents import Passage, PassageKind


def passage(text: str, kind: PassageKind = "text") -> Passage:
    return Passage("d#1", "d", kind, (), text, (1,))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("窓口は朝八時に開く。土曜は休む。", ["窓口は朝八時に開く。", "土曜は休む。"]),
        ("・対象：湖畔町に住む人\n・費用：無料", ["・対象：湖畔町に住む人", "・費用：無料"]),
        ("手数料（再発行を含む。）は二百円。", ["手数料（再発行を含む。）は二百円。"]),
        ("一行目 \n\n　二行目。  三行目", ["一行目", "　二行目。", "  三行目"]),
        ("  \n ", []),
        ("", []),
    ],
    ids=["sentences", "items", "brackets", "blank lines", "blank", "empty"],
)
def test_each_line_and_sentence_is_a_unit(text: str, expected: list[str]) -> None:
    cut = [text[start:end] for start, end in unit_spans(passage(text))]
    assert cut == expected
    assert "".join("".join(cut).split()) == "".join(text.split())


def test_a_row_is_one_unit() -> None:
    text = "施設: 湖畔図書館。\n開館: 九時。"
    assert unit_spans(passage(text, "row")) == ((0, len(text)),)
