"""What became of a month's unanswered questions, and answers of staff as regression cases."""

import json
from collections.abc import Callable
from datetime import date

import pytest

from bot.__main__ import main
from bot.curation.groups import AnsweredShare
from bot.service import Service
from bot.state import Answer
from eval.dataset.case import Case
from eval.dataset.matching import contains_words
from ingest.configuration.settings import Settings
from ingest.japanese.today import today
from tests.bot.curation.desks import REWORDED, UNKNOWN, published

pytest_plugins = ["tests.bot.city_index"]

THIS_MONTH = today()  # records bear the time of this machine


def test_a_month_is_asked_again(service: Service, put: Callable[..., Answer]) -> None:
    """Of the questions that got no answer, those that staff answered since are told from those that nobody did."""
    for text in (UNKNOWN, REWORDED, "明日の天気は?", "花壇の担当課の電話番号は?", "植樹の本数の実績は?"):
        put(text)
    first, last = THIS_MONTH.replace(day=1), service.desk.answered_share(THIS_MONTH).last
    assert service.desk.answered_share(THIS_MONTH) == AnsweredShare(first, last, 4, 0, 0, 0, 4)
    published(service)
    weather = next(group for group in service.desk.groups() if "天気" in group.question)
    service.desk.dismiss(weather.id, "花子", "市の仕事ではない")
    assert service.desk.answered_share(THIS_MONTH) == AnsweredShare(first, last, 4, 2, 0, 1, 1)


def test_asking_again_leaves_no_trace(service: Service, put: Callable[..., Answer]) -> None:
    """What is asked to count it is not taken for a citizen's question."""
    put(UNKNOWN)
    service.desk.answered_share(THIS_MONTH)
    assert [group.size for group in service.desk.groups()] == [1]


def test_without_a_month_it_is_the_last_one(service: Service) -> None:
    """The figure that is shown without more words is that of the month before this one."""
    share = service.desk.answered_share()
    assert (share.first, share.last, share.n) == (date(2026, 5, 1), date(2026, 5, 31), 0)


def test_an_answer_becomes_a_case_that_it_passes(service: Service, put: Callable[..., Answer]) -> None:
    """The case has the question, what must be said and cited, and where it comes from; what is served fulfils it."""
    curated = published(service)
    case = Case.model_validate(service.desk.case(curated.id))
    answer = put(case.turns[-1])
    assert (case.turns, case.behave, case.provenance) == ((UNKNOWN,), "answer", "from-staff")
    assert {group[0] for group in case.must} == {"2階", "環境政策課"}
    assert all(any(contains_words(answer.answer, words) for words in group) for group in case.must)
    assert case.cite == (f"{answer.citations[0].doc_id}#{answer.citations[0].section}",)


def test_the_commands_tell_both(own_settings: Settings, service: Service, capsys: pytest.CaptureFixture[str]) -> None:
    """`queue answered` gives the figures, `queue cases` a line for each answer that is served."""
    curated = published(service)
    data = str(own_settings.data)
    assert main(["queue", "answered", "--month", "2026-10", "--json", "--data", data]) == 0
    assert json.loads(capsys.readouterr().out)["n"] == 0
    assert main(["queue", "cases", "--data", data]) == 0
    assert json.loads(capsys.readouterr().out)["id"].startswith(f"staff-{curated.id[:12]}")
