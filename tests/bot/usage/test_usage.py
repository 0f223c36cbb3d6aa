"""Tests of the days and figures of use."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bot.rendering.html.date_format import format_time
from bot.service import open_service
from bot.state import Question, Status
from bot.storage.usage_records import RecordedQuestion
from bot.usage.month import MIN_COUNT, count_month, count_names, period_bounds
from bot.usage.open_data import export_table
from ingest.configuration.settings import Settings
from ingest.japanese.today import to_japan_date, today
from tests.bot.fixed_service import StandIn
from tests.bot.pages.staff.console import cookie
from tests.bot.server_thread import served
from tests.conftest import ROOT, without_records

DAY = date(2026, 5, 4)
ONE = RecordedQuestion(
    day=DAY,
    question="窓口は何時までですか",
    audience="citizen",
    status=Status.ANSWERED,
    answer="5時までです。",
    generator="extractive",
    cited=(("a", "案内"),),
    sections=("窓口",),
    seconds=0.2,
)


def recorded_questions(n: int, **changes: Any) -> list[RecordedQuestion]:
    return [replace(ONE, **changes)] * n


def test_small_counts_are_hidden_and_cannot_be_computed() -> None:
    names = ["a"] * 9 + ["b"] * 7 + ["c"] * 2
    assert [(one.name, one.n) for one in count_names(names)] == [("a", 9), ("b", None), ("c", None)]
    assert [one.n for one in count_names(["a"] * 9 + ["b"] * MIN_COUNT)] == [9, MIN_COUNT]
    assert [one.n for one in count_names(["a"] * 9, order=["a", "b"])] == [9, 0]


def test_a_rare_question_is_not_published() -> None:
    told = export_table(
        "questions",
        [
            *recorded_questions(4),
            *recorded_questions(1, question=f"{ONE.question} "),
            *recorded_questions(3, question="犬は?"),
        ],
    )
    assert [(row["question"], row["count"]) for row in told] == [
        ("窓口は何時までですか", 5),
        ("（5回に満たない質問の合計）", None),
    ]
    assert told[0]["answered"] == 5


def test_published_answers_have_no_personal_data() -> None:
    (row,) = export_table("answers", recorded_questions(5, question="連絡先は090-1234-5678ですか"))
    assert "090" not in row["question"]
    (row,) = export_table("answers", recorded_questions(1, generator="curated"))
    assert row["by_staff"] is True
    assert row["answer"] == "5時までです。"
    assert row["documents"] == "案内"
    assert export_table("answers", recorded_questions(4)) == []


def test_a_month_is_counted_by_outcome_day_and_department() -> None:
    dogs = recorded_questions(5, status=Status.NO_ANSWER, question="犬の届出は?", day=DAY + timedelta(days=1))
    those = [*recorded_questions(6), *dogs, *recorded_questions(9, status=Status.SMALLTALK)]
    month = count_month(DAY, DAY + timedelta(days=2), those, {"犬の届出は?": "生活課"}.get)
    assert month.n == 11
    assert month.median_s == 0.2
    assert {one.name: one.n for one in month.by_outcome if one.n} == {"答えた": 6, "資料から答えられなかった": 5}
    assert [one.n for one in month.days] == [6, 5, 0]
    assert [(one.name, one.n) for one in month.subjects] == [("生活課", 5)]
    assert [one.name for one in month.unanswered] == ["犬の届出は?"]


def test_open_data_needs_a_sign_in_unless_published(tmp_path: Path) -> None:
    service = StandIn()
    service.usage.recorded += recorded_questions(6)
    with served(service, pages=(), data=tmp_path) as url, httpx2.Client(base_url=url, trust_env=False) as client:
        assert client.get("/api/export/answers.csv").status_code == 401
        client.cookies.update(cookie(tmp_path))
        for table in ("questions", "answers", "statistics"):
            assert client.get(f"/api/export/{table}.csv").text.startswith("\ufeff")
            told = client.get(f"/api/export/{table}.json").json()
            assert told["table"] == table
            assert told["least_count"] == MIN_COUNT
            assert told["rows"]
        assert client.get("/api/export/nothing.json").status_code == 422
    public = served(service, pages=(), data=tmp_path, open_data=True)
    with public as url, httpx2.Client(base_url=url, trust_env=False) as client:
        assert client.get("/api/export/questions.json").status_code == 200
        assert client.get("/api/export/audit.json").status_code == 401


def test_the_records_are_counted(corpus_data: Path, tmp_path: Path) -> None:
    data = without_records(corpus_data, tmp_path / "data")
    with open_service(Settings(_env_file=None, data=data, corpus=ROOT / "corpus")) as service:
        first = service.ask(Question(question="プランの期間は?", audience="staff"))
        service.ask(Question(question="プランの期間は?", conversation_id=first.conversation_id, repeated=True))
        service.feedback(first.answer_id, "up")
        days = service.usage.days()
        assert days
        found = service.usage.questions(*period_bounds(*days))
        assert [(one.audience, one.rating, bool(one.cited)) for one in found] == [("staff", "up", True)]
        (call,) = service.usage.calls(*period_bounds(*days))
        assert call.id == first.conversation_id
        assert call.questions == ("プランの期間は?",)
        assert call.unanswered == 0


# New Year in Japan, where it is the last evening of the year in Greenwich.
NEW_YEAR = datetime(2026, 12, 31, 15, 0, tzinfo=UTC)


@pytest.fixture(params=["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def server_elsewhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("server_elsewhere")
def test_a_day_begins_at_midnight_in_japan() -> None:
    assert to_japan_date(NEW_YEAR) == date(2027, 1, 1)
    assert to_japan_date(NEW_YEAR - timedelta(seconds=1)) == date(2026, 12, 31)
    assert format_time(NEW_YEAR) == "2027年1月1日 00:00"


@pytest.mark.usefixtures("server_elsewhere")
def test_a_month_of_the_queue_begins_in_japan() -> None:
    start, end = period_bounds(date(2026, 12, 1), date(2026, 12, 31))
    assert start == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert end == NEW_YEAR


@pytest.mark.usefixtures("server_elsewhere")
def test_a_question_without_a_day_is_for_the_office_s_today(settings: Settings) -> None:
    with open_service(settings) as service:
        assert service.documents() == service.documents(today())
        assert service.documents() == service.documents(to_japan_date(datetime.now(UTC)))
