"""Tests that an extreme, a count, a sum or a difference is stated only if it is true of all that is asked about."""

from pathlib import Path

import pytest

from ingest.blocks.unread_parts import UNREAD_CELL
from tests.bot.tables.sheets import answerer, text_of
from tests.bot.tables.test_compute import sheet

HEADS = "艇庫|収容数|利用料|所在"
ROWS = ("鳶艇庫|24艇|700円|北岸", "鵜艇庫|31艇|500円|南岸", "鴨艇庫|12艇|900円|北岸")
MOST, CHEAPEST, TOTAL = "収容数が一番多い艇庫は?", "利用料が一番安い艇庫は?", "艇庫の収容数の合計は?"
ALL = "北岸の艇庫をすべて教えてください"
GAP = "鳶艇庫と鵜艇庫の利用料の差はいくらですか"


def boathouses(*rows: str, heading: str = "艇庫", heads: str = HEADS, after: str = "") -> str:
    return sheet(heading, heads, *(rows or ROWS)) + after


BY_YEAR = sheet(
    "貸し艇", "年度|貸出数|収入", "令和5年度|410件|82万円", "令和6年度|450件|91万円", "令和7年度|430件|88万円"
)
WEST = "\n## 西の艇庫\n\n" + boathouses("鷲艇庫|90艇|100円|西岸").split("\n\n", 2)[2]

STATED = [
    (boathouses(), MOST, "収容数が最も多いのは鵜艇庫(31艇)"),
    (boathouses(), CHEAPEST, "利用料が最も安いのは鵜艇庫(500円)"),
    (boathouses(), GAP, "差は200円です（700円 − 500円 = 200円）"),
    (boathouses(), ALL, "該当する艇庫は2件です。\n・鳶艇庫"),
    (boathouses(*ROWS, "合計|67艇||"), TOTAL, "収容数の合計は67艇です"),
    (boathouses(*ROWS, "合計|67艇||"), MOST, "鵜艇庫(31艇)"),
    (boathouses(heading="東の艇庫") + WEST, MOST, "収容数が最も多いのは鷲艇庫(90艇)"),
    (boathouses(heading="東の艇庫") + WEST, f"東の{MOST}", "鵜艇庫(31艇)"),
    (BY_YEAR, "令和5年度と令和6年度の貸出数の差は?", "差は40件です（450件 − 410件 = 40件）"),
    # An incomplete table has the two rows that are asked about.
    (boathouses(heading="主な艇庫"), GAP, "差は200円です"),
]
# The rows may be shown, but nothing is said of all of them.
CLAIMS = ("最も", "順に", "合計は", "該当する", "差は")
NOT_STATED = [
    *((boathouses(heading="主な艇庫"), question) for question in (MOST, CHEAPEST, TOTAL, ALL)),
    (boathouses(heading="艇庫(一部)"), MOST),
    (boathouses(after="\n※ 収容数の抜粋。\n"), TOTAL),
    (boathouses().replace("## 艇庫", "## 艇庫\n\n主な艇庫は次のとおりです。"), MOST),
    (boathouses(after="\n詳しい一覧からの抜粋です。\n"), CHEAPEST),
    (boathouses(*ROWS, "その他|5艇|400円|北岸"), CHEAPEST),
    (boathouses(*ROWS, "鷺艇庫など|8艇|400円|北岸"), TOTAL),
    (boathouses(*ROWS, "うち屋根付き|20艇|700円|北岸"), TOTAL),
    (boathouses(*ROWS, "北岸計|67艇|2,100円|―"), MOST),
    (boathouses(*ROWS, f"鷺艇庫|{UNREAD_CELL}|100円|南岸"), CHEAPEST),
    (boathouses(*ROWS, "鷺艇庫|調査中|800円|南岸"), MOST),
    (boathouses(*ROWS, "鷺艇庫|40m2|800円|南岸"), TOTAL),
    # A cell with more than one figure cannot be compared.
    *(
        (boathouses(*ROWS, f"鷺艇庫|40艇|{fee}|南岸"), CHEAPEST)
        for fee in (
            "1艇につき90円",
            "800円(会員は無料)",
            "300円から",
            "約600円",
            "無料",
            "応相談",
            "600円以内、40円加算",
        )
    ),
    (boathouses("鳶艇庫|24艇|700円以内|北岸", *ROWS[1:]), GAP),
    (boathouses(*ROWS, "岸全域|67艇|700円|"), MOST),
    (boathouses(*ROWS, "両岸|67艇|700円|"), MOST),
    (boathouses(heading="東の艇庫") + WEST.replace("鷲艇庫", "鵜艇庫"), MOST),
    (boathouses(), "収容数が一番多い車庫は?"),
    (boathouses(), "桟橋の利用料の合計は?"),
    (boathouses(), "一番広い艇庫は?"),
    (boathouses(), "鳶艇庫の利用料は前年度よりどれだけ上がりましたか"),
    (boathouses(), "鳶艇庫と鷺艇庫の利用料の差は?"),
    (boathouses(), "鳶艇庫の収容数は南岸の艇庫とどれだけ違いますか"),
    (BY_YEAR, "令和5年度の貸出数は前年度よりどれだけ増えましたか"),
    (BY_YEAR, "艇庫の令和5年度と令和6年度の利用料の差は?"),
]


@pytest.mark.parametrize(("table", "question", "statement"), STATED)
def test_of_a_complete_table_it_is_stated(tmp_path: Path, table: str, question: str, statement: str) -> None:
    assert statement in text_of(answerer(tmp_path, table)(question))


@pytest.mark.parametrize(("table", "question"), NOT_STATED)
def test_of_anything_else_it_is_not_stated(tmp_path: Path, table: str, question: str) -> None:
    text = text_of(answerer(tmp_path, table)(question))
    assert [claim for claim in CLAIMS if claim in text] == [], text


@pytest.mark.parametrize("question", [MOST, ALL])
def test_rows_of_a_part_are_shown_as_unsure(tmp_path: Path, question: str) -> None:
    answer = answerer(tmp_path, boathouses(heading="主な艇庫"))(question)
    assert answer
    assert (answer.statements, answer.is_sure) == ((), False)
    assert text_of(answer).startswith("・鳶艇庫: 収容数 24艇、利用料 700円、所在 北岸[1]\n")
    assert text_of(answer).endswith("出典: 「霞ヶ浜町みなと計画」の「主な艇庫」")
