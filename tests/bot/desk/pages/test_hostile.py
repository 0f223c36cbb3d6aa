from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from bot.running.service.service import open_service
from ingest.build.build import build
from ingest.configuration.settings import Settings
from tests.bot.desk.pages.console import console, cookie
from tests.ingest.pdf_files import nested
from tests.ingest.small_corpus import PLAN, REPORT, make_corpus
from tests.ingest.worker_processes import workers

UPLOAD = "/staff/documents/staged"
LIMIT_S = 3


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr("ingest.build.sandboxed_reading.READ_S", LIMIT_S)
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)
    settings = Settings(_env_file=None, data=tmp_path / "data", corpus=corpus)
    build(settings, [corpus])
    return settings


@pytest.fixture
def client(settings: Settings) -> Iterator[httpx2.Client]:
    with open_service(settings) as service:
        service.documents()
        service.warm()
        with (
            console(service, settings) as url,
            httpx2.Client(base_url=url, cookies=cookie(settings.data), trust_env=False, timeout=120) as client,
        ):
            yield client


def hand_in(client: httpx2.Client, content: bytes) -> httpx2.Response:
    return client.post(UPLOAD, files={"file": ("hostile.pdf", content)})


def ask(client: httpx2.Client) -> None:
    reply = client.post("/api/chat", json={"question": "計画の期間は何年間ですか"})
    assert "4年間" in reply.raise_for_status().json()["answer"]


def test_others_are_served_while_a_hostile_file_is_read(client: httpx2.Client, settings: Settings) -> None:
    with ThreadPoolExecutor(1) as pool:
        handed_in = pool.submit(hand_in, client, nested())
        for _ in range(50):
            ask(client)
            if handed_in.done():
                break
        refused = handed_in.result()
    assert refused.status_code == 422
    assert f"上限は{LIMIT_S}秒" in refused.json()["detail"]
    assert "書き出し直して" in refused.json()["detail"]
    assert list(settings.data.glob("added/*")) == []
    assert workers() == []
