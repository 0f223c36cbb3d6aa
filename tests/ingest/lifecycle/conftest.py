"""Fixtures of the tests of the document life cycle."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.configuration.settings import Settings
from tests.ingest.lifecycle.web_server import Server
from tests.ingest.small_corpus import make_settings


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "corpus").mkdir()
    return tmp_path / "corpus"


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.build.sandboxed_reading.run_in_child", lambda read, file, limits: read(file))  # noqa: ARG005
