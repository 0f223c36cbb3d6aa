"""Tests of the recorded questions and the days they lie on."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.rendering.html.date_format import format_time
from bot.service import open_service
from bot.state import Question
from bot.storage.usage_records import period_bounds
from ingest.configuration.settings import Settings
from ingest.japanese.today import to_japan_date, today
from tests.conftest import ROOT, without_records


def test_a_question_has_one_row_however_often_it_is_repeated(corpus_data: Path, tmp_path: Path) -> None:
    data = without_records(corpus_data, tmp_path / "data")
    with open_service(Settings(_env_file=None, data=data, corpus=ROOT / "corpus")) as service:
        first = service.ask(Question(question="プランの期間は?", audience="staff"))
        service.ask(Question(question="プランの期間は?", conversation_id=first.conversation_id, repeated=True))
        service.feedback(first.answer_id, "up")
        (row,) = service.usage.rows()
        assert (row.audience, row.question, row.rating, row.status) == ("staff", "プランの期間は?", "up", "answered")
        assert "令和" in row.answer
        assert row.milliseconds > 0
        (call,) = service.usage.calls(*period_bounds(today(), today()))
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
