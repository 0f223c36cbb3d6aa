"""Tests of the switch of a running service to a new index generation."""

import gc
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Event, current_thread
from time import monotonic, sleep

import pytest
from fastapi.testclient import TestClient

from bot.server.api import create_app
from bot.service import Service, open_service
from bot.state import Question, Status
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import EncoderChangedError, NoIndexError
from ingest.index.generation import load_generation
from ingest.index.index import Index
from ingest.lifecycle.library import remove_documents
from ingest.lifecycle.withdrawals import withdraw
from tests.bot.answer_assertions import DOCUMENTS, TODAY, assert_answered

pytest_plugins = ["tests.bot.city_index"]

MOTTO = "プラン2.0の基本理念は?"


def test_previous_index_answers_while_the_new_is_damaged(own_settings: Settings) -> None:
    before = load_generation(own_settings)
    documents = [Path(folder) for folder in before.basis.corpora]
    damaged = build(own_settings, documents, full=True).name
    (own_settings.data / "generations" / damaged / "vectors.npy").write_bytes(b"")
    with open_service(own_settings, lambda: TODAY) as service:
        assert_answered(service.ask(Question(question="プラン2.0の基本理念は?")), "緑と水を未来へつなぐまち")
        assert service.generation == before.name
        shutil.rmtree(own_settings.data / "generations" / before.name)
        assert_answered(service.ask(Question(question="プラン2.0の基本理念は?")), "緑と水を未来へつなぐまち")
        mended = build(own_settings, documents).name
        service.follow()
        assert_answered(service.ask(Question(question="プラン2.0の基本理念は?")), "緑と水を未来へつなぐまち")
        assert service.generation == mended


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


def test_the_previous_index_answers_while_the_new_one_opens(
    while_opening: Service, own_settings: Settings, opening: Opening
) -> None:
    client = TestClient(create_app(while_opening, own_settings))
    before = while_opening.generation
    assert "緑と水を未来へつなぐまち" in client.post("/api/chat", json={"question": MOTTO}).json()["answer"]
    assert client.get("/ready").status_code == 200
    assert f'generation="{before}"' in client.get("/metrics").text
    opening.go.set()
    while_opening.follow()
    assert "風の歌うまち" in client.post("/api/chat", json={"question": MOTTO}).json()["answer"]
    assert f'generation="{while_opening.generation}"' in client.get("/metrics").text
    assert while_opening.generation != before


def test_a_replaced_index_is_released(while_opening: Service, own_settings: Settings, opening: Opening) -> None:
    def open_generations() -> set[str]:
        return {one.name for one in gc.get_objects() if type(one) is Index and own_settings.data in one.folder.parents}

    assert len(open_generations()) == 2
    opening.go.set()
    while_opening.follow()
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
        (own_settings.data / "generations" / damaged / "vectors.npy").write_bytes(b"")
        for _ in range(3):
            assert_answered(service.ask(Question(question=MOTTO)), "緑と水を未来へつなぐまち")
            service.follow()
        assert service.generation == before.name
    (told,) = [line for line in caplog.messages if "それまでは" in line]
    assert "vectors.npy" in told
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


def test_an_empty_index_has_no_answer(own_settings: Settings) -> None:
    with open_service(own_settings, lambda: TODAY) as service:
        ids = [state.document.id for state in service.documents()]
    remove_documents(own_settings, ids)
    with open_service(own_settings, lambda: TODAY) as service:
        assert service.ask(Question(question="植樹の本数は?")).status is not Status.ANSWERED
