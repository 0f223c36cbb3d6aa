import csv
import gc
import io
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event, current_thread
from time import monotonic, sleep

import chromadb
import pytest
from fastapi.testclient import TestClient

from bot.answering.state import Question
from bot.errors import UnknownDocumentError, UnknownPassageError
from bot.running.auth.person import SignedInPerson
from bot.running.auth.sessions import NAME
from bot.running.auth.sign_in import SignIn
from bot.running.server.api import create_app
from bot.running.service.service import Health, Service, TimedCheck, open_service
from bot.spreadsheet import escape_formula
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import EncoderChangedError, NoIndexError
from ingest.index.generation import load_generation
from ingest.index.index import Index
from ingest.metadata.document_states import restore, withdraw
from tests.bot.answer_assertions import DOCUMENTS, TODAY, assert_answered
from tests.ingest.chroma_server import chroma_server
from tests.ingest.small_corpus import PLAN, make_corpus

pytest_plugins = ["tests.bot.city_index"]

MOTTO = "プラン2.0の基本理念は?"


def test_a_new_index_is_opened_without_a_question(own_settings: Settings, tmp_path: Path) -> None:
    documents = shutil.copytree(DOCUMENTS, tmp_path / "documents")
    plan = documents / "kankyo-plan-2.0.md"
    with open_service(own_settings, lambda: TODAY) as service:
        service.documents()
        plan.write_text(plan.read_text("utf-8").replace("緑と水を未来へつなぐまち", "風の歌うまち"), "utf-8")
        made = build(own_settings, [documents]).name
        until = monotonic() + 60
        while service.generation != made and monotonic() < until:
            sleep(0.1)
        assert_answered(service.ask(Question(question=MOTTO)), "風の歌うまち")


class Opening:
    def __init__(self) -> None:
        self.began, self.go = Event(), Event()

    def __call__(self) -> date:
        if current_thread().name == "new generation":
            self.began.set()
            self.go.wait(60)
        return TODAY


@pytest.fixture
def opening() -> Opening:
    return Opening()


@pytest.fixture
def while_opening(own_settings: Settings, tmp_path: Path, opening: Opening) -> Iterator[Service]:
    documents = shutil.copytree(DOCUMENTS, tmp_path / "documents")
    plan = documents / "kankyo-plan-2.0.md"
    plan.write_text(plan.read_text("utf-8").replace("緑と水を未来へつなぐまち", "風の歌うまち"), "utf-8")
    with open_service(own_settings, opening) as service:
        service.documents()
        build(own_settings, [documents])
        assert service.health().answers
        assert opening.began.wait(60)
        yield service
        opening.go.set()


def test_the_previous_index_answers_while_the_new_one_opens_and_is_then_released(
    while_opening: Service, own_settings: Settings, opening: Opening
) -> None:
    def open_generations() -> set[str]:
        return {one.name for one in gc.get_objects() if type(one) is Index and own_settings.data in one.folder.parents}

    client = TestClient(create_app(while_opening, own_settings))
    before = while_opening.generation
    assert len(open_generations()) == 2
    assert "緑と水を未来へつなぐまち" in client.post("/api/chat", json={"question": MOTTO}).json()["answer"]
    assert client.get("/ready").status_code == 200
    opening.go.set()
    while_opening.follow()
    assert "風の歌うまち" in client.post("/api/chat", json={"question": MOTTO}).json()["answer"]
    assert while_opening.generation != before
    assert open_generations() == {while_opening.generation}


def test_withdrawal_applies_while_a_new_index_opens(
    while_opening: Service, own_settings: Settings, opening: Opening
) -> None:
    withdraw(own_settings, ["kankyo-plan-2.0"], "数字の誤り", "安奈")
    assert "kankyo-plan-2.0" not in {state.document.id for state in while_opening.documents()}
    before = while_opening.generation
    opening.go.set()
    while_opening.follow()
    assert while_opening.generation != before
    assert "kankyo-plan-2.0" not in {state.document.id for state in while_opening.documents()}


def test_reverted_index_is_never_served(while_opening: Service, own_settings: Settings, opening: Opening) -> None:
    before = while_opening.generation
    (own_settings.data / "current").write_text(f"{before}\n", "utf-8")
    opening.go.set()
    while_opening.follow()
    assert while_opening.generation == before


