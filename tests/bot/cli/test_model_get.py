"""Tests of the download of a local model, with the real client against a small hub on this machine."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from ingest.configuration.settings import Settings
from tests.conftest import ROOT
from tests.tiny_gguf import TEMPLATE, container

# The client writes ten mebibytes at a time.
WRITTEN = 10 * 2**20
NAME = "maker/small-gguf/small-q4.gguf"
_CHAT_MODEL = container({"tokenizer.chat_template": TEMPLATE}, {"output.weight": np.ones(64, np.float32)})
CONTENT = _CHAT_MODEL + os.urandom(13_000_000)

# What would keep the command from the hub of the test: a proxy, and what other tests set for models of their own.
_LEFT_OUT = {"http_proxy", "all_proxy", "hf_hub_offline"}
_AT_A_TERMINAL = {"TQDM_POSITION": "-1"}  # the progress bar is drawn, though nobody looks


class Hub(ThreadingHTTPServer):
    """Has one file; `announced` is what it says of it, `gives` what it sends, `breaks_at` where it hangs up, once."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.gives = CONTENT
        self.announced = {"X-Linked-Size": str(len(CONTENT)), "X-Linked-ETag": f'"{sha256(CONTENT).hexdigest()}"'}
        self.breaks_at: int | None = None
        self.breaks_for_good = False
        self.status: int | None = None
        self.error = ""
        self.asked: list[tuple[str, str, str | None]] = []

    @property
    def url(self) -> str:
        """The value for HF_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def store(self) -> str:
        """Return the address of the file, which is on another host, as with a real hub."""
        return f"http://localhost:{self.server_address[1]}/store/small-q4.gguf"


class Handler(BaseHTTPRequestHandler):
    """The two routes that a fetch needs: the file's place, and the store that it leads to."""

    protocol_version = "HTTP/1.1"
    server: Hub

    def do_HEAD(self) -> None:
        """Respond with the headers and the address of the file."""
        self._noted()
        if self.server.status:
            return self._answer(self.server.status, {"X-Error-Code": self.server.error})
        if not self.path.startswith("/maker/small-gguf/resolve/"):
            return self._answer(404, {"X-Error-Code": "RepoNotFound"})
        found = {"X-Repo-Commit": "c" * 40, "ETag": '"pointer"', "Location": self.server.store}
        return self._answer(302, found | self.server.announced)

    def do_GET(self) -> None:
        """Send the file, or the rest of it."""
        self._noted()
        if self.path.startswith("/maker/"):
            return self._answer(302, {"Location": self.server.store})
        start = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").split("-")[0])
        body, self.close_connection = self.server.gives[start:], True
        if start and self.server.breaks_for_good:
            return self._answer(503, {})
        headers = {"Content-Length": str(len(body)), "Accept-Ranges": "bytes", "Connection": "close"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(self.server.gives) - 1}/{len(self.server.gives)}"
        self._begin(206 if start else 200, headers)
        self.wfile.write(body[: self.server.breaks_at])
        self.server.breaks_at = None
        return None

    def _noted(self) -> None:
        self.server.asked.append((self.command, self.path, self.headers["Range"]))

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
    """Yield a running hub."""
    with Hub() as running:
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield running
        running.shutdown()


