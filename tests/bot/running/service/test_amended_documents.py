from collections.abc import Iterator
from datetime import date

import pytest
from fastapi.testclient import TestClient

from bot.answering.state import Question
from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from ingest.configuration.settings import Settings
from tests.conftest import ROOT, indexed_once

DOCUMENTS = ROOT / "tests/documents/kirisawa"
LIMIT = "雨水タンクの補助金の限度はいくらですか"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data = indexed_once(DOCUMENTS, "kirisawa", tmp_path_factory)
    return Settings(_env_file=None, data=data, corpus=DOCUMENTS)


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, lambda: date(2026, 5, 10)) as opened:
        yield opened


def test_a_notice_names_the_amending_document_and_its_day(service: Service) -> None:
    answer = service.ask(Question(question=LIMIT))
    assert "yoko" in {citation.doc_id for citation in answer.citations}
    assert any("改正" in notice and "2026年2月20日" in notice for notice in answer.notices)


def test_an_amendment_is_not_known_before_its_day(service: Service) -> None:
    answer = service.ask(Question(question=LIMIT, as_of=date(2026, 2, 1)))
    assert {citation.doc_id for citation in answer.citations} == {"yoko"}
    assert answer.notices == ()


def test_the_page_of_an_amending_document_names_what_it_amends(service: Service, settings: Settings) -> None:
    page = TestClient(create_app(service, settings)).get("/documents/kaisei-1").text
    assert '/documents/yoko">' in page
