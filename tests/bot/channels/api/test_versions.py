import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient

from bot.running.server.api import create_app
from bot.running.service.service import Service, open_service
from ingest.__main__ import main
from ingest.build.build import build
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.index.originals import archived_originals
from ingest.metadata.document_states import withdraw
from tests.ingest.small_corpus import PLAN, REPORT, make_corpus

QUESTION = "計画の期間は何年間ですか"
NEWER, NEWEST = (PLAN.replace("4年間", years) for years in ("5年間", "6年間"))


def settings_in(folder: Path) -> Settings:
    return Settings(_env_file=None, data=folder / "data", corpus=folder / "corpus", adapt=False)


class Cited(NamedTuple):
    folder: Path
    conversation: str
    citation: dict[str, Any]


@pytest.fixture(scope="module")
def cited(tmp_path_factory: pytest.TempPathFactory) -> Cited:
    folder = tmp_path_factory.mktemp("cited")
    settings = settings_in(folder)
    publish(settings, PLAN)
    with open_service(settings) as service:
        client = TestClient(create_app(service, settings))
        answer = client.post("/api/chat", json={"question": QUESTION}).raise_for_status().json()
        for text in (NEWER, NEWEST):
            publish(settings, text)
            service.follow()
    return Cited(folder, answer["conversation_id"], answer["citations"][0])


def publish(settings: Settings, text: str) -> None:
    build(settings, [make_corpus(settings.corpus, plan=text, report=REPORT)])


@pytest.fixture
def settings(cited: Cited, tmp_path: Path) -> Settings:
    shutil.copytree(cited.folder, tmp_path, dirs_exist_ok=True)
    return settings_in(tmp_path)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings) as service:
        yield service


@pytest.fixture
def client(service: Service, settings: Settings) -> TestClient:
    return TestClient(create_app(service, settings))


def kept_versions(settings: Settings) -> int:
    return sum(one.doc_id == "plan" for one in archived_originals(settings.data))


def test_a_citation_opens_the_version_it_was_made_from(client: TestClient, service: Service, cited: Cited) -> None:
    _, conversation, citation = cited
    assert citation["file_url"] == f"/api/documents/plan/file?version={citation['version']}"
    service.prune_originals("点検")
    then = client.get(citation["file_url"])
    assert then.text == PLAN
    assert then.headers["link"] == '</api/documents/plan/file>; rel="latest-version"'
    now = client.get("/api/documents/plan/file")
    assert now.text == NEWEST
    assert "link" not in now.headers
    (turn,) = service.conversation(conversation)
    assert any("「planの文書」の新しい版が出ました" in notice for notice in turn.answer.notices)
    assert client.get("/api/documents/plan/file?version=0123456789abcdef").status_code == 404
    assert client.get("/api/documents/plan/file?version=../../../current").status_code == 422


def test_an_unchanged_file_is_no_newer_version(client: TestClient, service: Service, settings: Settings) -> None:
    answer = client.post("/api/chat", json={"question": QUESTION}).raise_for_status().json()
    manifest = settings.corpus / "manifest.toml"
    manifest.write_text(manifest.read_text("utf-8").replace("planの文書", "基本の計画"), "utf-8")
    build(settings, [settings.corpus])
    service.follow()
    (turn,) = service.conversation(answer["conversation_id"])
    assert not any("新しい版" in notice for notice in turn.answer.notices)
    assert client.get(answer["citations"][0]["file_url"]).text == NEWEST


def test_a_version_is_kept_only_while_it_is_cited(service: Service, settings: Settings, cited: Cited) -> None:
    publish(settings, NEWEST + "\n追記です。\n")
    service.follow()
    service.prune_originals("点検")
    assert kept_versions(settings) == 2  # the cited one and the current one
    service.forget(cited.conversation, "点検")
    (settings.data / "cases").mkdir()
    (settings.data / "cases" / "own.jsonl").write_text('{"id": "1", "cite": ["plan#期間"]}\n', "utf-8")
    service.prune_originals("点検")
    assert kept_versions(settings) == 2
    (settings.data / "cases" / "own.jsonl").unlink()
    service.prune_originals("点検")
    assert kept_versions(settings) == 1


def test_versions_above_the_quota_are_removed_with_a_record(
    client: TestClient, service: Service, settings: Settings, cited: Cited, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.index.originals.MAX_ARCHIVE_BYTES", 0)
    service.prune_originals("点検")
    assert client.get(cited.citation["file_url"]).status_code == 404
    (event,) = read_events(settings, "plan")
    assert event.by == "点検"
    assert event.action == "purge"
    assert cited.citation["version"] in event.detail


def test_purge_removes_earlier_versions_for_good(client: TestClient, settings: Settings, cited: Cited) -> None:
    arguments = ["purge", "plan", "--reason", "氏名があったため", "--by", "安奈", "--data", str(settings.data)]
    assert [main(arguments), main(arguments)] == [0, 2]  # then there is none
    assert client.get(cited.citation["file_url"]).status_code == 404
    assert client.get("/api/documents/plan/file").text == NEWEST
    (event,) = read_events(settings, "plan")
    assert event.by == "安奈"
    assert event.action == "purge"
    assert "氏名があったため" in event.detail


def test_no_version_of_a_withdrawn_document_is_opened(client: TestClient, settings: Settings, cited: Cited) -> None:
    withdraw(settings, ["plan"], "誤りがあったため", "安奈")
    assert client.get(cited.citation["file_url"]).status_code == 404
