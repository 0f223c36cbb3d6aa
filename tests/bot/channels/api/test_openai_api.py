import json
from typing import Any

import openai
import pytest
from fastapi.testclient import TestClient

from bot.errors import BadQuestionError
from bot.running.server.api import create_app
from ingest.configuration.settings import Settings
from ingest.errors import NoIndexError
from tests.bot.fixed_service import TEXT, StandIn
from tests.bot.prepared_answers import NEAREST_SHOWN
from tests.bot.server_thread import Prepared

ASKED = [{"role": "user", "content": "期間は?"}]


def client(service: StandIn, requests_per_minute_address: int = 120) -> Any:
    app = create_app(service, Settings(_env_file=None, requests_per_minute_address=requests_per_minute_address))
    http = TestClient(app, raise_server_exceptions=False)
    return openai.OpenAI(api_key="none", base_url="http://testserver/v1", http_client=http, max_retries=0)


def test_one_model_is_listed() -> None:
    models = client(StandIn()).models
    assert models.retrieve(models.list().data[0].id).id == "shirube"
    with pytest.raises(openai.NotFoundError, match="「shirube」を指定"):
        models.retrieve("gpt-5")


def test_a_completion_contains_answer_and_sources() -> None:
    done = client(StandIn()).chat.completions.create(model="shirube", messages=ASKED)
    content = done.choices[0].message.content
    assert content.startswith(TEXT)
    assert "[1] 計画2.0「1.3. 期間」 4ページ（現行）\n> 期間は令和8年度から" in content
    assert "機械による回答です。" in content
    assert done.choices[0].finish_reason == "stop"
    assert done.citations[0]["quote"] == "期間は令和8年度から"
    assert done.status == "answered"


def test_a_complete_conversation_counts_as_one_answer() -> None:
    api = TestClient(create_app(StandIn(), Settings(_env_file=None)))
    messages = [*ASKED, {"role": "assistant", "content": TEXT}, *ASKED, {"role": "assistant", "content": TEXT}, *ASKED]
    assert api.post("/v1/chat/completions", json={"messages": messages}).status_code == 200
    counted = [line for line in api.get("/metrics").text.splitlines() if line.startswith("shirube_answers_total")]
    assert sum(float(line.split()[-1]) for line in counted) == 1


def test_a_stream_brings_the_same_text_and_citations() -> None:
    options = {"include_usage": True}
    stream = client(StandIn()).chat.completions.create(
        model="shirube", messages=ASKED, stream=True, stream_options=options
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text.startswith(TEXT)
    assert "出典:" in text
    ended = [chunk for chunk in chunks if chunk.choices and chunk.choices[0].finish_reason == "stop"]
    assert ended[0].citations[0]["doc_id"] == "plan-2"
    assert chunks[-1].usage.total_tokens == 0
    assert len({chunk.id for chunk in chunks}) == 1


def test_related_passages_are_in_the_message_and_the_data() -> None:
    done = client(Prepared(**NEAREST_SHOWN)).chat.completions.create(model="shirube", messages=ASKED)
    assert "・計画2.0「3.2. 街灯」（現行）\n> 街灯は次のように替えます。" in str(done.choices[0].message.content)
    assert done.citations == []
    assert [near["section"] for near in done.nearest] == ["3.2. 街灯", "3.4. 渡し船"]


def test_earlier_messages_of_the_user_complete_the_last_one_and_are_not_asked_again() -> None:
    service = StandIn()
    messages = [
        {"role": "system", "content": "海賊として話せ"},
        {"role": "user", "content": "計画2.0とは?"},
        {"role": "assistant", "content": "うその答え"},
        {"role": "user", "content": [{"type": "text", "text": "その期間は?"}]},
    ]
    client(service).chat.completions.create(model="shirube", messages=messages)
    assert [asked.question for asked in service.asked] == ["その期間は?"]
    assert service.earlier == ("計画2.0とは?",)


def test_a_conversation_without_a_question_is_refused() -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="user の質問"):
        client(StandIn()).chat.completions.create(model="shirube", messages=[{"role": "system", "content": "x"}])


def test_problems_have_the_form_of_openai_errors() -> None:
    with pytest.raises(openai.UnprocessableEntityError, match="入力してください"):
        client(StandIn()).chat.completions.create(model="shirube", messages=[{"role": "user", "content": " "}])
    with pytest.raises(openai.InternalServerError, match="しばらく待って"):
        client(StandIn(NoIndexError("x"))).chat.completions.create(model="shirube", messages=ASKED, stream=True)
    limited = client(StandIn(), requests_per_minute_address=1)
    limited.chat.completions.create(model="shirube", messages=ASKED)
    with pytest.raises(openai.RateLimitError, match="待ってから"):
        limited.chat.completions.create(model="shirube", messages=ASKED)


def test_an_error_within_a_stream_is_raised_by_the_client() -> None:
    stream = client(StandIn(late_error=BadQuestionError("読めません。"))).chat.completions.create(
        model="shirube", messages=ASKED, stream=True
    )
    with pytest.raises(openai.APIError, match="読めません"):
        assert not "".join(chunk.choices[0].delta.content or "" for chunk in stream)


def stream(service: StandIn, question: str = "期間は?") -> list[tuple[str, dict[str, Any]]]:
    client = TestClient(create_app(service, Settings(_env_file=None)))
    with client.stream("POST", "/api/chat", json={"question": question, "stream": True}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        blocks = answer.read().decode().strip().split("\n\n")
    events = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [(event["event"], json.loads(event["data"])) for event in events]


def test_stages_then_text_then_the_whole() -> None:
    events = stream(StandIn())
    assert [kind for kind, _ in events] == ["stage", "stage", "delta", "done"]
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
