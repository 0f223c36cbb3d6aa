"""Questions that cells answer by what they contain: ditto marks, ranges, days, weekdays and marks."""

from pathlib import Path

import pytest

from tests.bot.kinds.tables.sheets import answerer, text_of

OFFICES = """# 施設の一覧

| 市区町村コード | 施設 | 所管課 | 休館日 | 内線 |
|---|---|---|---|---|
| 132004 | 灯台館 | 港湾課 | 毎週水曜日 | 〃 |
| 132004 | みなと会館 | 〃 | 毎週木曜日 | 〃 |
| 132004 | 潮風荘 | 観光課 | 同上 | 〃 |
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("みなと会館の所管課は?", "みなと会館の所管課は港湾課です"),
        ("潮風荘の休館日は?", "潮風荘の休館日は毎週木曜日です"),
        ("潮風荘の内線は?", ""),
    ],
)
def test_a_ditto_mark_stands_for_the_cell_above_whose_row_is_cited_too(
    tmp_path: Path, question: str, expected: str
) -> None:
    found = answerer(tmp_path, OFFICES)(question)
    assert text_of(found).startswith(expected)
    assert not expected or (found is not None and len(found.sources) > 1)
    assert not any(mark in text_of(found) for mark in ("〃", "同上", "132004"))


TOWN = """# 霞ヶ浜町の暮らし

## ごみの収集日

| 町名 | 番地 | 燃えるごみ |
|---|---|---|
| 浜町 | 1丁目1番〜30番 | 月・木 |
| 浜町 | 1丁目31番以降 | 火・金 |
| 浜町 | 11丁目1番〜30番 | 水・土 |

## 浄化槽の維持費

| 処理能力 | 維持費 |
|---|---|
| 5㎥〜10㎥ | 4,100円 |
| 11㎥〜20㎥ | 5,300円 |
| 21㎥以上 | 7,700円 |

## 催し

| 日 | 催し | 会場 |
|---|---|---|
| 8月8日 | 朝市 | 漁港 |
| 8月9日 | 砂像展 | 浜公園 |

## 施設の設備

| 施設 | 定員 | 駐車場 | 利用できる曜日 | 1時間の使用料 | 特記事項 |
|---|---|---|---|---|---|
| 第1ホール | 20人 | ○ | 月〜金 | 300円 | |
| 第2ホール | 50人 | × | 土日 | 800円 | 第3日曜日を除く |
| 第3ホール | 90人 | △ | 火・木・土 | 1,250円 | |
"""


@pytest.mark.parametrize(
    ("question", "expected", "not_expected"),
    [
        ("浜町1丁目35番の燃えるごみは?", "浜町（1丁目31番以降）の燃えるごみは火・金です", "月・木"),
        ("浄化槽の処理能力が15立方メートルだと維持費はいくら?", "11m3~20m3の維持費は5,300円です", "7,700円"),
        ("8/9の催しは?", "8月9日の催しは砂像展です", "朝市"),
        ("8月の第2土曜日の会場は?", "8月8日の会場は漁港です", "浜公園"),
        ("駐車場があるホールはどれ?", "・第3ホール: 駐車場 △", "第2"),
        ("駐車場がないホールはどれ?", "・第2ホール: 駐車場 ×", "第1"),
        ("土曜日に利用できるホールはどれ?", "利用できる曜日 土日、第3日曜日を除く", "第1"),
        ("定員が40人で足りるホールはどれ?", "第2ホール", "第1ホール"),
    ],
)
def test_rows_are_selected_by_what_their_cells_contain(
    tmp_path: Path, question: str, expected: str, not_expected: str
) -> None:
    text = text_of(answerer(tmp_path, TOWN)(question))
    assert expected in text
    assert not_expected not in text


HOURS = """# 霞ヶ浜町の施設（○は休み）

| 施設 | 定休日 | 祝日 | 1時間の使用料 | 1日の使用料 | 冬の休み | 担当 |
|---|---|---|---|---|---|---|
| 灯台館 | 月・火 | ○ | 500円（2時間以上から） | 2,000円 | 1月1日〜1月20日 | 港湾課 |
| 潮風館 | 水 | × | 300円 | 1,000円 | 2月1日〜2月9日 | 観光課 |
| 帆布館 | 木 | ○ | 400円 | 1,500円 | なし | 総務課 |
"""


@pytest.mark.parametrize(
    ("question", "statement"),
    [
        ("火曜に開いている施設はどれ?", ""),
        ("祝日に利用できる施設はどれ?", ""),
        ("1月10日に利用できる施設の担当は?", ""),
        ("月曜が定休日の施設はどれ?", "該当する施設は1件です。\n・灯台館"),
    ],
)
def test_nothing_is_stated_that_a_cell_may_not_mean(tmp_path: Path, question: str, statement: str) -> None:
    found = answerer(tmp_path, HOURS)(question)
    stated = text_of(found) if found and found.statements else ""
    assert statement in stated
    assert bool(statement) == bool(stated)


def test_a_block_that_the_table_does_not_have_is_not_answered_with_another(tmp_path: Path) -> None:
    assert answerer(tmp_path, TOWN)("浜町3丁目の燃えるごみは?") is None


SPENDING = """# 霞ヶ浜町令和8年度予算

## 歳出

| 款 | 本年度 | 前年度 | 比較 |
|---|---|---|---|
| 港湾費 | 5,200千円 | 4,900千円 | 300千円 |
| 水産費 | 7,100千円 | 7,400千円 | △300千円 |
"""


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("令和8年度の港湾費はいくら?", "港湾費の本年度は5,200千円です"),
        ("令和7年度の水産費はいくら?", "水産費の前年度は7,400千円です"),
    ],
)
def test_a_relative_year_in_a_head_is_that_of_the_title(tmp_path: Path, question: str, expected: str) -> None:
    assert expected in text_of(answerer(tmp_path, SPENDING)(question))
