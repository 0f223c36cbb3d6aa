"""Tests of the event stream of an answer."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadQuestionError
from bot.server.api import create_app
from bot.web.sse import split_sentences
from ingest.configuration.settings import Settings
from ingest.errors import NoIndexError
from tests.bot.fixed_service import TEXT, StandIn


def stream(service: StandIn, question: str = "期間は?") -> list[tuple[str, dict[str, Any]]]:
    client = TestClient(create_app(service, Settings(_env_file=None)))
    with client.stream("POST", "/api/chat", json={"question": question, "stream": True}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        blocks = answer.read().decode().strip().split("\n\n")
    events = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(event["event"], json.loads(event["data"])) for event in events]


def test_stages_then_sentences_then_the_whole() -> None:
    events = stream(StandIn())
    assert [kind for kind, _ in events] == ["stage", "stage", "delta", "delta", "done"]
    assert events[0][1] == {"stage": "探しています"}
    assert "".join(data["text"] for kind, data in events if kind == "delta") == TEXT
    assert events[-1][1]["answer"] == TEXT
    assert events[-1][1]["citations"][0]["n"] == 1


def test_an_error_before_the_first_event_has_its_status() -> None:
    client = TestClient(create_app(StandIn(), Settings(_env_file=None)))
    answer = client.post("/api/chat", json={"question": " ", "stream": True})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status"),
    [(NoIndexError("索引がありません。"), 503), (BadQuestionError("読めません。"), 422), (RuntimeError("secret"), 500)],
)
def test_a_late_error_ends_the_stream_as_a_problem(error: Exception, status: int) -> None:
    events = stream(StandIn(late_error=error))
    assert [kind for kind, _ in events] == ["stage", "stage", "error"]
    assert events[-1][1]["status"] == status
    assert "secret" not in json.dumps(events)


@given(st.text(st.sampled_from("あい。！？」）[]1 \n-")))
def test_the_sentences_of_a_text_are_complete(text: str) -> None:
    pieces = list(split_sentences(text))
    assert "".join(pieces) == text
    assert all(pieces)


def test_a_sentence_keeps_its_marks_and_its_quotation() -> None:
    assert list(split_sentences("「はい。」と言う[1]。次です。[2][3]\n\n終わり")) == [
        "「はい。」と言う[1]。",
        "次です。[2][3]\n\n",
        "終わり",
    ]
