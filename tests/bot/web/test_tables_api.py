"""Tests of `/api/documents/{id}/tables`."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from bot.server.api import create_app
from bot.service import Service
from ingest.configuration.settings import Settings

pytest_plugins = ["tests.bot.city_index"]
TABLES = "/api/documents/kankyo-kaigi-r6-2/tables"


@pytest.fixture(scope="module")
def client(city_service: Service, city_settings: Settings) -> TestClient:
    return TestClient(create_app(city_service, city_settings))


def test_the_tables_of_a_document_are_listed(client: TestClient) -> None:
    told = client.get(TABLES).json()
    assert told["doc_id"] == "kankyo-kaigi-r6-2"
    assert [table["n"] for table in told["tables"]] == list(range(1, len(told["tables"]) + 1))
    assert {"target", "result"} <= {column["role"] for table in told["tables"] for column in table["columns"]}


def test_a_table_is_available_as_json_and_csv(client: TestClient) -> None:
    data = client.get(f"{TABLES}/1.json").json()
    answer = client.get(f"{TABLES}/1.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content[:3] == b"\xef\xbb\xbf"
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == [column["name"] for column in data["columns"]]
    assert rows == [[cell["text"] for cell in row] for row in data["rows"]]
    facts = csv.DictReader(io.StringIO(client.get(f"{TABLES}/1.csv?shape=facts").content.decode("utf-8-sig")))
    first = next(facts)
    assert first["label"] == rows[0][0]
    assert float(first["value"]) == data["rows"][0][1]["value"]


@pytest.mark.parametrize(
    ("question", "column"),
    [
        ("ごみの減量の指標の備考を一覧で教えて", "備考"),
        ("ごみの減量の指標の実績をすべて教えて", "実績"),
        ("指標の目標値を一覧で教えて", "目標値"),
        ("ごみの減量で目標を達成した指標の備考は?", "備考"),
    ],
)
def test_the_text_of_an_answer_has_the_requested_column(client: TestClient, question: str, column: str) -> None:
    answer = client.post("/api/chat", json={"question": question}).json()
    messages = [{"role": "user", "content": question}]
    wire = client.post("/v1/chat/completions", json={"messages": messages}).json()["choices"][0]["message"]["content"]
    tables = [block for block in answer["blocks"] if block["type"] == "table"]
    cells = {row[table["columns"].index(column)] for table in tables for row in table["rows"]} - {"－"}
    assert cells
    for text in (answer["answer"], wire):
        assert [cell for cell in cells if cell.split(" ※")[0] not in text] == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{TABLES}/999.json", 404),
        (f"{TABLES}/0.csv", 422),
        (f"{TABLES}/x.csv", 422),
        ("/api/documents/none/tables", 404),
        (f"{TABLES}/1.csv?shape=cube", 422),
    ],
)
def test_a_missing_table_is_a_problem(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
