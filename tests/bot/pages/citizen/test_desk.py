"""Tests of the events that the chat accepts from a browser."""

from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from bot.office import read_office
from bot.pages.citizen.citizen_renderer import CitizenRenderer
from bot.pages.citizen.conversation import Conversation, DisplayedAnswer
from bot.pages.citizen.event_handler import CitizenEventHandler
from bot.server.api import create_app
from bot.state import Question
from bot.storage.record_store import RecordedTurn
from ingest.configuration.settings import Settings
from tests.bot.server_thread import Prepared


@pytest.fixture
def service() -> Prepared:
    return Prepared()


@pytest.fixture
def settings() -> Settings:
    return Settings(_env_file=None, requests_per_minute=2)


@pytest.fixture
def app(service: Prepared, settings: Settings) -> FastAPI:
    return create_app(service, settings)


@pytest.fixture
def desk(service: Prepared, settings: Settings) -> CitizenEventHandler:
    office = read_office(settings)
    return CitizenEventHandler(service, office, CitizenRenderer(office, settings.max_question_chars))


def conversation_of(turn: RecordedTurn) -> Conversation:
    """Return the conversation of one question and its answer."""
    return Conversation(turn.answer.conversation_id, (DisplayedAnswer(turn.question, turn.answer),))


def answer_of(service: Prepared) -> RecordedTurn:
    """Return a question with its answer."""
    return RecordedTurn("期間は?", service.ask(Question(question="期間は?")))


def request_to(app: FastAPI) -> gr.Request:
    return gr.Request(Request({"type": "http", "app": app, "client": ("203.0.113.5", 1), "headers": []}))


def test_only_the_last_answer_of_the_conversation_can_be_rated(
    desk: CitizenEventHandler, app: FastAPI, service: Prepared
) -> None:
    mine, _ = answer_of(service), answer_of(service)
    assert "見つかりません" in desk.rate_up(Conversation(), request_to(app)).problem
    assert service.votes == []
    desk.rate_up(conversation_of(mine), request_to(app))
    assert [one[0] for one in service.votes] == [mine.answer.answer_id]


def test_votes_count_towards_the_rate_limit(desk: CitizenEventHandler, app: FastAPI, service: Prepared) -> None:
    mine = conversation_of(answer_of(service))
    problems = [desk.rate_up(mine, request_to(app)).problem for _ in range(3)]
    assert "待って" in problems[-1]
    assert len(service.votes) == 2


def test_an_invalid_vote_is_ignored(desk: CitizenEventHandler, service: Prepared) -> None:
    mine = conversation_of(answer_of(service))
    sent: list[tuple[Any, str]] = [([{}], ""), ([], "あ" * 10_000)]
    for reasons, comment in sent:
        assert 'class="problem' in desk.rate_down(reasons, comment, mine, gr.Request()).problem
    assert service.votes == []


def test_easy_japanese_repeats_the_last_question(desk: CitizenEventHandler, app: FastAPI, service: Prepared) -> None:
    list(desk.choose_language("easy", conversation_of(answer_of(service)), request_to(app)))
    assert [(question.style, question.repeated) for question in service.asked] == [("standard", False), ("easy", True)]


@pytest.mark.parametrize("conversation_id", ["", "[]", "../x", "[" * 100_000])
def test_an_unknown_conversation_starts_a_new_one(
    desk: CitizenEventHandler, app: FastAPI, conversation_id: str
) -> None:
    changes = list(desk.resume(conversation_id, Conversation(), request_to(app)))
    assert changes[0].conversation == Conversation()
    assert "data-resumed" in changes[-1].note
