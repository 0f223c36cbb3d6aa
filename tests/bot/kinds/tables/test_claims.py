"""Tests that nothing is stated of a table that would have to be computed from several cells, and what is shown then."""

from pathlib import Path

import pytest

from tests.bot.kinds.tables.sheets import answerer, text_of
from tests.bot.kinds.tables.test_cells import sheet

BOATHOUSES = sheet(
    "艇庫", "艇庫|収容数|利用料|所在", "鳶艇庫|24艇|700円|北岸", "鵜艇庫|31艇|500円|南岸", "鴨艇庫|12艇|900円|北岸"
)
ROWS = "・鳶艇庫: 収容数 24艇、利用料 700円、所在 北岸[1]\n・鵜艇庫: 収容数 31艇、利用料 500円、所在 南岸[2]"


@pytest.mark.parametrize(
    "question",
    [
        "鳶艇庫と鵜艇庫の利用料の差はいくらですか",
        "鳶艇庫と鵜艇庫の収容数の合計は?",
        "鳶艇庫と鵜艇庫の利用料の平均は?",
        "鳶艇庫の収容数は鵜艇庫の何倍ですか",
        "鳶艇庫と鵜艇庫で一番安いのは?",
    ],
)
def test_the_named_rows_are_shown_as_unsure_where_an_answer_would_be_computed(tmp_path: Path, question: str) -> None:
    answer = answerer(tmp_path, BOATHOUSES)(question)
    assert answer
    assert (answer.statements, answer.is_sure) == ((), False)
    assert text_of(answer) == f"{ROWS}\n出典: 「霞ヶ浜町みなと計画」の「艇庫」"


@pytest.mark.parametrize("question", ["収容数が一番多い艇庫は?", "艇庫の収容数の合計は?", "桟橋の利用料の合計は?"])
def test_what_is_computed_over_all_rows_is_left_to_excerpts(tmp_path: Path, question: str) -> None:
    assert answerer(tmp_path, BOATHOUSES)(question) is None
