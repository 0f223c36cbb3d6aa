"""Tests that a withdrawn document is left out of answers from the next question on."""

import csv
import io
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from bot.auth import SignedInPerson, SignIn
from bot.auth.sessions import NAME
from bot.cli.doctor import run_checks
from bot.curation.curated_records import PublishedSource
from bot.curation.status import SourceLookup, passage_digest
from bot.errors import UnknownDocumentError, UnknownPassageError
from bot.pipeline import Pipeline
from bot.retrieval.retrieve import search
from bot.server.api import create_app
from bot.service import Service, open_service
from bot.spreadsheet import escape_formula
from bot.state import Question
from ingest.configuration.settings import Settings
from ingest.index.index import Index
from ingest.lifecycle.withdrawals import restore, withdraw
from tests.bot.answer_assertions import TODAY, assert_answered

pytest_plugins = ["tests.bot.city_index"]
QUESTION = "植樹の本数の目標値は？"


@pytest.fixture
def service(own_settings: Settings) -> Iterator[Service]:
    with open_service(own_settings, lambda: TODAY) as service:
        yield service


def cited(service: Service, question: str = QUESTION, conversation_id: str | None = None) -> set[str]:
    answer = service.ask(Question(question=question, conversation_id=conversation_id))
    return {one.doc_id for one in (*answer.citations, *answer.nearest)}


def test_the_next_question_is_not_answered_from_it(service: Service, own_settings: Settings) -> None:
    first = service.ask(Question(question=QUESTION))
    (passage, doc_id) = (first.citations[0].passage_id, first.citations[0].doc_id)
    generation = service.generation
    withdraw(own_settings, [doc_id], "数字の誤り", "安奈")
    assert doc_id not in cited(service)
    assert doc_id not in cited(service, "目標は？", first.conversation_id)
    assert doc_id not in {hit.passage.doc_id for hit in service.search(QUESTION, 100)}
    assert doc_id not in {state.document.id for state in service.documents()}
    with pytest.raises(UnknownPassageError):
        service.passage(passage)
    with pytest.raises(UnknownDocumentError):
        service.search(QUESTION, doc_id=doc_id)
    restore(own_settings, [doc_id], "安奈")
    assert cited(service) >= {doc_id}
    assert service.generation == generation
    assert_answered(service.ask(Question(question=QUESTION)))


def test_all_may_be_withdrawn(service: Service, own_settings: Settings) -> None:
    ids = [state.document.id for state in service.documents()]
    withdraw(own_settings, ids, "差し替えのため", "安奈")
    assert service.documents() == []
    assert cited(service) == set()
    assert service.search(QUESTION) == []


def test_the_list_names_withdrawn_documents_and_reasons(service: Service, own_settings: Settings) -> None:
    withdraw(own_settings, ["kankyo-plan"], "数字の誤り", "安奈")
    client = TestClient(create_app(service, own_settings))
    told = client.get("/api/documents").json()
    assert "kankyo-plan" not in [one["id"] for one in told["documents"]]
    assert [(one["id"], one["title"], one["reason"]) for one in told["withdrawn"]] == [
        ("kankyo-plan", "星見市環境プラン", "数字の誤り")
    ]
    gone = client.get("/api/documents/kankyo-plan")
    assert gone.status_code == 404
    assert "数字の誤り" in gone.json()["detail"]
    (found,) = (one for one in run_checks(own_settings).checks if one.name == "期間と取り下げ")
    assert found.well is True
    assert "取り下げ中" in found.found


def test_the_audit_log_is_exported_to_staff_only(service: Service, own_settings: Settings) -> None:
    withdraw(own_settings, ["kankyo-plan"], "=1+1", "安奈")
    app = create_app(service, own_settings)
    assert TestClient(app).get("/api/export/audit.json").status_code == 401
    sessions = SignIn(own_settings).sessions
    tester = TestClient(app, cookies={NAME: sessions.begin(SignedInPerson("試", "tester"))})
    assert tester.get("/api/export/audit.csv").status_code == 403
    staff = TestClient(app, cookies={NAME: sessions.begin(SignedInPerson("安奈", "editor"))})
    (act,) = staff.get("/api/export/audit.json").json()["acts"]
    assert act["by"] == "安奈"
    assert act["action"] == "withdraw"
    assert act["documents"] == "kankyo-plan"
    assert act["detail"] == "=1+1"
    content = staff.get("/api/export/audit.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["detail"] == "'=1+1"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=A1", "'=A1"),
        ("＝A1", "'＝A1"),
        ("@x", "'@x"),
        ("\t=1", "'\t=1"),
        ("-3", "-3"),
        ("+5.5", "+5.5"),
        ("-3%=", "'-3%="),
        ("市", "市"),
    ],
)
def test_no_cell_is_computed(text: str, shown: str) -> None:
    assert escape_formula(text) == shown


def test_a_search_over_all_documents_leaves_it_out(city_index: Index, city_pipeline: Pipeline) -> None:
    encoder = city_pipeline.encoder
    (first, *_) = search(city_index, encoder, QUESTION, 100)
    found = search(city_index.excluding({first.passage.doc_id}), encoder, QUESTION, 100)
    assert found
    assert first.passage.doc_id not in {hit.passage.doc_id for hit in found}


def test_curated_answer_is_suspended_with_its_source(city_index: Index) -> None:
    passage = city_index.passages[0]
    source = PublishedSource(passage.id, passage.doc_id, passage.section, passage.text, passage_digest(passage))
    assert SourceLookup(city_index).passage(source) == passage
    assert SourceLookup(city_index.excluding({passage.doc_id})).passage(source) is None
