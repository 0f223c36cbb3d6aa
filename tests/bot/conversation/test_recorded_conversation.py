"""Tests of follow-up questions in a recorded conversation."""

from bot.service import Service, open_service
from bot.state import Question, Status
from bot.storage.tables import turns
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY, Ask, assert_answered
from tests.bot.test_service import recorded_rows

pytest_plugins = ["tests.bot.city_index"]


def test_a_follow_up_that_names_another_row_gets_that_row(city_service: Service) -> None:
    first = city_service.ask(Question(question="食品ロスの相談件数は目標とどれだけ差がある?"))
    assert "食品ロスの相談件数" in first.answer
    then = city_service.ask(Question(question="可燃袋は", conversation_id=first.conversation_id))
    assert_answered(then, "6万枚減")
    assert "食品ロスの相談件数" not in then.answer


def test_a_follow_up_can_refer_to_a_related_passage(city_service: Service) -> None:
    nothing = city_service.ask(Question(question="映画館の補助金の額は?"))
    assert nothing.status is Status.NO_ANSWER
    (place,) = nothing.nearest
    after = city_service.ask(Question(question="太陽光パネルは?", conversation_id=nothing.conversation_id))
    assert after.question_understood == "「補助制度」について、太陽光パネルは?"
    assert place.passage_id in {citation.passage_id for citation in after.citations}


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
