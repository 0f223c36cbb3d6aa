"""Tests of the queue of questions and of the outcome of a month."""

import json
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from bot.__main__ import main
from bot.curation.queue_records import Group
from bot.curation.staff_desk import StaffDesk
from bot.errors import ChangedMeanwhileError, DeskError, UnknownGroupError
from bot.pages.staff.answer_comparison import compare_answers, replacement_pairs
from bot.server.api import create_app
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


def group_of(desk: StaffDesk, question: str) -> Group:
    everywhere = desk.groups(("open", "in_work", "answered", "dismissed", "review"))
    return next(g for g in everywhere if any(e.question == question for e in desk.group(g.id).entries))


def write_statements(settings: Settings, *statements: str) -> None:
    with sqlite3.connect(settings.data / "shirube.sqlite") as connection:
        for statement in statements:
            connection.execute(statement)


def test_an_unanswered_question_is_queued(ask_question: Put, desk: StaffDesk) -> None:
    assert ask_question(UNKNOWN).status is not Status.ANSWERED
    assert ask_question("植樹の本数の実績は?").status is Status.ANSWERED
    assert sizes(desk) == {UNKNOWN: 1}


def test_paraphrases_share_a_group(ask_question: Put, desk: StaffDesk) -> None:
    for text in (
        UNKNOWN,
        REWORDED,
        "2030年度に環境の講座に申し込む課の電話番号は?",
        "犬の登録に要る書類は何ですか",
    ):
        ask_question(text)
    assert sorted(sizes(desk).values()) == [1, 1, 2]
    assert group_of(desk, UNKNOWN) == group_of(desk, REWORDED)


def test_an_entry_has_question_audience_and_answer(ask_question: Put, desk: StaffDesk) -> None:
    ask_question(UNKNOWN)
    given = ask_question(REWORDED, audience="staff")
    (group,) = desk.groups()
    newest, oldest = desk.group(group.id).entries
    assert newest.question == REWORDED
    assert newest.audience == "staff"
    assert newest.answer.answer == given.answer
    assert oldest.audience == "citizen"
    assert oldest.disliked is False
    assert group.size == 2
    assert group.staff == 1
    assert group.unanswered == 2
    assert group.disliked == 0
    assert group.first == oldest.asked
    assert group.last == newest.asked


def test_a_disliked_answer_is_queued_with_its_reasons(service: Service, ask_question: Put, desk: StaffDesk) -> None:
    published(service)
    liked, disliked = ask_question(UNKNOWN), ask_question(REWORDED)
    service.feedback(liked.answer_id, "up")
    service.feedback(disliked.answer_id, "down", ["古い"], "違います。090-1234-5678 に電話を")
    (group,) = desk.groups()
    (entry,) = desk.group(group.id).entries
    assert group.disliked == 1
    assert group.unanswered == 0
    assert entry.disliked is True
    assert entry.reasons == ("古い",)
    assert "違います" in entry.comments[0]
    assert "090" not in entry.comments[0]


def test_an_abandoned_clarification_is_queued(own_settings: Settings, ask_question: Put, desk: StaffDesk) -> None:
    ask_question("目標は?")
    went_on = ask_question("実績は?")
    write_statements(own_settings, f"UPDATE turns SET status = '{Status.CLARIFY}'")
    ask_question("植樹の本数の実績は?", conversation_id=went_on.conversation_id)
    assert desk.groups() == []
    write_statements(own_settings, "UPDATE turns SET created = '2026-01-01 00:00:00.000000'")
    assert sizes(desk) == {"目標は?": 1}


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


def test_a_dismissed_group_stays_closed(ask_question: Put, desk: StaffDesk) -> None:
    ask_question(UNKNOWN)
    (group,) = desk.groups()
    with pytest.raises(DeskError, match="理由"):
        desk.dismiss(group.id, "花子", " ")
    assert desk.dismiss(group.id, "花子", "市の仕事ではない").note == "市の仕事ではない"
    ask_question(REWORDED)
    assert desk.groups() == []
    assert desk.waiting() == 0
    assert [g.size for g in desk.groups(["dismissed"])] == [2]
    assert desk.reopen(group.id, "花子").state == "open"


def test_repeated_questions_of_programs_are_queued_once(service: Service, ask_question: Put, desk: StaffDesk) -> None:
    with TestClient(create_app(service, Settings(_env_file=None))) as client:
        said = [{"role": "user", "content": text} for text in (UNKNOWN, "それは何階ですか?")]
        client.post("/v1/chat/completions", json={"messages": said}).raise_for_status()
    among = replacement_pairs(service.documents())
    compare_answers(service, "明日の天気は?", among[0], TODAY)
    assert UNKNOWN not in sizes(desk)
    assert "明日の天気は?" not in sizes(desk)
    again = ask_question(UNKNOWN, repeated=True)
    service.feedback(again.answer_id, "down")
    assert sizes(desk)[UNKNOWN] == 1


def test_an_outdated_page_cannot_close_an_answered_group(service: Service, ask_question: Put, desk: StaffDesk) -> None:
    ask_question(UNKNOWN)
    (group,) = desk.groups()
    published(service, group_id=group.id)
    with pytest.raises(ChangedMeanwhileError, match="回答済み"):
        desk.dismiss(group.id, "太郎", "不要")
    with pytest.raises(ChangedMeanwhileError, match="回答済み"):
        desk.take(group.id, "太郎")
    assert desk.group(group.id).group.state == "answered"


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


def test_a_question_that_the_answer_does_not_match_reopens_its_group(
    service: Service, ask_question: Put, desk: StaffDesk
) -> None:
    ask_question(UNKNOWN)
    (group,) = desk.groups()
    ask_question(REWORDED)  # before the answer, taken in with it
    published(service, group_id=group.id)
    assert desk.groups() == []
    ask_question(UNKNOWN, as_of="2025-01-01")  # before the plan, and so before its answer
    assert [(g.id, g.size, g.state) for g in desk.groups()] == [(group.id, 3, "open")]


def test_the_group_with_the_newest_question_is_first(ask_question: Put, desk: StaffDesk) -> None:
    ask_question(UNKNOWN)
    ask_question("明日の天気は?")
    ask_question(REWORDED)
    assert [g.size for g in desk.groups()] == [2, 1]


@pytest.mark.parametrize("act", ["group", "take", "reopen"])
def test_an_unknown_group_is_refused(desk: StaffDesk, act: str) -> None:
    by = () if act == "group" else ("花子",)
    with pytest.raises(UnknownGroupError, match="選び直して"):
        getattr(desk, act)("never", *by)


def test_the_command_lists_the_queue(
    own_settings: Settings, ask_question: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    ask_question(UNKNOWN)
    assert main(["queue", "--json", "--data", str(own_settings.data)]) == 0
    assert [(g["question"], g["size"]) for g in json.loads(capsys.readouterr().out)] == [(UNKNOWN, 1)]
    assert main(["queue", "--data", str(own_settings.data)]) == 0
    assert "未対応" in capsys.readouterr().out


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
