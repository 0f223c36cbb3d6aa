"""Tests of the outcome of a month's unanswered questions, and of curated answers as regression cases."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from bot.__main__ import main
from bot.curation.queue_records import AnsweredShare
from bot.service import Service
from bot.state import Answer
from eval.dataset.case import Case
from eval.dataset.matching import contains_words
from ingest.configuration.settings import Settings
from ingest.japanese.today import today
from tests.bot.curation.desks import REWORDED, UNKNOWN, published

pytest_plugins = ["tests.bot.city_index"]

THIS_MONTH = today()  # records bear the time of this machine


def test_questions_of_a_month_are_repeated(service: Service, ask_question: Callable[..., Answer]) -> None:
    for text in (UNKNOWN, REWORDED, "明日の天気は?", "花壇の担当課の電話番号は?", "植樹の本数の実績は?"):
        ask_question(text)
    first, last = THIS_MONTH.replace(day=1), service.desk.answered_share(THIS_MONTH).last
    assert service.desk.answered_share(THIS_MONTH) == AnsweredShare(first, last, 4, 0, 0, 0, 4)
    published(service)
    weather = next(group for group in service.desk.groups() if "天気" in group.question)
    service.desk.dismiss(weather.id, "花子", "市の仕事ではない")
    assert service.desk.answered_share(THIS_MONTH) == AnsweredShare(first, last, 4, 2, 0, 1, 1)


def test_repeated_questions_are_not_recorded(service: Service, ask_question: Callable[..., Answer]) -> None:
    ask_question(UNKNOWN)
    service.desk.answered_share(THIS_MONTH)
    assert [group.size for group in service.desk.groups()] == [1]


def test_the_default_is_the_previous_month(service: Service) -> None:
    share = service.desk.answered_share()
    assert share.first == date(2026, 5, 1)
    assert share.last == date(2026, 5, 31)
    assert share.n == 0


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


def test_the_commands_print_figures_and_cases(
    own_settings: Settings, service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    curated = published(service)
    data = str(own_settings.data)
    assert main(["queue", "answered", "--month", "2026-10", "--json", "--data", data]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 0
    assert main(["queue", "cases", "--data", data]) == 0
    assert json.loads(capsys.readouterr().out)["id"].startswith(f"staff-{curated.id[:12]}")
