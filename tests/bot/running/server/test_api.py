import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient

from bot.channels.pages import gradio_middleware
from bot.channels.pages.citizen.citizen_page import CITIZEN
from bot.channels.pages.mount import mount_page
from bot.running.http.log import configure_server_log
from bot.running.server.api import create_app
from bot.running.server.pages import mount_pages
from ingest.configuration.settings import Settings
from ingest.errors import NoIndexError
from tests.bot.fixed_service import TEXT, StandIn


@pytest.fixture
def service() -> StandIn:
    return StandIn()


@pytest.fixture
def client(service: StandIn) -> TestClient:
    return TestClient(create_app(service, Settings(_env_file=None)))


def test_an_answer_carries_its_citations(client: TestClient) -> None:
    answer = client.post("/api/chat", json={"question": "期間は?"}).json()
    assert answer["status"] == "answered"
    assert answer["answer"] == TEXT
    citation = answer["citations"][0]
    assert citation["n"] == 1
    assert citation["section"] == "1.3. 期間"
    assert citation["page"] == 4
    assert citation["in_force"] is True
    assert answer["timings_ms"]["total"] == 5.0


def test_the_published_schema_is_one(client: TestClient) -> None:
    def pieces(part: object) -> Iterator[dict[str, Any]]:
        if isinstance(part, dict):
            yield part
        for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            yield from pieces(inner)

    found = [piece["items"] for piece in pieces(client.get("/openapi.json").json()) if "items" in piece]
    assert found
    assert [items for items in found if not isinstance(items, dict)] == []


def test_everything_that_was_asked_reaches_the_service(client: TestClient, service: StandIn) -> None:
    body = {"question": "期間は?", "conversation_id": "c", "audience": "staff", "style": "easy", "as_of": "2025-04-01"}
    assert client.post("/api/chat", json=body).json()["conversation_id"] == "c"
    asked = service.asked[0]
    assert asked.audience == "staff"
    assert asked.style == "easy"
    assert asked.as_of == date(2025, 4, 1)


def test_search_names_passage_document_and_scores(client: TestClient) -> None:
    found = client.get("/api/search", params={"q": "期間", "k": 3, "doc_id": "plan-2"}).json()["passages"]
    assert found == [
        {
            "passage_id": "plan-2#3",
            "doc_id": "plan-2",
            "title": "計画2.0",
            "section": "1.3. 期間",
            "page": 4,
            "kind": "text",
            "text": "期間は令和8年度からです。",
            "score": 2.5,
            "scores": {"keyword": 1.5, "meaning": 1.0},
        }
    ]


@pytest.mark.parametrize(("as_of", "in_force"), [("2026-04-01", True), ("2026-03-31", False)])
def test_documents_are_listed_as_of_a_day(client: TestClient, as_of: str, in_force: bool) -> None:  # noqa: FBT001 - a case
    (entry,) = client.get("/api/documents", params={"as_of": as_of}).json()["documents"]
    assert entry["period"] == ["2026-04-01", "2030-03-31"]
    assert entry["in_force"] is in_force
    assert entry["supersedes"] == ["plan-1"]
    assert client.get("/api/documents/plan-2", params={"as_of": as_of}).json() == entry


def test_feedback_reaches_the_service(client: TestClient, service: StandIn) -> None:
    vote = {"answer_id": "a", "rating": "down", "reasons": ["古い"], "comment": "違います"}
    assert client.post("/api/feedback", json=vote).status_code == 200
    assert service.votes == [("a", "down", ["古い"], "違います")]


def test_health_and_readiness_are_two_things(client: TestClient) -> None:
    unready = TestClient(create_app(StandIn(RuntimeError()), Settings(_env_file=None)))
    assert client.get("/ready").status_code == 200
    assert unready.get("/health").status_code == 200
    assert unready.get("/ready").status_code == 503
    assert "retry-after" in unready.get("/ready").headers


