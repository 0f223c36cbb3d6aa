import csv
import io
from datetime import date

import pytest
from fastapi.testclient import TestClient

from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from ingest.metadata.document_states import edit_entry

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
