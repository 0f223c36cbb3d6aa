from collections.abc import Iterator

import pytest

from bot.answering.state import Question, Status
from bot.running.service.service import Service, open_service
from bot.running.storage.tables import turns
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY, Ask, assert_answered
from tests.bot.answering.retrieval.passages import built
from tests.bot.running.service.test_service import recorded_rows

MANIFEST = """
[[document]]
id = "{id}"
title = "{town}のお知らせ"
file = "{id}.md"
kind = "notice"
issuer = "{town}"
published = "2026-05-01"
"""
NOTICE = """# {town}のお知らせ

## 粗大ごみの出し方

粗大ごみは、電話で申し込んでから{place}に出してください。手数料は1点{fee}円です。

## 図書館の休館日

図書館は{closed}曜日に休みます。

## 姉妹都市の祭り

高山市の祭りを見に行く旅行の参加者を募ります。
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    told = {"aoba": ("青葉市", "収集所", "600", "月"), "shiomi": ("汐見町", "自宅の前", "300", "火")}
    texts = {
        name: NOTICE.format(town=town, place=place, fee=fee, closed=closed)
        for name, (town, place, fee, closed) in told.items()
    }
    manifest = "".join(MANIFEST.format(id=name, town=town) for name, (town, *_) in told.items())
    with open_service(built(tmp_path_factory.mktemp("towns"), texts, manifest)) as opened:
        yield opened


def test_a_later_question_is_asked_of_the_town_of_the_talk(service: Service) -> None:
    assert service.ask(Question(question="図書館の休館日はいつですか")).town is None
    first = service.ask(Question(question="汐見町の粗大ごみの手数料は?"))
    then = service.ask(Question(question="図書館の休館日はいつですか", conversation_id=first.conversation_id))
    thanks = service.ask(Question(question="ありがとう", conversation_id=first.conversation_id))
    assert then.question_understood == "汐見町では、図書館の休館日はいつですか"
    assert "火曜日" in then.answer
    assert {citation.doc_id for citation in then.citations} == {"shiomi"}
    assert [one.town for one in (first, then, thanks)] == ["汐見町"] * 3


def test_a_removed_town_stays_removed(service: Service) -> None:
    first = service.ask(Question(question="汐見町の粗大ごみの手数料は?"))
    conversation = first.conversation_id
    unscoped = service.ask(Question(question="図書館の休館日はいつですか", conversation_id=conversation, town=""))
    later = service.ask(Question(question="粗大ごみの出し方は?", conversation_id=conversation))
    named = service.ask(Question(question="青葉市の図書館の休館日は?", conversation_id=conversation))
    assert [one.town for one in (unscoped, later, named)] == ["", "", "青葉市"]
    assert not any("汐見" in one.question_understood for one in (unscoped, later, named))
    assert {citation.doc_id for citation in unscoped.citations} == {"aoba", "shiomi"}


def test_a_caller_may_set_the_town(service: Service) -> None:
    answer = service.ask(Question(question="図書館の休館日はいつですか", town="汐見町"))
    assert answer.town == "汐見町"
    assert {citation.doc_id for citation in answer.citations} == {"shiomi"}


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


def test_a_conversation_survives_a_restart(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        first = service.ask(Question(question="食品ロスの相談件数の実績は?"))
    with open_service(own_settings, lambda: TODAY) as service:
        assert_answered(service.ask(Question(question="目標は?", conversation_id=first.conversation_id)), "800件")
