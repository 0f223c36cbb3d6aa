import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bot.__main__ import main
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, open_encoder
from ingest.errors import IngestError
from tests.bot.answer_assertions import DOCUMENTS
from tests.conftest import ROOT
from tests.tiny_gguf import TEMPLATE, container
from tests.tiny_models import plain_encoder

NAME = "maker/small-gguf/small-q4.gguf"
_CHAT_MODEL = container({"tokenizer.chat_template": TEMPLATE}, {"output.weight": np.ones(64, np.float32)})
CONTENT = _CHAT_MODEL + os.urandom(13_000_000)

# What would keep the command from the hub of the test: a proxy, and what other tests set for models of their own.
_LEFT_OUT = {"http_proxy", "all_proxy", "hf_hub_offline"}
_AT_A_TERMINAL = {"TQDM_POSITION": "-1"}  # the progress bar is drawn, though nobody looks


def announce(content: bytes) -> dict[str, str]:
    return {"X-Linked-Size": str(len(content)), "X-Linked-ETag": f'"{sha256(content).hexdigest()}"'}


class Hub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.gives = CONTENT
        self.announced = announce(CONTENT)
        self.is_away = False
        self.status: int | None = None
        self.error = ""
        self.asked: list[tuple[str, str]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def store(self) -> str:
        return f"http://localhost:{self.server_address[1]}/store/small-q4.gguf"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_HEAD(self) -> None:
        self._noted()
        if self.server.status:
            return self._answer(self.server.status, {"X-Error-Code": self.server.error})
        if not self.path.startswith("/maker/small-gguf/resolve/"):
            return self._answer(404, {"X-Error-Code": "RepoNotFound"})
        found = {"X-Repo-Commit": "c" * 40, "ETag": '"pointer"', "Location": self.server.store}
        return self._answer(302, found | self.server.announced)

    def do_GET(self) -> None:
        self._noted()
        if self.path.startswith("/maker/"):
            return self._answer(302, {"Location": self.server.store})
        self.close_connection = True
        self._begin(200, {"Content-Length": str(len(self.server.gives)), "Connection": "close"})
        self.wfile.write(self.server.gives)
        return None

    def _noted(self) -> None:
        self.server.asked.append((self.command, self.path))

    def _answer(self, status: int, headers: dict[str, str]) -> None:
        self._begin(status, {**headers, "Content-Length": "0"})

    def _begin(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield running
        running.shutdown()


def get(folder: Path, endpoint: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    free = {name: value for name, value in os.environ.items() if name.lower() not in _LEFT_OUT}
    return subprocess.run(
        [sys.executable, "-m", "bot", "model", "get", *arguments],
        cwd=folder,
        env={**free, "PYTHONPATH": str(ROOT), "HF_ENDPOINT": endpoint, "HF_HOME": str(folder / "hf"), **_AT_A_TERMINAL},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_model_is_fetched_checked_and_configured(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# 市役所の設定\nSHIRUBE_PORT=8100\nSHIRUBE_LLM_GGUF=old.gguf\nOTHER='a b'")
    done = get(tmp_path, hub.url, NAME, "--yes")
    assert done.returncode == 0, done.stderr
    file = tmp_path / "var" / "models" / "small-q4.gguf"
    assert file.read_bytes() == CONTENT
    assert Settings(_env_file=tmp_path / ".env").llm_gguf == file
    lines = (tmp_path / ".env").read_text().splitlines()
    assert lines[:2] == ["# 市役所の設定", "SHIRUBE_PORT=8100"]
    assert lines[3] == "OTHER='a b'"
    assert "ライセンス: " in done.stdout
    assert "100%" in done.stderr
    again = get(tmp_path, hub.url, NAME, "--yes")
    assert again.returncode == 0
    assert [path for command, path in hub.asked if command == "GET"].count("/store/small-q4.gguf") == 1


INVALID = b"<html>" + bytes(1000)
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "no consent": ({}, (NAME,), ("--yes",)),
    "a changed file": ({"gives": CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])}, (NAME, "--yes"), ("SHA-256",)),
    "no model": ({"gives": INVALID, "announced": announce(INVALID)}, (NAME, "--yes"), ("GGUF",)),
    "no such file": ({}, ("maker/other/x.gguf", "--yes"), ("配布元にありません",)),
    "gated": ({"status": 403, "error": "GatedRepo"}, (NAME, "--yes"), ("HF_TOKEN",)),
    "in trouble": ({"status": 500}, (NAME, "--yes"), ("500",)),
    "a full disk": ({"announced": announce(CONTENT) | {"X-Linked-Size": str(2**60)}}, (NAME, "--yes"), ("空き",)),
    "an unknown name": ({}, ("best",), ("qwen3-4b", "持ち主/リポジトリ")),
    "no network": ({"is_away": True}, (NAME, "--yes"), ("HTTPS_PROXY", "HF_ENDPOINT", "--file")),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_used_is_explained_and_not_kept(
    hub: Hub, tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    behaviour, arguments, told = REFUSED[case]
    vars(hub).update(behaviour)
    monkeypatch.chdir(tmp_path)
    routes = ("http://127.0.0.1:9" if hub.is_away else hub.url) + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", routes)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setenv("NO_PROXY", "*")
    assert main(["model", "get", *arguments]) == 2
    printed = capsys.readouterr().err
    assert all(words in printed for words in told)
    assert list((tmp_path / "var" / "models").glob("*.gguf")) == []
    assert not (tmp_path / ".env").exists()


TEXTS = "".join(path.read_text("utf-8") for path in DOCUMENTS.glob("*.md")) + "クエリ検索文書: query passage"


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_encoder(tmp_path_factory.mktemp("plain") / "encoder", TEXTS)


def opened(folder: Path, **said: str) -> Encoder:
    return open_encoder(Settings(_env_file=None, encoder=str(folder), **said))  # type: ignore[arg-type]


def test_a_plain_folder_gives_the_mean_of_its_tokens(plain: Path) -> None:
    encoder = opened(plain)
    vectors = encoder.encode_documents(["計画の期間", "本部"])
    assert vectors.shape == (2, encoder.dimension) == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(encoder.encode_query("本部"), vectors[1], atol=1e-4)


def test_code_in_a_folder_is_not_run(plain: Path, tmp_path: Path) -> None:
    folder, trace = tmp_path / "foreign", tmp_path / "ran"
    folder.mkdir()
    for file in plain.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"model_type": "foreign", "auto_map": {"AutoConfig": "code.Config", "AutoModel": "code.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code.py").write_text(f"open({str(trace)!r}, 'w')\n")
    with pytest.raises(IngestError, match="SHIRUBE_ENCODER"):
        opened(folder)
    assert not trace.exists()
