"""Tests that a question that a proxy sends twice is answered once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.server.api import create_app
from bot.service import Service
from bot.state import Question
from ingest.configuration.settings import Settings
from tests.bot.test_service import number_kept

pytest_plugins = ["tests.bot.city_index"]
KEY = "0f8fad5b-d9cb-469f-a165-70867728950e"
ASKED = Question(question="植樹の本数の目標値は？", delivery=KEY)
BODIES: dict[str, Any] = {
    "/api/chat": {"question": ASKED.question},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": ASKED.question}]},
}


def test_a_second_delivery_gets_the_first_answer(city_service: Service, city_settings: Settings) -> None:
    first = city_service.ask(ASKED)
    recorded = number_kept(city_settings)
    second = city_service.ask(ASKED)
    assert second.answer_id == first.answer_id
    assert second.conversation_id == first.conversation_id
    assert second.answer == first.answer
    assert number_kept(city_settings) == recorded


def test_deliveries_at_the_same_time_are_recorded_once(city_service: Service, city_settings: Settings) -> None:
    asked = ASKED.model_copy(update={"delivery": "four at the same time"})
    recorded = number_kept(city_settings)
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(city_service.ask, [asked] * 4))
    assert len({(answer.answer_id, answer.conversation_id) for answer in answers}) == 1
    assert number_kept(city_settings) == recorded + 1


@pytest.mark.parametrize(
    "changed", [{"question": "芝生化した公園の数は？"}, {"style": "easy"}, {"delivery": KEY[::-1]}]
)
def test_another_question_is_answered_separately(city_service: Service, changed: dict[str, Any]) -> None:
    first, other = city_service.ask(ASKED), city_service.ask(ASKED.model_copy(update=changed))
    assert first.answer_id != other.answer_id
    assert first.conversation_id != other.conversation_id


@pytest.mark.parametrize("path", BODIES)
def test_the_api_reads_the_key_of_a_delivery(city_service: Service, city_settings: Settings, path: str) -> None:
    client = TestClient(create_app(city_service, city_settings))
    recorded = number_kept(city_settings)
    for _ in range(2):
        headers = {"Idempotency-Key": f"{KEY} {path}"}
        assert client.post(path, json=BODIES[path], headers=headers).status_code == 422
        assert client.post(path, json=BODIES[path], headers={"Idempotency-Key": "1"}).status_code == 422
        assert client.post(path, json=BODIES[path], headers={"Idempotency-Key": KEY + path}).status_code == 200
    assert number_kept(city_settings) == recorded + 1
    for _ in range(2):
        client.post(path, json=BODIES[path])
    assert number_kept(city_settings) == recorded + 3
