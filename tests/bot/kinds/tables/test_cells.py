"""Tests of the cells that are stated of the rows and columns that a question names."""

from pathlib import Path

import pytest

from bot.kinds.tables.answer import TableAnswer
from bot.rendering.answer_text import render_blocks
from bot.state import Paragraph, TableBlock, TextBlock
from ingest.blocks.unread_parts import UNREAD_CELL
from tests.bot.kinds.tables.sheets import answerer, text_of

TARGETS = """# 霞ヶ浜町みなと計画

## 5 指標

| 指標 | 基準値(令和5年度) | 令和7年度実績 | 目標値(令和12年度) |
|---|---|---|---|
| 渡し舟の乗船者数 ※1 | 41,200人 | 52,300人 | 50,000人 |
| 朝市の出店数 | 34店 | 31店 | 45店 |
| 海岸の漂着ごみ量 | 80t | 62t | 60t |
| 観光案内所の満足度 | ― | 71% | 85% |

※1 臨時便を除く。
"""
HALLS = """# 霞ヶ浜町みなと計画

## 2 会館

| 会館名 | 開設年 | 定員 | 区域 | 駐車場 | 使用料 |
|---|---|---|---|---|---|
| 灯台会館 | 平成2年 | 120人 | 東浜 | ○ | 2,400円 |
| 潮風会館 | 昭和61年 | 80人 | 西浜 | × | 1,800円 |
| 帆布会館 | 平成17年 | 45人 | 東浜 | ○ | 900円 |
| 合計 | | 245人 | | | |
"""
BOATS = """# 霞ヶ浜町みなと計画

## 3 船の購入

| 船種 | 令和8年度 | 令和9年度 | 令和10年度 |
|---|---|---|---|
| 巡視艇 | 2隻 | 3隻 | 1隻 |
| 清掃船 | 1隻 | 4隻 | 4隻 |
"""
WORKS = """# 霞ヶ浜町みなと計画

## 6 工程

| 事業 | 令和8年度 | 令和9年度 | 令和10年度 | 担当課 |
|---|---|---|---|---|
| 桟橋の改築 | 設計 | 着工 | 完成 | 港湾課 |
| 灯台の公開 | ― | 試行 | 公開 | 観光課 |
"""
ONLINE = """# 霞ヶ浜町みなと計画

## 7 手続き

| 指標 | 目標値 | 達成状況 |
|---|---|---|
| 入港届のオンライン化率 | 100% | 92%(46件/50件) |
"""
DUTIES = """# 霞ヶ浜町みなと計画

## 8 港湾の利用者に求める対策

| 対策 | 内容 | 区分 | 担当 |
|---|---|---|---|
| 係留綱の点検 | 出港の前に係留綱を点検する。傷みがあれば替える。 | 義務 | 船主 |
| 無線機の備え付け | 沖に出る船に無線機を備え付ける。 | 推奨 | 船主 |
| 港湾利用者の対策会議 | 月に一度、会議を開く。 | 義務 | 港務所 |
"""
BUDGET = """# 霞ヶ浜町みなと計画

## 7 費用

（単位：千円）

| 区分 | 予算額 | 前年度 |
|---|---|---|
| 桟橋の改築 | 2,345,678 | 2,200,000 |
| 灯台の公開 | 812,300 | 790,100 |
"""


def sheet(heading: str, columns: str, *rows: str) -> str:
    rule = "|".join("---" for _ in columns.split("|"))
    table = "\n".join(f"|{line}|" for line in (columns, rule, *rows))
    return f"# 計画\n\n## {heading}\n\n{table}\n"


