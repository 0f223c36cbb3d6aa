"""Tests of the achievement of targets, which is stated only if the table gives the direction."""

from datetime import date
from pathlib import Path

import pytest

from bot.tables.lookup import Tables
from bot.tables.target import Goal, GoalVerdict, find_goals
from tests.bot.tables.sheets import rows

TODAY = date(2026, 8, 1)


def read_goals(folder: Path, table: str, ends: date | None = None) -> list[Goal]:
    passages = rows(folder, f"# 計画\n\n## 成果\n\n{table}\n")
    tables = Tables(passages)
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
        ("防災訓練の実施率", "100%", "92%", GoalVerdict.MISSED),
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


def test_targets_are_compared_with_results_of_their_year(tmp_path: Path) -> None:
    heads = "| 指標 | 令和4年度目標 | 令和4年度実績 | 令和5年度目標 | 令和5年度実績 |\n|---|---|---|---|---|\n"
    found = read_goals(tmp_path, f"{heads}| 見学者(累計) | 90人 | 95人 | 120人 | 110人 |")
    assert [(one.year, one.verdict) for one in found] == [(2022, GoalVerdict.REACHED), (2023, GoalVerdict.MISSED)]


def test_target_is_compared_with_the_latest_result(tmp_path: Path) -> None:
    heads = "| 指標 | 令和5年度実績 | 令和4年度実績 | 目標値 |\n|---|---|---|---|\n"
    (goal,) = read_goals(tmp_path, f"{heads}| 見学者(累計) | 95人 | 80人 | 90人 |")
    assert goal.result == "95人"
    assert goal.verdict == GoalVerdict.REACHED


@pytest.mark.parametrize(
    ("target", "result", "drawn"),
    [("90人", "95人", True), ("90人", "△5人", False), ("令和8年4月", "令和8年6月", False), ("9%減", "3%増", False)],
)
def test_incomparable_figures_are_not_drawn(tmp_path: Path, target: str, result: str, *, drawn: bool) -> None:
    (goal,) = read_goals(tmp_path, f"| 指標 | 目標値 | 実績 |\n|---|---|---|\n| 紙の量 | {target} | {result} |")
    assert (goal.figures is not None) is drawn


def test_table_without_targets_gives_no_verdict(tmp_path: Path) -> None:
    assert read_goals(tmp_path, "| 年度 | 実績 |\n|---|---|\n| 令和4年度 | 90人 |\n| 令和5年度 | 95人 |") == []