def test_metrics_count_answers_and_responses(client: TestClient) -> None:
    client.post("/api/chat", json={"question": "期間は?"})
    text = client.get("/metrics").text
    for line in (
        'shirube_answers_total{audience="citizen",generator="extractive",status="answered"} 1.0',
        'shirube_answers_total{audience="staff",generator="extractive",status="no_answer"} 0.0',
        'shirube_answer_seconds_count{audience="citizen"} 1.0',
        'shirube_answer_seconds_count{audience="staff"} 0.0',
        "shirube_answers_in_progress 0.0",
        'http_requests_total{handler="/api/chat",method="POST",status="200"} 1.0',
        "shirube_documents 1.0",
    ):
        assert line in text.splitlines()
    fresh = TestClient(create_app(StandIn(), Settings(_env_file=None))).get("/metrics").text
    assert 'shirube_answers_total{audience="citizen",generator="extractive",status="answered"} 0.0' in fresh


def value_of(metric: str, text: str) -> str:
    (value,) = (line.split()[-1] for line in text.splitlines() if line.startswith(metric))
    return value


def test_metrics_have_start_and_age_of_the_index(client: TestClient, service: StandIn) -> None:
    client.get("/metrics")
    service.generation = "20261120-172145-4c852c67"
    text = client.get("/metrics").text
    made = datetime(2026, 11, 20, 17, 21, 45, tzinfo=UTC).timestamp()
    assert float(value_of("shirube_index_created_timestamp_seconds", text)) == made
    assert "process_resident_memory_bytes" in text
    assert "process_start_time_seconds" in text


def test_metrics_count_failures_and_refusals(client: TestClient, service: StandIn) -> None:
    client.post("/api/chat", json={"question": "himitsu" * 300})
    service.error = NoIndexError("himitsu")
    client.post("/api/chat", json={"question": "himitsu"})
    client.get("/himitsu")
    text = client.get("/metrics").text
    for line in (
        'shirube_failures_total{error="QuestionTooLongError"} 1.0',
        'shirube_failures_total{error="NoIndexError"} 1.0',
        'http_requests_total{handler="/api/chat",method="POST",status="413"} 1.0',
        'http_requests_total{handler="/api/chat",method="POST",status="503"} 1.0',
        'http_requests_total{handler="none",method="GET",status="404"} 1.0',
    ):
        assert line in text.splitlines()
    assert "himitsu" not in text


