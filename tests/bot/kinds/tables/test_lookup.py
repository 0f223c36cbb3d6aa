"""Tests of labelled tables and of the achievement of targets."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.kinds.tables.labelled_rows import label_rows
from bot.kinds.tables.render import row_text
from bot.kinds.tables.table import Table
from bot.kinds.tables.target import Goal, GoalVerdict, find_goals
from ingest.documents import Cell, Passage
from ingest.japanese.cell_values import parse_values
from tests.bot.kinds.tables.sheets import rows, tables_of


def row(n: int, *cells: tuple[str, str], path: tuple[str, ...] = ("町の統計",), notes: tuple[str, ...] = ()) -> Passage:
    text = "\n".join(f"{column}: {value}" for column, value in cells)
    return Passage(f"d#{n}", "d", "row", path, text, (n,), None, tuple(Cell(*cell) for cell in cells), notes)


def labelled(*passages: Passage) -> Table:
    found = label_rows(passages)
    assert found
    return found


NUMBERED = row(1, ("番号", "1-1"), ("施策", "並木の手入れ"), ("所管", "緑地係"))
YEARS = (row(1, ("年", "2024"), ("来客", "3人")), row(2, ("年", "2025"), ("来客", "4人")))
BUSES = (row(1, ("時", "7"), ("分", "10 40")), row(2, ("時", "8"), ("分", "20")))
SAME = (
    row(1, ("区分", "幼児"), ("項目", "見込"), ("人数", "3人")),
    row(2, ("区分", "幼児"), ("項目", "定員"), ("人数", "5人")),
)
PHRASE = (
    row(1, ("項目", "苗木の配布数 窓口で手渡した本数を数える"), ("目標", "90本")),
    row(2, ("項目", "見学者数"), ("目標", "40人")),
)
DISTINCT = (
    row(1, ("団体", "水産 沿岸漁業協同組合"), ("人数", "3人")),
    row(2, ("団体", "水産 養殖業者連絡会議"), ("人数", "5人")),
)
REMARK = row(1, ("事業", "配食"), ("実績", "98% ※冬期を除く"))
FACTS = (row(1, ("所在地", "三番町4")), row(2, ("開館", "9時")))


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        ((NUMBERED,), [("並木の手入れ", "緑地係", ())]),
        (YEARS, [("2024年", "3人", ()), ("2025年", "4人", ())]),
        (BUSES, [("7時", "10 40", ()), ("8時", "20", ())]),
        (SAME, [("幼児 見込", "3人", ()), ("幼児 定員", "5人", ())]),
        (PHRASE, [("苗木の配布数", "90本", ("窓口で手渡した本数を数える",)), ("見学者数", "40人", ())]),
        (DISTINCT, [("水産 沿岸漁業協同組合", "3人", ()), ("水産 養殖業者連絡会議", "5人", ())]),
        ((REMARK,), [("配食", "98%", ("※冬期を除く",))]),
        (FACTS, [("所在地", "三番町4", ()), ("開館", "9時", ())]),
    ],
)
def test_a_row_has_its_label_and_its_notes(
    passages: tuple[Passage, ...], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    table = labelled(*passages)
    assert [(each.label, each.text(table.columns[0]), each.notes) for each in table.rows] == expected


def test_adjacent_tables_are_split_by_their_first_header() -> None:
    one, other = row(1, ("村", "上村"), ("戸数", "3戸")), row(2, ("川", "黒川"), ("長さ", "3km"))
    plain = replace(row(3), kind="text", text="本文")
    tables = tables_of([one, other, plain])
    found = tables.find_table(one)
    assert found
    assert [each.label for each in found.rows] == ["上村"]
    assert tables.find_table(one) is found
    assert tables.find_table(plain) is None


def test_equal_text_in_adjacent_cells_is_shown_once() -> None:
    cells = [("村", "上村"), ("春", "船で渡る"), ("秋", "船で渡る"), ("去年", "3人"), ("今年", "3人")]
    table = labelled(row(1, *cells))
    assert row_text(table, table.rows[0]) == "・上村: 春・秋 船で渡る、去年 3人、今年 3人"


def test_figures_of_up_to_28_digits_are_read_and_longer_ones_are_text() -> None:
    assert parse_values("9" * 29 + "円") == ()
    assert len(parse_values("9" * 28 + "円")) == 1


TODAY = date(2026, 8, 1)


def read_goals(folder: Path, table: str, ends: date | None = None) -> list[Goal]:
    passages = rows(folder, f"# 計画\n\n## 成果\n\n{table}\n")
    tables = tables_of(passages)
    relations = dict.fromkeys(found for passage in passages if (found := tables.find_table(passage)))
    return [goal for relation in relations for goal in find_goals(relation, TODAY, ends)]


@pytest.mark.parametrize(
    ("label", "target", "result", "verdict"),
    [
        ("灯台の見学者", "900人", "940人", GoalVerdict.ABOVE),
        ("待つ人の数", "10人", "15人", GoalVerdict.ABOVE),
        ("港の相談", "800件", "650件", GoalVerdict.BELOW),
        ("灯台の見学者", "900人", "900人", GoalVerdict.REACHED),
        ("灯台の見学者(累計)", "900人", "850人", GoalVerdict.MISSED),
        ("灯台の見学者", "900人以上", "850人", GoalVerdict.MISSED),
        ("残業の時間", "300時間以内", "280時間", GoalVerdict.REACHED),
        ("残業の時間", "300時間未満", "300時間", GoalVerdict.MISSED),
        ("紙の量", "30%減", "24%減", GoalVerdict.MISSED),
        ("紙の量", "30%減", "3%増", GoalVerdict.MISSED),
        ("紙の削減量", "30kg", "36kg", GoalVerdict.REACHED),
        ("待つ人の数", "0人", "3人", GoalVerdict.MISSED),
        ("経常収支比率", "100%", "92%", GoalVerdict.BELOW),
        ("港の魅力", "12か所", "", GoalVerdict.NO_RESULT),
        ("港の魅力", "12か所", "件", GoalVerdict.NO_RESULT),
        ("港の魅力", "12か所", "達成", GoalVerdict.REACHED),
        ("港の魅力", "12か所", "未達成", GoalVerdict.MISSED),
        ("港の魅力", "12か所", "70%", GoalVerdict.INCOMPARABLE),
        ("港の魅力", "高い", "12か所", GoalVerdict.INCOMPARABLE),
        ("紙の量(累計)", "90枚", "80枚 ※年度末までに達成予定", GoalVerdict.UNDERWAY),
        ("港の収入(累計)", "△3億円", "12,345,678,901千円", GoalVerdict.REACHED),
    ],
)
def test_verdict_needs_a_known_direction(
    tmp_path: Path, label: str, target: str, result: str, verdict: GoalVerdict
) -> None:
    others = "| 朝市の数 | 5回 | 5回 |\n| 夜市の数 | 5回 | 5回 |"
    (goal, *_) = read_goals(
        tmp_path, f"| 指標 | 目標値 | 実績 |\n|---|---|---|\n| {label} | {target} | {result} |\n{others}"
    )
    assert goal.verdict is verdict


@pytest.mark.parametrize(
    ("base", "verdict"), [("20人", GoalVerdict.REACHED), ("5人", GoalVerdict.MISSED), ("20件", GoalVerdict.BELOW)]
)
def test_base_value_gives_the_direction(tmp_path: Path, base: str, verdict: GoalVerdict) -> None:
    (goal,) = read_goals(
        tmp_path, f"| 指標 | 基準値 | 目標値 | 実績 |\n|---|---|---|---|\n| 待つ人 | {base} | 10人 | 8人 |"
    )
    assert goal.verdict is verdict


def test_future_target_is_not_missed(tmp_path: Path) -> None:
    table = "| 指標 | 目標値(令和10年度) | 実績値(令和6年度) |\n|---|---|---|\n| 見学者(累計) | 900人 | {} |"
    (goal,) = read_goals(tmp_path, table.format("850人"))
    assert goal.verdict == GoalVerdict.UNDERWAY
    assert goal.due == date(2029, 3, 31)
    assert goal.when == "令和6年度"
    assert goal.year == 2024
    assert [one.verdict for one in read_goals(tmp_path, table.format("910人"))] == [GoalVerdict.REACHED]
    plain = "| 指標 | 目標値 | 実績 |\n|---|---|---|\n| 見学者(累計) | 900人 | 850人 |"
    assert [one.verdict for one in read_goals(tmp_path, plain, ends=date(2030, 3, 31))] == [GoalVerdict.UNDERWAY]


def test_date_in_a_label_is_not_the_due_date(tmp_path: Path) -> None:
    table = "| 指標 | 目標値 | 実績 |\n|---|---|---|\n| {} | 30%減 | 24%減 |"
    (compared,) = read_goals(tmp_path, table.format("紙の量(令和4年度比較)"))
    (dated,) = read_goals(tmp_path, table.format("令和4年度"))
    assert compared.due is None
    assert compared.year is None
    assert dated.due == date(2023, 3, 31)
    assert dated.year == 2022


@pytest.mark.parametrize(
    ("heads", "cells", "expected"),
    [
        (
            "令和4年度目標 | 令和4年度実績 | 令和5年度目標 | 令和5年度実績",
            "90人 | 95人 | 120人 | 110人",
            [(2022, "95人", GoalVerdict.REACHED), (2023, "110人", GoalVerdict.MISSED)],
        ),
        ("令和5年度実績 | 令和4年度実績 | 目標値", "95人 | 80人 | 90人", [(2023, "95人", GoalVerdict.REACHED)]),
        ("令和4年度実績 | 令和5年度実績", "90人 | 95人", []),
    ],
    ids=["those of the same year", "the latest", "no target"],
)
def test_a_target_is_compared_with_the_result_of_its_year_or_the_latest(
    tmp_path: Path, heads: str, cells: str, expected: list[tuple[int, str, GoalVerdict]]
) -> None:
    table = f"| 指標 | {heads} |\n|{'---|' * (heads.count('|') + 2)}\n| 見学者(累計) | {cells} |"
    assert [(one.year, one.result, one.verdict) for one in read_goals(tmp_path, table)] == expected
