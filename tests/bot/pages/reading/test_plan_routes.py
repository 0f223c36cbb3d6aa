"""Tests of `/plans`: every target of the documents with its result."""

import csv
import io
from datetime import date

from fastapi.testclient import TestClient

from bot.pages.reading.plan_routes import IndicatorCache
from bot.server.api import create_app
from bot.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.metadata.document_states import edit_entry
from tests.bot.fixed_service import StandIn

pytest_plugins = ["tests.bot.city_index"]


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


def test_targets_are_filtered_by_field_and_year(client: TestClient) -> None:
    field = "指標の達成状況(公園づくり)"
    told = client.get("/plans.json", params={"field": field}).json()["indicators"]
    assert [one["indicator"] for one in told] == ["植樹の本数", "芝生化した公園の数"]
    rows = list(csv.reader(io.StringIO(client.get("/plans.csv", params={"field": field}).content.decode("utf-8-sig"))))
    assert [row[2] for row in rows] == ["指標", "植樹の本数", "芝生化した公園の数"]
    assert len(client.get("/plans.json?year=2024").json()["indicators"]) == 12
    assert "この条件に合う目標はありません" in client.get("/plans?year=1999").text


def test_no_csv_cell_is_a_spreadsheet_formula(client: TestClient) -> None:
    rows = csv.reader(io.StringIO(client.get("/plans.csv").content.decode("utf-8-sig")))
    assert not [cell for row in rows for cell in row if cell and cell[0] in "=+@"]


def test_documents_without_targets_have_an_empty_page(city_settings: Settings) -> None:
    alone = TestClient(create_app(StandIn(), city_settings))
    assert "目標の表がある文書はありません" in alone.get("/plans").text
    assert alone.get("/plans.json").json()["indicators"] == []


def test_a_changed_title_is_shown_without_a_build(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: date(2026, 6, 1)) as service:
        client = TestClient(create_app(service, own_settings))
        assert "直した題名" not in client.get("/plans.csv").text
        edit_entry(own_settings, "kankyo-kaigi-r6-2", {"title": "直した題名"}, "安奈")
        found = client.get("/plans.json").json()["indicators"]
        assert "直した題名" in {one["document"] for one in found}


def test_targets_are_read_once_per_generation_and_day(city_service: Service) -> None:
    indicators = IndicatorCache()
    first = indicators.load(city_service, date(2026, 6, 1))
    assert indicators.load(city_service, date(2026, 6, 1)) is first
    assert indicators.load(city_service, date(2026, 6, 2)) is not first
