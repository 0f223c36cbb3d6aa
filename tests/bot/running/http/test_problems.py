import re

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import (
    BotError,
    ChangedMeanwhileError,
    DeskError,
    UnknownAnswerError,
    UnknownConversationError,
)
from bot.running.server.api import create_app
from bot.running.service.service import Service
from ingest.configuration.settings import Settings
from ingest.errors import EncoderChangedError, NoIndexError, StorageError
from tests.bot.fixed_service import StandIn

JAPANESE = re.compile(r"[ぁ-ん].*[。]$")


def client(service: Service | None = None, requests_per_minute_address: int = 120) -> TestClient:
    app = create_app(
        service or StandIn(), Settings(_env_file=None, requests_per_minute_address=requests_per_minute_address)
    )
    return TestClient(app, raise_server_exceptions=False)


def problem_detail(answer: Response, status: int) -> str:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["title"]
    assert JAPANESE.search(problem["detail"]), problem["detail"]
    return str(problem["detail"])


@pytest.mark.parametrize("body", ["{", "", "質問", b"\xff\xfe", "[" * 100_000, '{"question": ' + "9" * 5000 + "}"])
def test_broken_json_is_a_bad_request(body: str | bytes) -> None:
    answer = client().post("/api/chat", content=body, headers={"content-type": "application/json"})
    problem_detail(answer, 422 if body == "" else 400)


@pytest.mark.parametrize(
    ("body", "field", "hint"),
    [
        ({}, "question", "指定してください"),
        ([], "本文", "JSON"),
        ({"question": 5}, "question", "文字列"),
        ({"question": None}, "question", "文字列"),
        ({"question": "期間は?", "style": "loud"}, "style", "standard、easy"),
        ({"question": "期間は?", "audience": "x"}, "audience", "citizen、staff"),
        ({"question": "期間は?", "as_of": "2026-02-30"}, "as_of", "YYYY-MM-DD"),
        ({"question": "期間は?", "as_of": 20260401}, "as_of", "YYYY-MM-DD"),
        ({"question": "期間は?", "stream": "maybe"}, "stream", "true か false"),
        ({"question": "期間は?", "conversation_id": "x" * 65}, "conversation_id", "64文字以内"),
    ],
)
def test_an_invalid_field_is_named_with_its_constraint(body: object, field: str, hint: str) -> None:
    answer = client().post("/api/chat", json=body)
    assert hint in problem_detail(answer, 422)
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_a_lone_surrogate_is_refused() -> None:
    answer = client().post("/api/chat", content='{"question": "\\ud800"}', headers={"content-type": "application/json"})
    assert "読めない文字" in problem_detail(answer, 422)


def test_a_search_for_nul_is_refused() -> None:
    problem_detail(client().get("/api/search", params={"q": "期間\0"}), 422)


JSON = st.recursive(
    # No subnormal floats: where torch has run before in this process, the processor may round them to 0.
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = ["question", "conversation_id", "audience", "style", "as_of", "answer_id", "rating", "messages", "stream"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=JSON | st.dictionaries(st.sampled_from(MEMBERS), JSON),
    path=st.sampled_from(["api/chat", "api/feedback", "v1/chat/completions"]),
)
def test_no_json_crashes_the_api(body: object, path: str, patient: TestClient) -> None:
    answer = patient.post(f"/{path}", json=body)
    assert answer.status_code == 200 or problem_detail(answer, answer.status_code)
    assert answer.status_code < 500


@pytest.fixture
def patient() -> TestClient:
    return client(requests_per_minute_address=100_000)


def test_a_wrong_content_type_is_reported() -> None:
    answer = client().post("/api/chat", content='{"question": "期間は?"}', headers={"content-type": "text/plain"})
    assert "application/json" in problem_detail(answer, 422)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DeskError("出典に「9,999人」はありません。"), 422),
        (ChangedMeanwhileError("ほかの人が先に直しました。開き直してください。"), 409),
        (UnknownConversationError("この会話は見つかりません。"), 404),
        (UnknownAnswerError("ありません。"), 404),
    ],
)
def test_an_error_for_the_user_keeps_its_words(error: Exception, status: int) -> None:
    answer = client(StandIn(error)).post("/api/chat", json={"question": "期間は?"})
    assert problem_detail(answer, status) == str(error)


@pytest.mark.parametrize("kind", [NoIndexError, EncoderChangedError, StorageError, BotError])
def test_an_operator_error_asks_the_user_to_wait(kind: type[Exception]) -> None:
    answer = client(StandIn(kind("/secret/path に索引がありません。"))).post("/api/chat", json={"question": "期間は?"})
    assert "secret" not in problem_detail(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


def test_a_crash_reveals_only_an_error_id(caplog: pytest.LogCaptureFixture) -> None:
    answer = client(StandIn(RuntimeError("password=hunter2"))).post("/api/chat", json={"question": "期間は?"})
    detail = problem_detail(answer, 500)
    number = answer.headers["x-request-id"]
    assert number in detail
    assert answer.json()["instance"].endswith(number)
    assert "hunter2" not in answer.text
    assert number in caplog.text
    assert "hunter2" in caplog.text


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/nothing", 404), ("GET", "/api/chat", 405)])
def test_a_wrong_address_or_method_is_a_problem(method: str, path: str, status: int) -> None:
    answer = client().request(method, path)
    problem_detail(answer, status)
    assert status != 405 or answer.headers["allow"] == "POST"


def test_an_unknown_document_is_named() -> None:
    assert "「x」" in problem_detail(client().get("/api/documents/x"), 404)
    assert "「x」" in problem_detail(client().get("/api/search", params={"q": "期間", "doc_id": "x"}), 404)


def test_questions_above_the_limit_have_to_wait() -> None:
    limited = client(requests_per_minute_address=2)
    statuses = [limited.post("/api/chat", json={"question": "期間は?"}).status_code for _ in range(2)]
    assert statuses == [200, 200]
    answer = limited.post("/api/chat", json={"question": "期間は?"})
    assert answer.headers["retry-after"] in problem_detail(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert limited.get("/health").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/documents",
        "/documents/x",
        "/documents/x/section?passage=x",
        "/plans",
        "/plans.csv",
        "/api/documents/x/file",
        "/api/documents/x/pages/1.png",
    ],
)
def test_reading_above_the_limit_has_to_wait(path: str) -> None:
    limited = client(requests_per_minute_address=1)
    limited.get(path)
    answer = limited.get(path)
    assert answer.status_code == 429
    assert f"{answer.headers['retry-after']}秒ほど待ってから" in answer.text


def test_a_huge_body_is_refused_before_it_is_read() -> None:
    declared = client().post("/api/chat", json={"question": "あ" * 400_000})
    chunked = client().post("/api/chat", content=(b"x" * 100_000 for _ in range(11)))
    problem_detail(declared, 413)
    problem_detail(chunked, 413)