def test_every_operation_is_described_in_japanese(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for operation in operations:
        for text in (operation["summary"], operation["description"]):
            assert not text.isascii(), text
    chat = document["paths"]["/api/chat"]["post"]["responses"]
    assert set(chat) == {"200", "400", "404", "413", "422", "429", "503"}
    assert chat["413"]["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    assert {"Problem", "FieldProblem"} <= set(document["components"]["schemas"])
    assert "HTTPValidationError" not in document["components"]["schemas"]


def test_an_error_that_quotes_the_question_is_logged_without_it(
    service: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    service.error = RuntimeError("cannot parse わたしの秘密")
    patient = TestClient(create_app(service, Settings(_env_file=None)), raise_server_exceptions=False)
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_server_log()
    try:
        assert patient.post("/api/chat", json={"question": "わたしの秘密"}).status_code == 500
    finally:
        root.handlers[:], root.level = before
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (failed,) = (line for line in lines if "traceback" in line)
    assert "cannot parse 〔質問〕" in failed["traceback"]
    assert failed["request"] == lines[-1]["request"]
    assert "秘密" not in str(lines)


@pytest.fixture(scope="module")
def page_client() -> TestClient:
    settings = Settings(_env_file=None, service_name="まちの<しるべ>")
    app = create_app(StandIn(), settings)
    return TestClient(mount_pages(app))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/info"),
        ("GET", "/gradio_api/openapi.json"),
        ("POST", "/gradio_api/run/ask"),
        ("POST", "/gradio_api/api/ask"),
        ("POST", "/gradio_api/call/ask"),
        ("POST", "/gradio_api/component_server"),
        ("GET", "/gradio_api/file=/etc/hostname"),
        ("GET", "/file=/etc/hostname"),
        ("GET", "/gradio_api/proxy=https://example.com/"),
        ("GET", "/gradio_api/runs"),
        ("GET", "/monitoring"),
        ("GET", "/login_check"),
        ("GET", "/docs"),
        ("GET", "/redoc"),
        ("GET", "/nothing"),
    ],
)
def test_what_the_page_does_not_need_is_shut(page_client: TestClient, method: str, path: str) -> None:
    answer = page_client.request(method, path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "見つかりません"


@pytest.mark.parametrize(
    "event",
    [
        b'{"data": [], "fn_index": 99999, "session_hash": "a"}',
        b'{"data": [], "fn_index": null, "session_hash": "a"}',
        b'{"data": [], "session_hash": "a"}',
        b'{"data": [], "fn_index": 0, "session_hash": "\\ud800"}',
        b"[1]",
        b"no JSON",
        b"[" * 100_000,
    ],
)
def test_unknown_page_event_is_a_client_error(page_client: TestClient, event: bytes) -> None:
    answer = page_client.post("/gradio_api/queue/join", content=event, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["title"] == "入力に誤りがあります"


def send_event(client: TestClient, session: str, *, load: bool = True) -> httpx2.Response:
    page = client.get("/config").json()
    loads = [one["id"] for one in page["dependencies"] if any(name == "load" for _, name in one["targets"]) == load]
    return client.post("/gradio_api/queue/join", json={"data": [], "fn_index": loads[0], "session_hash": session})


def test_events_and_streams_of_a_page_that_another_process_made_are_refused(page_client: TestClient) -> None:
    refused = send_event(page_client, "other", load=False)
    assert refused.status_code == 404
    assert refused.headers["content-type"] == "application/problem+json"
    assert page_client.get("/gradio_api/queue/data?session_hash=other").status_code == 404


def test_sessions_that_nobody_reads_are_bounded_and_end(
    page_client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gradio_middleware, "_PENDING_EVENTS", 2)
    assert [send_event(page_client, session).status_code for session in ("s", "t", "u")] == [200, 200, 503]
    monkeypatch.setattr(gradio_middleware, "_UNREAD_S", 0)
    assert send_event(page_client, "u").status_code == 200
    assert page_client.get("/gradio_api/queue/data?session_hash=s").status_code == 404


def test_a_page_that_asks_again_keeps_what_it_has_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradio_middleware, "_UNREAD_S", 0.5)
    app = create_app(StandIn(), Settings(_env_file=None))
    mount_page(app, CITIZEN)
    with TestClient(app) as client:
        assert send_event(client, "s").status_code == 200
        time.sleep(0.6)
        assert send_event(client, "s").status_code == 200
        assert client.get("/gradio_api/queue/data?session_hash=s").text.count('"process_completed"') == 2


def test_events_that_a_page_has_read_no_longer_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gradio_middleware, "_PENDING_EVENTS", 1)
    app = create_app(StandIn(), Settings(_env_file=None))
    mount_page(app, CITIZEN)
    with TestClient(app) as client:
        for _ in range(3):
            assert send_event(client, "s").status_code == 200
            assert '"process_completed"' in client.get("/gradio_api/queue/data?session_hash=s").text
        assert send_event(client, "s", load=False).status_code == 200


def test_the_page_is_japanese_from_the_first_byte(page_client: TestClient) -> None:
    page = page_client.get("/").text
    assert '<html\n\tlang="ja"' in page
    assert "<title>まちの&lt;しるべ&gt;</title>" in page
    assert 'property="og:' not in page
    assert 'name="twitter:' not in page


def test_a_page_loads_only_from_its_server_and_runs_scripts_with_a_fresh_nonce(page_client: TestClient) -> None:
    visits = [page_client.get("/") for _ in range(2)]
    numbers = [re.findall("'nonce-([^']+)'", visit.headers["content-security-policy"]) for visit in visits]
    assert numbers[0] != numbers[1]
    for visit, (number,) in zip(visits, numbers, strict=True):
        policy = visit.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "http" not in policy
        assert "unsafe-eval" not in policy
        assert all(f'nonce="{number}"' in tag for tag in re.findall("<script[^>]*>", visit.text))