def test_unreadable_new_index_leaves_the_old_in_service(
    own_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    before = load_generation(own_settings)
    with open_service(own_settings, lambda: TODAY) as service:
        service.documents()
        damaged = build(own_settings, [Path(folder) for folder in before.basis.corpora], full=True).name
        (own_settings.data / "generations" / damaged / "arrays.npz").write_bytes(b"")
        for _ in range(3):
            assert_answered(service.ask(Question(question=MOTTO)), "緑と水を未来へつなぐまち")
            service.follow()
        assert service.generation == before.name
        mended = build(own_settings, [Path(folder) for folder in before.basis.corpora]).name
        service.follow()
        assert service.generation == mended
    (told,) = [line for line in caplog.messages if "それまでは" in line]
    assert "arrays.npz" in told
    assert before.name in told


def test_a_service_without_an_index_reports_it(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data", corpus=DOCUMENTS)
    with open_service(settings, lambda: TODAY) as service:
        assert not service.health().answers
        assert service.generation is None
        with pytest.raises(NoIndexError, match="ingest build"):
            service.ask(Question(question="基本理念は?"))
        build(settings, [DOCUMENTS])
        assert service.health().answers
        assert_answered(service.ask(Question(question="基本理念は?")), "緑と水を未来へつなぐまち")


def test_an_index_of_another_encoder_is_refused(own_settings: Settings) -> None:
    with open_service(own_settings.model_copy(update={"encoder": "another-model"}), lambda: TODAY) as service:
        assert not service.health().answers
        with pytest.raises(EncoderChangedError, match="another-model"):
            service.ask(Question(question="基本理念は?"))


QUESTION = "植樹の本数の目標値は？"


@pytest.fixture
def service(own_settings: Settings) -> Iterator[Service]:
    with open_service(own_settings, lambda: TODAY) as service:
        yield service


def cited_documents(service: Service, question: str = QUESTION, conversation_id: str | None = None) -> set[str]:
    answer = service.ask(Question(question=question, conversation_id=conversation_id))
    return {one.doc_id for one in (*answer.citations, *answer.nearest)}


def test_the_next_question_is_not_answered_from_it(service: Service, own_settings: Settings) -> None:
    first = service.ask(Question(question=QUESTION))
    (passage, doc_id) = (first.citations[0].passage_id, first.citations[0].doc_id)
    generation = service.generation
    withdraw(own_settings, [doc_id], "数字の誤り", "安奈")
    assert doc_id not in cited_documents(service)
    assert doc_id not in cited_documents(service, "目標は？", first.conversation_id)
    assert doc_id not in {hit.passage.doc_id for hit in service.search(QUESTION, 100)}
    assert doc_id not in {state.document.id for state in service.documents()}
    with pytest.raises(UnknownPassageError):
        service.passage(passage)
    with pytest.raises(UnknownDocumentError):
        service.search(QUESTION, doc_id=doc_id)
    restore(own_settings, [doc_id], "安奈")
    assert cited_documents(service) >= {doc_id}
    assert service.generation == generation
    assert_answered(service.ask(Question(question=QUESTION)))


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


def test_the_audit_log_is_exported_to_staff_only(service: Service, own_settings: Settings) -> None:
    withdraw(own_settings, ["kankyo-plan"], "=1+1", "安奈")
    app = create_app(service, own_settings)
    assert TestClient(app).get("/api/export/audit.csv").status_code == 401
    sessions = SignIn(own_settings).sessions
    tester = TestClient(app, cookies={NAME: sessions.begin(SignedInPerson("試", "tester"))})
    assert tester.get("/api/export/audit.csv").status_code == 403
    staff = TestClient(app, cookies={NAME: sessions.begin(SignedInPerson("安奈", "editor"))})
    content = staff.get("/api/export/audit.csv").content
    assert content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert (row["by"], row["action"], row["documents"], row["detail"]) == ("安奈", "withdraw", "kankyo-plan", "'=1+1")


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


def test_a_service_cannot_answer_without_its_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.running.service.service.HEALTH_TIMEOUT_S", 60)
    (tmp_path / "chroma").mkdir()
    with chroma_server(tmp_path / "chroma") as url:
        settings = Settings(_env_file=None, data=tmp_path / "data", chroma_url=url, adapt=False)
        corpus = [make_corpus(tmp_path / "corpus", plan=PLAN)]
        name = build(settings, corpus).name
        with open_service(settings) as service:
            assert service.health() == Health(answers=True, records=True)
            host, port = url.removeprefix("http://").split(":")
            chromadb.HttpClient(host=host, port=int(port)).delete_collection(name)
            assert service.health() == Health(answers=False, records=True)
            build(settings, corpus, full=True)
            service.follow()
            assert service.health().answers
    with open_service(settings) as service:
        assert service.health() == Health(answers=False, records=True)


def test_a_check_that_hangs_has_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.running.service.service.HEALTH_TIMEOUT_S", 0.2)
    go_on, begun = Event(), []

    def hang() -> None:
        begun.append(current_thread())
        go_on.wait()

    check = TimedCheck(hang)
    assert [check.start()() for _ in range(2)] == [False, False]
    (thread,) = begun
    monkeypatch.setattr("bot.running.service.service.HEALTH_TIMEOUT_S", 60)
    go_on.set()
    thread.join()
    assert check.start()()
    assert len(begun) == 2
