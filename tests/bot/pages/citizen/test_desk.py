"""What the citizen's page takes from a browser, whatever that sends."""

import json
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from starlette.requests import Request

from bot.office import read_office
from bot.pages.citizen.conversation import Conversation, DisplayedAnswer
from bot.pages.citizen.event_handler import CitizenEventHandler
from bot.pages.citizen.render import CitizenRenderer
from bot.server.api import create_app
from bot.state import Question
from bot.storage.recorded_turns import RecordedTurn
from ingest.configuration.settings import Settings
from tests.bot.served import Prepared


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


def told(service: Prepared) -> RecordedTurn:
    """Return a question with its answer."""
    return RecordedTurn("期間は?", service.ask(Question(question="期間は?")))


def vote(desk: CitizenEventHandler, app: FastAPI, conversation: Conversation, answer_id: str) -> Any:
    """Return what a vote changes on the page."""
    sent = {"answer_id": answer_id, "rating": "up", "reasons": [], "comment": ""}
    request = gr.Request(Request({"type": "http", "app": app, "client": ("203.0.113.5", 1), "headers": []}))
    return desk.rate(json.dumps(sent), conversation, request)


def test_only_what_is_in_sight_is_rated(desk: CitizenEventHandler, app: FastAPI, service: Prepared) -> None:
    """An answer that somebody else was given is none to vote on, even for one who has its number."""
    mine, other = told(service), told(service)
    conversation = Conversation(shown=(DisplayedAnswer(mine.question, mine.answer),))
    assert "見つかりません" in vote(desk, app, conversation, other.answer.answer_id).page
    assert service.votes == []
    vote(desk, app, conversation, mine.answer.answer_id)
    assert [one[0] for one in service.votes] == [mine.answer.answer_id]


def test_votes_are_counted_like_questions(desk: CitizenEventHandler, app: FastAPI, service: Prepared) -> None:
    """Who sends more of them in a minute than the settings allow has to wait."""
    mine = told(service)
    conversation = Conversation(shown=(DisplayedAnswer(mine.question, mine.answer),))
    said = [vote(desk, app, conversation, mine.answer.answer_id).page for _ in range(3)]
    assert "待って" in said[-1]
    assert len(service.votes) == 2


def test_what_is_said_in_other_words_is_no_new_question(desk: CitizenEventHandler, service: Prepared) -> None:
    """The last question is put again for easy Japanese, and marked as one that was asked before."""
    mine = told(service)
    list(desk.open(json.dumps({"conversation": mine.answer.conversation_id, "language": "easy"}), gr.Request()))
    assert [(asked.style, asked.repeated) for asked in service.asked] == [("standard", False), ("easy", True)]


@pytest.mark.parametrize("handed", ["", "[]", "{", '{"rating": 7}', '{"answer_id": {}, "rating": "up"}', "[" * 100_000])
def test_what_no_page_sends_is_told_of_and_changes_nothing(
    desk: CitizenEventHandler, service: Prepared, handed: str
) -> None:
    """Whatever stands in the hidden box: no traceback, no vote, a conversation that begins."""
    mine = told(service)
    conversation = Conversation(shown=(DisplayedAnswer(mine.question, mine.answer),))
    assert 'class="problem' in desk.rate(handed, conversation, gr.Request()).page
    assert [change.conversation for change in desk.open(handed, gr.Request())] == [Conversation()]
    assert service.votes == []
