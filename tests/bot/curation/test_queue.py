"""Tests of the queue of questions and of the outcome of a month."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.__main__ import main
from bot.curation.staff_desk import StaffDesk
from bot.errors import ChangedMeanwhileError
from bot.service import Service, open_service
from bot.state import Answer, Question, Status
from eval.dataset.case import Case
from eval.dataset.matching import contains_words
from ingest.configuration.settings import Settings
from tests.bot.answer_assertions import TODAY
from tests.bot.curation.desks import REWORDED, UNKNOWN, published

pytest_plugins = ["tests.bot.city_index"]

Put = Callable[..., Answer]


def sizes(desk: StaffDesk) -> dict[str, int]:
    return {group.question: group.size for group in desk.groups()}


def test_an_unanswered_question_is_queued(ask_question: Put, desk: StaffDesk) -> None:
    assert ask_question(UNKNOWN).status is not Status.ANSWERED
    assert ask_question("植樹の本数の実績は?").status is Status.ANSWERED
    assert sizes(desk) == {UNKNOWN: 1}


def test_a_restart_keeps_the_queue(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        service.ask(Question(question=UNKNOWN))
        before = service.desk.groups()
        service.desk.take(before[0].id, "窓口 花子")
        service.ask(Question(question=REWORDED))  # not taken in before the end
    with open_service(own_settings, lambda: TODAY) as service:
        (group,) = service.desk.groups()
    assert group.id == before[0].id
    assert group.state == "in_work"
    assert group.by == "窓口 花子"
    assert group.size == 2


def test_two_workers_queue_each_question_once(own_settings: Settings, service: Service) -> None:
    for number in range(40):
        service.ask(Question(question=f"第{number}地区の街灯の数を教えてください"))
    with open_service(own_settings, lambda: TODAY) as other, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: one.desk.groups(), [service, other, service, other]))
        assert sum(group.size for group in other.desk.groups()) == 40


def test_of_two_editors_one_takes_a_group(ask_question: Put, desk: StaffDesk) -> None:
    ask_question(UNKNOWN)
    (group,) = desk.groups()

    def take(by: str) -> str:
        try:
            return desk.take(group.id, by).by
        except ChangedMeanwhileError:
            return ""

    with ThreadPoolExecutor(2) as pool:
        first, second = sorted(pool.map(take, ["花子", "太郎"]), reverse=True)
    assert first
    assert second == ""
    with pytest.raises(ChangedMeanwhileError, match=f"{first}さんが対応しています"):
        desk.dismiss(group.id, "次郎", "不要")
    desk.reopen(group.id, "次郎")
    assert desk.take(group.id, "次郎").by == "次郎"


def test_a_curated_answer_becomes_a_passing_case(service: Service, ask_question: Callable[..., Answer]) -> None:
    curated = published(service)
    case = Case.model_validate(service.desk.case(curated.id))
    answer = ask_question(case.turns[-1])
    assert case.turns == (UNKNOWN,)
    assert case.behave == "answer"
    assert case.provenance == "from-staff"
    assert {group[0] for group in case.must} == {"2階", "環境政策課"}
    assert all(any(contains_words(answer.answer, words) for words in group) for group in case.must)
    assert case.cite == (f"{answer.citations[0].doc_id}#{answer.citations[0].section}",)


def test_the_command_prints_cases(own_settings: Settings, service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    curated = published(service)
    data = str(own_settings.data)
    assert main(["queue", "cases", "--data", data]) == 0
    assert json.loads(capsys.readouterr().out)["id"].startswith(f"staff-{curated.id[:12]}")
