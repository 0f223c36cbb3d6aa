"""Tests that nothing is stated of a table that would have to be computed from several cells, and what is shown then."""

from pathlib import Path

import pytest

from ingest.blocks.unread_parts import UNREAD_CELL
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


def test_the_rows_of_a_table_that_have_what_is_asked_are_listed_with_their_number(tmp_path: Path) -> None:
    text = text_of(answerer(tmp_path, BOATHOUSES)("北岸の艇庫をすべて教えてください"))
    assert text.startswith("表「艇庫」で該当する艇庫は2件です。\n・鳶艇庫: 所在 北岸[1]\n・鴨艇庫: 所在 北岸[2]")


def test_of_more_rows_than_fit_the_first_are_listed(tmp_path: Path) -> None:
    many = sheet("艇庫", "艇庫|所在", *(f"第{n}艇庫|{'北岸' if n % 2 else '南岸'}" for n in range(200)))
    text = text_of(answerer(tmp_path, many)("北岸の艇庫をすべて教えてください"))
    assert text.startswith("表「艇庫」で該当する艇庫は100件です。はじめの20件を示します。\n・第1艇庫")
    assert text.count("\n・") == 20


def test_rows_of_a_table_with_an_unread_cell_are_not_counted(tmp_path: Path) -> None:
    unread = BOATHOUSES.replace("南岸", UNREAD_CELL)
    assert "件です" not in text_of(answerer(tmp_path, unread)("北岸の艇庫をすべて教えてください"))
