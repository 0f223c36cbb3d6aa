"""`/api/documents/{id}/tables`: a document's tables as data over HTTP."""

import csv
import io

import pytest
from fastapi.testclient import TestClient

from bot.service import Service
from bot.web.api import create_app
from ingest.settings import Settings

pytest_plugins = ["tests.bot.city"]
TABLES = "/api/documents/kankyo-kaigi-r6-2/tables"


@pytest.fixture(scope="module")
def client(city_service: Service, city_settings: Settings) -> TestClient:
    return TestClient(create_app(city_service, city_settings))


def test_the_tables_of_a_document_are_listed(client: TestClient) -> None:
    """Each with its number, heading and typed columns."""
    told = client.get(TABLES).json()
    assert told["doc_id"] == "kankyo-kaigi-r6-2"
    assert [table["n"] for table in told["tables"]] == list(range(1, len(told["tables"]) + 1))
    assert {"target", "result"} <= {column["role"] for table in told["tables"] for column in table["columns"]}


def test_a_table_is_had_as_json_and_csv(client: TestClient) -> None:
    """Both hold the same cells; the CSV opens in a spreadsheet, and with shape=facts has a value a row."""
    data = client.get(f"{TABLES}/1.json").json()
    answer = client.get(f"{TABLES}/1.csv")
    assert (answer.headers["content-type"], answer.content[:3]) == ("text/csv; charset=utf-8", b"\xef\xbb\xbf")
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == [column["name"] for column in data["columns"]]
    assert rows == [[cell["text"] for cell in row] for row in data["rows"]]
    facts = csv.DictReader(io.StringIO(client.get(f"{TABLES}/1.csv?shape=facts").content.decode("utf-8-sig")))
    first = next(facts)
    assert first["label"] == rows[0][0]
    assert float(first["value"]) == data["rows"][0][1]["value"]


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
def test_what_is_not_there_is_told(client: TestClient, address: str, status: int) -> None:
    """In Japanese, as a problem."""
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
