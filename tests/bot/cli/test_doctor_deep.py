"""Tests of the checks of `doctor --deep`."""

import json
import sqlite3
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from uuid import uuid4

import pytest

from bot.__main__ import main
from bot.cli import deep_checks, doctor
from bot.errors import BotError
from bot.storage.database import database_url
from bot.storage.record_store import Store
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from ingest.errors import DamagedIndexError, StorageError
from ingest.index.generation import current_name, generation_folder
from tests.bot.storage.test_record_store import answer, turn
from tests.conftest import without_records


@pytest.fixture
def own_settings(corpus_data: Path, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=without_records(corpus_data, tmp_path / "data"))


@contextmanager
def server_with_clock(date: str, certificate: Path | None = None) -> Iterator[int]:
    class Clock(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(200)
            self.send_header("Date", date)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Keep the test's output clean."""

    server = HTTPServer(("127.0.0.1", 0), Clock)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def test_deep_checks_pass_and_leave_no_records(own_settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--deep", "--json", "--data", str(own_settings.data)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in report["checks"] if one["well"]} >= {name for name, *_ in doctor.DEEP_CHECKS}
    with closing(sqlite3.connect(own_settings.data / "shirube.sqlite")) as records:
        assert records.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
        assert records.execute("SELECT count(*) FROM turns").fetchone() == (0,)


def test_one_altered_byte_of_the_index_is_found(own_settings: Settings) -> None:
    file = next((generation_folder(own_settings.data, current_name(own_settings) or "") / "originals").iterdir())
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedIndexError, match="ingest build"):
        deep_checks.check_index_files(own_settings)


def test_a_damaged_database_is_found(own_settings: Settings) -> None:
    with closing(Store(database_url(own_settings))) as store:
        store.record(turn(), answer(number := uuid4().hex))
    file = own_settings.data / "shirube.sqlite"
    with closing(sqlite3.connect(file)) as records:
        records.execute("PRAGMA journal_mode = DELETE")
    file.write_bytes(file.read_bytes().replace(number.encode(), number[:-1].encode() + b"#", 1))
    with pytest.raises(StorageError, match="壊れています"):
        deep_checks.check_database(own_settings)


def test_an_unreachable_server_is_named(own_settings: Settings) -> None:
    with server_with_clock("") as port:
        pass
    gone = own_settings.model_copy(update={"llm": (LanguageModel(base_url=f"http://me:hunter2@127.0.0.1:{port}/v1"),)})
    with pytest.raises(BotError, match="SHIRUBE_LLM__1__BASE_URL") as told:
        deep_checks.check_addresses(gone)
    assert "hunter2" not in str(told.value)


def test_an_untrusted_certificate_is_reported(own_settings: Settings, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*made, "-keyout", both, "-out", tmp_path / "cert.pem"], check=True, capture_output=True)
    both.write_bytes(both.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    with (
        server_with_clock("", both) as port,
        pytest.raises(BotError, match="証明書を信頼できません"),
    ):
        deep_checks.check_addresses(
            own_settings.model_copy(update={"llm": (LanguageModel(base_url=f"https://localhost:{port}/v1"),)})
        )


def test_a_wrong_clock_is_reported(own_settings: Settings) -> None:
    with server_with_clock("Sat, 01 Jan 2000 00:00:00 GMT") as port, pytest.raises(BotError, match="NTP"):
        deep_checks.check_clock(own_settings.model_copy(update={"chroma_url": f"http://127.0.0.1:{port}"}))
    assert "UTC" in deep_checks.check_clock(own_settings)
