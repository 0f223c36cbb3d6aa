"""Tests that days are days of the office in Japan, whatever the time zone of the server."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.rendering.html.date_format import format_time
from bot.service import open_service
from bot.usage.month import period_bounds
from ingest.configuration.settings import Settings
from ingest.japanese.today import to_japan_date, today

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
