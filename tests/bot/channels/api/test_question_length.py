from collections.abc import Callable
from time import thread_time

import pytest
from fastapi.testclient import TestClient

from bot.__main__ import main
from bot.answering.state import Question
from bot.errors import BadQuestionError, QuestionTooLongError
from bot.langchain import ShirubeRetriever
from bot.running.server.api import create_app
from bot.running.service.service import Service
from ingest.configuration.settings import Settings
from ingest.embedding import open_encoder
from ingest.index.index import Index

pytest_plugins = ["tests.bot.city_index"]

# Within a thousand characters as they are sent, and many more as they are read.
EXPANDING = {
    "ligature of 18": "\ufdfa",
    "squared word": "㍿",
    "squared katakana": "㌖",
    "fraction": "⅚",
    "brackets": "⑴",
}
HEAVY = "\ufdfa" * 1000


@pytest.fixture(scope="module")
def client(city_service: Service, city_settings: Settings) -> TestClient:
    return TestClient(create_app(city_service, city_settings.model_copy(update={"requests_per_minute_address": 1000})))


@pytest.mark.parametrize("letter", EXPANDING.values(), ids=EXPANDING)
def test_the_length_is_counted_after_normalisation(city_service: Service, letter: str) -> None:
    with pytest.raises(QuestionTooLongError, match=r"質問が長すぎます.*1,000文字以内に短く.*ほどいた文字の数"):
        city_service.ask(Question(question=letter * 1000))
    with pytest.raises(QuestionTooLongError, match="質問が長すぎます"):
        city_service.search(letter * 1000)


SENT: dict[str, Callable[[TestClient], int]] = {
    "chat": lambda c: c.post("/api/chat", json={"question": HEAVY}).status_code,
    "stream": lambda c: c.post("/api/chat", json={"question": HEAVY, "stream": True}).status_code,
    "search": lambda c: c.get("/api/search", params={"q": HEAVY}).status_code,
    "chat completions": lambda c: (
        c.post("/v1/chat/completions", json={"messages": [{"role": "user", "content": HEAVY}]}).status_code
    ),
}


@pytest.mark.parametrize("send", SENT.values(), ids=SENT)
def test_an_overlong_question_is_a_413(client: TestClient, send: Callable[[TestClient], int]) -> None:
    assert send(client) == 413


def test_an_overlong_earlier_message_is_left_out(client: TestClient) -> None:
    said = [{"role": "user", "content": text} for text in (HEAVY, "植樹の目標は何本ですか?")]
    answer = client.post("/v1/chat/completions", json={"messages": said})
    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"]


def test_commands_and_chains_refuse_overlong_questions(
    city_settings: Settings,
    city_index: Index,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SHIRUBE_DATA", str(city_settings.data))
    for command in ("ask", "search"):
        assert main([command, HEAVY]) == 2
        assert "質問が長すぎます" in capsys.readouterr().err
    with pytest.raises(QuestionTooLongError):
        ShirubeRetriever(index=city_index, encoder=open_encoder(city_settings)).invoke(HEAVY)


REFUSED = {
    "a million letters": "あ" * 1_000_000,
    "a million ligatures": "\ufdfa" * 1_000_000,
    "marks alone": "\u0301" * 1000,
    "directions alone": "\u202e" * 1000,
    "brackets alone": "(" * 1000,
    "half a character": "期間\ud800は?",
    "nul": "期間\x00は?",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_an_unreadable_question_costs_nothing(city_service: Service, text: str) -> None:
    start = thread_time()
    with pytest.raises(BadQuestionError, match=r"質問|文字"):
        city_service.ask(Question(question=text))
    assert thread_time() - start < 0.5


@pytest.mark.parametrize(
    "text", ["e\u0301" * 500, "\u202e期間は?" * 100, "「" * 990 + "期間は?", "(" * 500 + "期間" + ")" * 400]
)
def test_odd_letters_within_the_limit_are_answered(city_service: Service, text: str) -> None:
    assert city_service.ask(Question(question=text)).answer