def get(folder: Path, endpoint: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run `python -m bot model get` in an empty folder, as a user does."""
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


def in_env(folder: Path) -> Path | None:
    return Settings(_env_file=folder / ".env").llm_gguf


def test_a_model_is_fetched_checked_and_configured(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# 市役所の設定\nSHIRUBE_PORT=8100\nSHIRUBE_LLM_GGUF=old.gguf\nOTHER='a b'")
    done = get(tmp_path, hub.url, NAME, "--yes")
    assert done.returncode == 0, done.stderr
    file = tmp_path / "var" / "models" / "small-q4.gguf"
    assert file.read_bytes() == CONTENT
    assert in_env(tmp_path) == file
    assert [p.name for p in file.parent.iterdir()] == [file.name]
    lines = (tmp_path / ".env").read_text().splitlines()
    assert lines[:2] == ["# 市役所の設定", "SHIRUBE_PORT=8100"]
    assert lines[3] == "OTHER='a b'"
    assert "ライセンス: " in done.stdout
    assert "100%" in done.stderr
    again = get(tmp_path, hub.url, NAME, "--yes")
    assert again.returncode == 0
    assert [path for command, path, _ in hub.asked if command == "GET"].count("/store/small-q4.gguf") == 1


def test_nothing_is_fetched_without_consent(hub: Hub, tmp_path: Path) -> None:
    done = get(tmp_path, hub.url, NAME)
    assert done.returncode == 2
    assert "ライセンス: " in done.stdout
    assert "--yes" in done.stderr
    assert not any(command == "GET" for command, _, _ in hub.asked)
    assert not (tmp_path / ".env").exists()


def test_a_failed_download_is_resumed(hub: Hub, tmp_path: Path) -> None:
    hub.breaks_at, hub.breaks_for_good = WRITTEN + 1000, True
    done = get(tmp_path, hub.url, NAME, "--yes")
    assert done.returncode == 2
    assert "続きから" in done.stderr
    hub.breaks_for_good = False
    hub.asked.clear()
    assert get(tmp_path, hub.url, NAME, "--yes").returncode == 0
    assert [wanted for command, path, wanted in hub.asked if path.startswith("/store/")] == [f"bytes={WRITTEN}-"]
    assert (tmp_path / "var" / "models" / "small-q4.gguf").read_bytes() == CONTENT


@pytest.mark.parametrize("given", [(), ("--sha256", "0" * 64)], ids=["the hub's", "ours"])
def test_a_changed_file_is_not_kept(hub: Hub, tmp_path: Path, given: tuple[str, ...]) -> None:
    if not given:
        hub.gives = CONTENT[:-1] + bytes([CONTENT[-1] ^ 1])
    done = get(tmp_path, hub.url, NAME, "--yes", *given)
    assert done.returncode == 2
    assert "SHA-256" in done.stderr
    assert list((tmp_path / "var" / "models").iterdir()) == []
    assert not (tmp_path / ".env").exists()


def test_an_invalid_model_file_is_not_configured(hub: Hub, tmp_path: Path) -> None:
    hub.gives = b"<html>" + bytes(1000)
    hub.announced = {"X-Linked-Size": "1006", "X-Linked-ETag": f'"{sha256(hub.gives).hexdigest()}"'}
    done = get(tmp_path, hub.url, NAME, "--yes")
    assert done.returncode == 2
    assert "GGUF（版 2 か 3）" in done.stderr
    assert not (tmp_path / ".env").exists()


TOLD = {
    "no such file": (None, "", "maker/other/x.gguf", "配布元にありません"),
    "gated": (403, "GatedRepo", NAME, "HF_TOKEN"),
    "in trouble": (500, "", NAME, "HTTP 500"),
}


@pytest.mark.parametrize("case", TOLD)
def test_errors_of_the_hub_are_explained(hub: Hub, tmp_path: Path, case: str) -> None:
    hub.status, hub.error, name, told = TOLD[case]
    done = get(tmp_path, hub.url, name, "--yes")
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_hub_without_checksums_is_refused(hub: Hub, tmp_path: Path) -> None:
    del hub.announced["X-Linked-ETag"]
    done = get(tmp_path, hub.url, NAME, "--yes")
    assert "--sha256" in done.stderr
    assert get(tmp_path, hub.url, NAME, "--yes", "--sha256", sha256(CONTENT).hexdigest()).returncode == 0


def test_a_full_disk_is_reported_before_the_download(hub: Hub, tmp_path: Path) -> None:
    hub.announced["X-Linked-Size"] = str(2**60)
    done = get(tmp_path, hub.url, NAME, "--yes")
    assert "ディスクの空き" in done.stderr
    assert not any(command == "GET" for command, _, _ in hub.asked)


def test_alternatives_are_named_without_a_network(tmp_path: Path) -> None:
    done = get(tmp_path, "http://127.0.0.1:9", NAME, "--yes")
    assert done.returncode == 2
    assert all(told in done.stderr for told in ("HTTPS_PROXY", "HF_ENDPOINT", "--file"))
    assert "Traceback" not in done.stderr


def test_a_local_file_is_configured_in_its_place(tmp_path: Path) -> None:
    file = tmp_path / "運んだ model.gguf"
    file.write_bytes(_CHAT_MODEL)
    done = get(tmp_path, "http://127.0.0.1:9", "--file", file.name)
    assert done.returncode == 0, done.stderr
    assert in_env(tmp_path) == file
    (tmp_path / "page.gguf").write_text("<html>")
    assert "GGUF" in get(tmp_path, "http://127.0.0.1:9", "--file", "page.gguf").stderr
    assert in_env(tmp_path) == file


def test_the_error_for_an_unknown_name_lists_known_models(tmp_path: Path) -> None:
    done = get(tmp_path, "http://127.0.0.1:9", "best")
    assert done.returncode == 2
    assert "qwen3-4b" in done.stderr
    assert "持ち主/リポジトリ" in done.stderr
