import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from bot.answering.rendering.date_format import format_time
from bot.answering.state import Question
from bot.running.auth.person import Role, SignedInPerson
from bot.running.auth.sessions import NAME
from bot.running.auth.sign_in import SignIn
from bot.running.server.api import create_app
from bot.running.service.service import open_service
from bot.running.storage.database import database_url, engine_at
from bot.running.storage.tables import turns
from bot.running.storage.usage_records import period_bounds
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.japanese.today import to_japan_date, today
from tests.conftest import ROOT

TABLES = ("answers", "questions", "statistics")


def _session(settings: Settings, role: Role = "admin") -> str:
    return SignIn(settings).sessions.begin(SignedInPerson("安奈", role))


def test_a_question_has_one_row_however_often_it_is_repeated(own_data: Path) -> None:
    settings = Settings(_env_file=None, data=own_data, corpus=ROOT / "corpus")
    with open_service(settings) as service:
        first = service.ask(Question(question="プランの期間は?", audience="staff"))
        service.ask(Question(question="プランの期間は?", conversation_id=first.conversation_id, repeated=True))
        service.feedback(first.answer_id, "up")
        app = create_app(service, settings)
        secret = _session(settings)
        client = TestClient(app, cookies={NAME: secret})
        (row,) = client.get("/api/export/answers.json").json()["rows"]
        assert row.items() >= {"audience": "staff", "question": "プランの期間は?", "rating": "up"}.items()
        assert "令和" in row["answer"]
        assert row["milliseconds"] > 0
        counts = {"count": 1, "answered": 1, "up": 1, "down": 0}
        assert client.get("/api/export/questions.json").json()["rows"] == [{"question": "プランの期間は?", **counts}]
        table = client.get("/api/export/statistics.csv").content.decode("utf-8-sig").split()
        month = f"{today():%Y-%m}"
        assert table == ["month,audience,status,count,answered,up,down", f"{month},staff,answered,1,1,1,0"]
        (call,) = service.usage.calls(*period_bounds(today(), today()))
        assert call.id == first.conversation_id
        assert call.questions == ("プランの期間は?",)
        assert call.unanswered == 0


def test_no_export_tells_who_asked(settings: Settings) -> None:
    with open_service(settings) as service:
        service.ask(Question(question="電話は090-1234-5678です。プランの期間は?"))
        with engine_at(database_url(settings)).begin() as connection:
            telling = {"answer": "甲さんの番号は090-1234-5678です。"}
            connection.execute(update(turns).values(question=telling["answer"], understood="", answer=telling))
        client = TestClient(create_app(service, settings), cookies={NAME: _session(settings)})
        exported = [client.get(f"/api/export/{name}.{form}").text for name in TABLES for form in ("csv", "json")]
        assert all("甲さんの番号" in table for table in exported[:4])
        assert "5678" not in "".join(exported)
        assert re.search(r"T\d\d:\d\d:\d\d.*\+09:00", exported[0])
        assert [event.detail for event in read_events(settings)][:2] == ["answers.csv", "answers.json"]
        others = TestClient(create_app(service, settings), cookies={NAME: _session(settings, "editor")})
        assert [others.get(f"/api/export/{name}.csv").status_code for name in TABLES] == [403, 403, 200]


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