CLASSES = sheet("教室", "教室|受講者", "子ども書道教室|31人", "書道教室|18人", "茶道教室|24人")
PRESENT = sheet("指標", "指標|現状値|目標値", "灯籠の設置数|38基|40基")
LANTERNS = sheet("指標", "指標|目標値|実績", "灯籠の設置数|40基|38基")
HARBOURS = sheet("東", "港|隻数", "鴎港|12隻", "鷺港|8隻") + sheet("西", "港|隻数", "鷹港|30隻", "雁港|5隻")[5:]
BICYCLES = sheet(
    "駐輪",
    "駐輪場|台数",
    *(f"駅北駐輪場({side})|{n}台" for n, side in enumerate("東西南北", start=30)),
    "港口駐輪場|8台",
)
UNREAD = sheet("使用料", "場所|朝||夜", f"東岸壁|300円|{UNREAD_CELL}|500円", f"西岸壁|200円|{UNREAD_CELL}|450円")
EXACT = [
    (TARGETS, "朝市の出店数の目標値は?", "朝市の出店数の目標値(令和12年度)は45店です[1]。"),
    (CLASSES, "書道は何人ですか", "子ども書道教室の受講者は31人です[1]。書道教室の受講者は18人です[2]。"),
    (CLASSES, "子ども書道は何人ですか", "子ども書道教室の受講者は31人です[1]。"),
    (CLASSES, "書道教室は何人ですか", "書道教室の受講者は18人です[1]。"),
    (BOATS, "2027年度の清掃船の購入は何隻ですか", "清掃船の令和9年度は4隻です[1]。"),
    (HALLS, "潮風会館はいくらで借りられますか", "潮風会館の使用料は1,800円です[1]。"),
    (HALLS, "灯台会館と潮風会館の定員は何人ですか", "灯台会館の定員は120人です[1]。潮風会館の定員は80人です[2]。"),
    (PRESENT, "灯籠の設置数の実績は?", "灯籠の設置数の現状値は38基です[1]。"),
    (DUTIES, "港湾の利用者に求める対策で、無線機の備え付けの担当は?", "無線機の備え付けの担当は船主です[1]。"),
]
# The parts that an answer must have, and those that it must not.
PARTS = [
    (TARGETS, "朝市の出店数の実績を教えてください", ["31店"], ["45店"]),
    (TARGETS, "朝市の出店数は何店ですか", ["31店", "45店"], []),
    (TARGETS, "渡し舟の乗船者数の目標値は?", ["「※1 臨時便を除く。」との注記があります[1]。"], []),
    (TARGETS, "観光案内所の満足度の目標値は?", ["85%"], []),
    (ONLINE, "入港届のオンライン化の目標は何件ですか?", ["100%", "目標値"], []),
    (
        f"{ONLINE.rstrip()}\n| 桟橋の更新率 | 80% | 75% |\n\n※ 入港届は郵送を除く。\n",
        "入港届のオンライン化の目標は何件ですか?",
        ["\n表の注: ※ 入港届は郵送を除く。[1]"],
        [],
    ),
    (HALLS, "東浜の会館をすべて教えてください", ["灯台会館"], ["潮風会館"]),
    (HARBOURS, "鷹港と鴎港の隻数はそれぞれ何隻ですか", ["鷹港の隻数は30隻", "鴎港の隻数は12隻"], []),
    (WORKS, "桟橋の改築の担当はどこの課ですか", ["担当課は港湾課です[1]。"], []),
    (LANTERNS, "灯籠の設置数は何基ですか", ["38基"], []),
    (BUDGET, "桟橋の改築の予算額はいくらですか", ["2,345,678千円です"], []),
    (UNREAD, "東岸壁の朝の使用料は?", ["東岸壁の朝は300円です"], []),
]
UNANSWERED = [
    (CLASSES, "茶道教室と尺八教室の受講者はそれぞれ何人ですか"),
    (TARGETS, "水族館の入館者の実績は何人ですか"),
    (TARGETS, "仙台の朝市の出店数の目標値は?"),
    (TARGETS, "観光案内所の満足度の基準値は?"),
    (TARGETS, "朝市の募集要項は?"),
    (TARGETS, "海岸の漂着ごみ量の処分は?"),
    (WORKS, "着工の前に使えなくなるものはどれですか"),
    (BICYCLES, "駅北駐輪場は何台ですか"),
    (LANTERNS, "令和2年度の灯籠の設置数は何基ですか"),
    (UNREAD, "東岸壁の昼の使用料は?"),
]


