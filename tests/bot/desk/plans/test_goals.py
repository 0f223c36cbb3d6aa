import csv
import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.desk.plans.goals import Goal, GoalVerdict, find_goals
from bot.desk.plans.tables import Role, find_tables
from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.documents import Cell, Document, Passage
from ingest.metadata.document_states import edit_entry
from ingest.passages.document_reading import read_document


def row(n: int, *cells: tuple[str, str], path: tuple[str, ...] = ("町の統計",), notes: tuple[str, ...] = ()) -> Passage:
    text = "\n".join(f"{column}: {value}" for column, value in cells)
    return Passage(f"d#{n}", "d", "row", path, text, (n,), None, tuple(Cell(*cell) for cell in cells), notes)


NUMBERED = row(1, ("番号", "1-1"), ("施策", "並木の手入れ"), ("目標", "3本"))
YEARS = (row(1, ("年", "2024"), ("来客の目標", "3人")), row(2, ("年", "2025"), ("来客の目標", "4人")))
SAME = (
    row(1, ("区分", "幼児"), ("項目", "見込"), ("目標", "3人")),
    row(2, ("区分", "幼児"), ("項目", "定員"), ("目標", "5人")),
)
PHRASE = (
    row(1, ("項目", "苗木の配布数 窓口で手渡した本数を数える"), ("目標", "90本")),
    row(2, ("項目", "見学者数"), ("目標", "40人")),
)
DISTINCT = (
    row(1, ("団体", "水産 沿岸漁業協同組合"), ("目標", "3人")),
    row(2, ("団体", "水産 養殖業者連絡会議"), ("目標", "5人")),
)
REMARK = row(1, ("事業", "配食"), ("目標", "98% ※冬期を除く"))


@pytest.mark.parametrize(
    ("passages", "expected"),
    [
        ((NUMBERED,), [("並木の手入れ", "3本", ())]),
        (YEARS, [("2024年", "3人", ()), ("2025年", "4人", ())]),
        (SAME, [("幼児 見込", "3人", ()), ("幼児 定員", "5人", ())]),
        (PHRASE, [("苗木の配布数", "90本", ("窓口で手渡した本数を数える",)), ("見学者数", "40人", ())]),
        (DISTINCT, [("水産 沿岸漁業協同組合", "3人", ()), ("水産 養殖業者連絡会議", "5人", ())]),
        ((REMARK,), [("配食", "98%", ("※冬期を除く",))]),
    ],
)
def test_a_row_has_its_label_and_its_notes(
    passages: tuple[Passage, ...], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    (table,) = find_tables(passages, "")
    assert [(each.label, each.text(table.columns[0]), each.notes) for each in table.rows] == expected


@pytest.mark.parametrize(
    ("head", "roles"),
    [
        ("目標値(令和12年度)", {Role.TARGET}),
        ("中間目標", {Role.INTERIM}),
        ("令和5年度実績(基準)", {Role.RESULT, Role.BASE}),
        ("所管課", set()),
    ],
)
def test_a_column_has_the_roles_that_its_head_names(head: str, roles: set[Role]) -> None:
    (table,) = find_tables([row(1, ("指標", "来客"), (head, "3人"), ("目標", "4人"))], "")
    assert table.columns[0].roles == roles


def test_tables_without_targets_and_instructions_are_left_out() -> None:
    instructs = replace(row(3, ("指標", "見学者"), ("目標", "9人")), withheld="instructs")
    others = [row(1, ("村", "上村"), ("戸数", "3戸")), row(2, ("所在地", "三番町4"), path=("別の表",))]
    assert not list(find_tables([*others, instructs], ""))


CELLS = st.sampled_from(
    ["", "-", "0", "△3", "12件", "1,000円", "5%", "10kg", "3件減", "○", "令和8年度", "合計", "東岸壁 ※1"]
)
HEADS = st.sampled_from(["", "岸壁", "目標値", "実績", "令和8年度", "件数(千件)", "合計", "備考", "番号"])


@settings(max_examples=100, deadline=None)
@given(st.lists(HEADS, max_size=6), st.lists(st.lists(CELLS, max_size=6), min_size=1, max_size=6))
def test_any_table_can_be_read(heads: list[str], table: list[list[str]]) -> None:
    rows = [
        row(n, *((head, cell) for head, cell in zip(heads, cells, strict=False) if cell), notes=("※1 工事中。",))
        for n, cells in enumerate(table)
    ]
    goals = [goal for found in find_tables(rows, "令和8年度の計画") for goal in find_goals(found, TODAY)]
    assert all(goal.row.label for goal in goals)


TODAY = date(2026, 8, 1)
PLAN = Document("plan", "霞ヶ浜町みなと計画", "plan.md", "plan", "霞ヶ浜町")


def read_goals(folder: Path, table: str, ends: date | None = None) -> list[Goal]:
    path = folder / PLAN.file
    path.write_text(f"# 計画\n\n## 成果\n\n{table}\n", encoding="utf-8")
    passages = read_document(path, PLAN).passages
    return [goal for found in find_tables(passages, PLAN.title) for goal in find_goals(found, TODAY, ends)]


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


pytest_plugins = ["tests.bot.city_index"]


@pytest.fixture(scope="module")
def client(city_service: Service, city_settings: Settings) -> TestClient:
    return TestClient(create_app(city_service, city_settings))


def test_every_target_is_listed_with_its_result(client: TestClient) -> None:
    told = client.get("/plans.json").json()
    verdicts = {one["indicator"]: one["verdict"] for one in told["indicators"]}
    assert verdicts["家庭ごみの削減率(2019年度比較)"] == "reached"
    assert verdicts["収集車の残業時間"] == "reached"
    assert verdicts["食品ロスの相談件数"] == "below"
    assert verdicts["植樹の本数"] == "above"
    assert sum(told["sums"].values()) == len(told["indicators"]) == 12
    shown = client.get("/plans").text
    assert 'href="/documents/kankyo-kaigi-r6-2#passage-' in shown
    for words in ("達成", "目標を上回る", "目標を下回る", "650件", "2025年2月14日公表"):
        assert words in shown


def test_no_csv_cell_is_a_spreadsheet_formula(client: TestClient) -> None:
    rows = csv.reader(io.StringIO(client.get("/plans.csv").content.decode("utf-8-sig")))
    assert not [cell for row in rows for cell in row if cell and cell[0] in "=+@"]


def test_a_changed_title_is_shown_without_a_build(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: date(2026, 6, 1)) as service:
        client = TestClient(create_app(service, own_settings))
        assert "直した題名" not in client.get("/plans.csv").text
        edit_entry(own_settings, "kankyo-kaigi-r6-2", {"title": "直した題名"}, "安奈")
        found = client.get("/plans.json").json()["indicators"]
        assert "直した題名" in {one["document"] for one in found}
