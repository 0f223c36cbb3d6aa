"""Tests of follow-up questions in a recorded conversation."""

from bot.service import Service, open_service
from bot.state import Question, Status
from bot.storage.tables import turns
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY, Ask, assert_answered
from tests.bot.test_service import recorded_rows

pytest_plugins = ["tests.bot.city_index"]


def test_vague_follow_up_is_not_asked_alone(ask: Ask) -> None:
    assert ask("猫の飼い方の教室はありますか", "実績は?").status is Status.NO_ANSWER
    assert_answered(ask("猫の飼い方の教室はありますか", "植樹の本数の実績は?"), "5,200本")


def test_a_conversation_continues_under_its_id(city_service: Service, city_settings: Settings) -> None:
    first = city_service.ask(Question(question="食品ロスの相談件数の実績は?"))
    second = city_service.ask(Question(question="目標は?", conversation_id=first.conversation_id))
    assert_answered(second, "800件")
    assert second.conversation_id == first.conversation_id
    assert second.answer_id != first.answer_id
    (row,) = recorded_rows(city_settings, turns, second.answer_id)
    assert row.question == "目標は?"
    assert row.understood == "食品ロスの相談件数の目標は?"


def test_conversations_are_independent(city_service: Service) -> None:
    city_service.ask(Question(question="食品ロスの相談件数の実績は?"))
    assert city_service.ask(Question(question="目標は?")).question_understood == "目標は?"


def test_a_conversation_survives_a_restart(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        first = service.ask(Question(question="食品ロスの相談件数の実績は?"))
    with open_service(own_settings, lambda: TODAY) as service:
        assert_answered(service.ask(Question(question="目標は?", conversation_id=first.conversation_id)), "800件")