@pytest.mark.parametrize(("table", "question", "expected"), EXACT)
def test_answer_states_only_what_is_asked(tmp_path: Path, table: str, question: str, expected: str) -> None:
    assert text_of(answerer(tmp_path, table)(question)) == expected


@pytest.mark.parametrize(("table", "question", "parts", "absent"), PARTS)
def test_answer_follows_from_the_table(
    tmp_path: Path, table: str, question: str, parts: list[str], absent: list[str]
) -> None:
    text = text_of(answerer(tmp_path, table)(question))
    assert [part for part in parts if part not in text] == []
    assert [part for part in absent if part in text] == []


@pytest.mark.parametrize(("table", "question"), UNANSWERED)
def test_what_no_cell_answers_is_left_to_others(tmp_path: Path, table: str, question: str) -> None:
    assert answerer(tmp_path, table)(question) is None


def test_follow_up_is_read_by_its_own_words(tmp_path: Path) -> None:
    targets = answerer(tmp_path, TARGETS)
    text = text_of(targets("朝市は、渡し舟の乗船者数の目標は?", "朝市は"))
    assert text.startswith("朝市の出店数の目標値(令和12年度)は45店です")
    assert targets("運賃は、渡し舟の乗船者数の目標は?", "運賃は") is None


def test_answer_includes_its_rows_as_a_table(tmp_path: Path) -> None:
    answer = answerer(tmp_path, TARGETS)("朝市の出店数の目標値は?")
    assert isinstance(answer, TableAnswer)
    text, table = render_blocks([Paragraph(answer.statements), answer.table], "ja")
    assert isinstance(text, TextBlock)
    assert isinstance(table, TableBlock)
    assert table.caption == "5 指標"
    assert table.rows == (("朝市の出店数", "34店", "31店", "45店"),)
    assert all(source.quote in source.passage.text for source in answer.sources)


def test_plan_in_force_takes_precedence_over_older_plan(tmp_path: Path) -> None:
    older = TARGETS.replace("45店", "40店").replace("朝市の出店数", "夜市の出店数")
    answer = answerer(tmp_path, TARGETS.replace("観光案内所の満足度", "釣り桟橋の利用者数"), older)
    assert "85%" in text_of(answer("観光案内所の満足度の目標値は?"))
    assert "45店" in text_of(answer("朝市の出店数の目標値は?"))


YEARS = sheet("斎場", "年度|件数", "H29|388件", "H30|401件", "R元|412件", "R2|430件")
ROOMS = sheet("会議室", "広さ|使用料", "4㎡|320円", "6㎡|480円")
VISITORS = sheet("来館者", "施設|H30|R元|R2", "鳶館|31人|42人|53人", "鵜館|64人|75人|86人")
HOURS = sheet("開館時間", "施設|開館時間", "鳶館|9:00～17:00", "鵜館|午後1時～午後9時")


@pytest.mark.parametrize(
    ("text", "question", "shown"),
    [
        (YEARS, "2019年度の件数は?", "R元の件数は412件です"),
        (YEARS, "平成31年度の件数は?", "R元の件数は412件です"),
        (YEARS, "令和1年度の件数は?", "R元の件数は412件です"),
        (ROOMS, "6平米の使用料は?", "6m2の使用料は480円です"),
        (ROOMS, "6平方メートルの使用料は?", "6m2の使用料は480円です"),
        (VISITORS, "平成31年度の鵜館の来館者は?", "鵜館のR元は75人です"),
        (HOURS, "20時に開いている施設は?", "鵜館: 開館時間 午後1時~午後9時"),
    ],
)
def test_years_areas_and_times_are_the_same_in_any_notation(
    tmp_path: Path, text: str, question: str, shown: str
) -> None:
    found = text_of(answerer(tmp_path, text)(question))
    assert shown in found
    assert found.count("[") == 1
