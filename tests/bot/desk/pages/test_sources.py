from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.answering.state import Question
from bot.running.commands.doctor import run_checks
from bot.running.service.service import Service, open_service
from ingest.build.build import build
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.lifecycle.synchronise import sync
from tests.bot.desk.pages.console import staff_client
from tests.ingest.lifecycle.web_server import Server, listed
from tests.ingest.small_corpus import PLAN, REPORT, make_corpus

OTHER = (
    "# 渡し船の時刻\n\n渡し船は朝七時から一時間ごとに出ます。\n\n運賃は大人が二百円です。風が強い日は休みます。\n" * 2
)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def settings(server: Server, tmp_path: Path) -> Settings:
    """Return settings of an index one of whose documents has a suspicious source."""
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)
    listed(corpus, f'url = "{server.url}/plan.md"\nfile = "plan.md"\nid = "plan"\nprivate = true')
    settings = Settings(_env_file=None, data=tmp_path / "data", corpus=corpus)
    build(settings, [corpus])
    server.has("/plan.md", OTHER)
    sync(settings, corpus, "安奈", pause=lambda _: None)
    return settings


@pytest.fixture
def client(settings: Settings) -> Iterator[tuple[TestClient, Service]]:
    """Yield a program that has signed in, and the service."""
    with open_service(settings) as service:
        service.documents()
        yield staff_client(service, settings), service


def test_a_suspicious_source_is_shown_and_confirmed(client: tuple[TestClient, Service], settings: Settings) -> None:
    program, service = client
    page = program.get("/staff/documents").text
    assert all(text in page for text in ("疑わしい", "渡し船の時刻", "この内容で置き換える"))
    assert str(settings.data) not in page
    assert str(settings.corpus) not in page
    (found,) = (check for check in run_checks(settings).checks if check.name == "公開元")
    assert found.well is False
    assert "plan" in found.mend
    reply = program.post("/staff/documents/sources", data={"id": "plan"}).raise_for_status()
    assert "置き換えました" in reply.json()["message"]
    assert [(event.by, event.action) for event in read_events(settings, "plan")] == [("安奈", "confirm")]
    assert "二百円" in service.ask(Question(question="渡し船の運賃はいくらですか")).answer
    assert program.post("/staff/documents/sources", data={"id": "report"}).status_code == 422


def test_no_message_contains_a_path_of_the_server(client: tuple[TestClient, Service], settings: Settings) -> None:
    program, _ = client
    staged = program.post("/staff/documents/staged", files={"file": ("new.md", REPORT.encode())}).raise_for_status()
    (settings.corpus / "manifest.toml").write_text("[[document]\n", "utf-8")
    key = staged.json()["at"].rpartition("/")[2]
    refused = program.post(f"/staff/documents/staged/{key}", data={"id": "new", "title": "題", "kind": "plan"})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("manifest.toml 1行目")
