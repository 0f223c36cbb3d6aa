"""What doctor finds, and how it says to mend it."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.console.doctor import Check, Report, examine
from bot.console.terminal import show_report
from ingest.settings import Settings


class Models(BaseHTTPRequestHandler):
    """Lists models to who has the key."""

    def do_GET(self) -> None:
        """Answer."""
        known = self.path == "/v1/models" and self.headers["Authorization"] == "Bearer hunter2"
        self.send_response(200 if known else 401)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def models() -> Iterator[str]:
    """Yield the address of a running model server."""
    server = HTTPServer(("127.0.0.1", 0), Models)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def check(settings: Settings, name: str) -> Check:
    """Return what was found under this name."""
    (found,) = (one for one in examine(settings).checks if name in one.name)
    return found


def printed(report: Report) -> str:
    """Return the report as a terminal shows it."""
    console = Console(width=80, record=True, file=StringIO())
    show_report(console, report)
    return console.export_text()


def test_without_an_index_doctor_says_how_to_build_one(tmp_path: Path) -> None:
    """A fresh data folder is well, the missing index is not, and the mending is named."""
    report = examine(Settings(_env_file=None, data=tmp_path / "fresh"))
    assert not report.well
    assert [one.name for one in report.checks if not one.well] == ["索引"]
    assert "python -m ingest build" in printed(report)
    assert not (tmp_path / "fresh").exists()


def test_secrets_are_shown_as_dots(tmp_path: Path) -> None:
    """Neither keys nor passwords within addresses appear, in print or in JSON."""
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        llm_api_key="hunter2",
        database_url=f"sqlite:///{tmp_path}/hunter2.sqlite",
        chroma_url="http://me:hunter2@127.0.0.1:1",
        llm_base_url="http://me:hunter2@127.0.0.1:1/v1",
        llm_2_base_url="http://me:hunter2@127.0.0.1:1/v1",
        llm_2_api_key="hunter2",
        llm_3_api_key="hunter2",
    )
    report = examine(settings)
    for shown in (printed(report), str(report.to_dict())):
        assert "hunter2" not in shown
        assert "••••" in shown


def test_settings_tell_whether_they_were_changed(tmp_path: Path) -> None:
    """Each setting is listed by its variable, with its value and whether that is the default."""
    settings = {one.name: one for one in examine(Settings(_env_file=None, data=tmp_path, port=81)).settings}
    assert (settings["SHIRUBE_PORT"].shown, settings["SHIRUBE_PORT"].changed) == ("81", True)
    assert (settings["SHIRUBE_HOST"].shown, settings["SHIRUBE_HOST"].changed) == ("127.0.0.1", False)
    assert set(settings) == {f"SHIRUBE_{name.upper()}" for name in Settings.model_fields}
    assert all(one.description for one in settings.values())


def test_a_model_that_answers_is_well(tmp_path: Path, models: str) -> None:
    """The configured model server is asked with the configured key."""
    settings = Settings(_env_file=None, data=tmp_path, llm_base_url=models, llm_api_key="hunter2")
    assert check(settings, "言語モデル").well
    refused = check(settings.model_copy(update={"llm_api_key": None}), "言語モデル")
    assert not refused.well
    assert "SHIRUBE_LLM_API_KEY" in refused.mend


def test_each_of_several_models_is_tried(tmp_path: Path, models: str) -> None:
    """All are shown in their order; the one that cannot be asked is named by its own settings."""
    values: dict[str, Any] = {
        "llm_base_url": models,
        "llm_api_key": "hunter2",
        "llm_model": "大きい",
        "llm_3_base_url": models,
    }
    settings = Settings(_env_file=None, data=tmp_path, llm_3_model="小さい", llm_3_api_key="hunter2", **values)
    assert check(settings, "言語モデル").found == f"{models}（大きい） → {models}（小さい）"
    refused = check(settings.model_copy(update={"llm_3_api_key": None}), "言語モデル")
    assert "SHIRUBE_LLM_3_API_KEY" in refused.mend
    assert "hunter2" not in refused.mend


def test_a_local_model_that_is_missing_is_told(tmp_path: Path) -> None:
    """The file that is not there is named with its setting."""
    missing = check(Settings(_env_file=None, data=tmp_path, llm_gguf=tmp_path / "none.gguf"), "言語モデル")
    assert not missing.well
    assert "SHIRUBE_LLM_GGUF" in missing.mend


def test_a_model_that_is_away_is_told(tmp_path: Path) -> None:
    """Where nobody listens the address is named as what to check, and that answers go on without."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        away = check(Settings(_env_file=None, data=tmp_path, llm_base_url=url), "言語モデル")
    assert not away.well
    assert "SHIRUBE_LLM_BASE_URL" in away.mend
    assert "抜き出し" in away.mend


@pytest.mark.parametrize(
    ("setting", "name", "hint"),
    [
        ("data", "データのフォルダー", "SHIRUBE_DATA"),
        ("database_url", "記録", "SHIRUBE_DATABASE_URL"),
    ],
)
def test_each_broken_setting_fails_its_own_check(setting: str, name: str, hint: str, tmp_path: Path) -> None:
    """A file as data folder, a database of no kind: each is named, and no check stops the next."""
    (tmp_path / "file").write_text("")
    broken = {"data": tmp_path / "file", "database_url": SecretStr("nodb://x")}
    settings = Settings(_env_file=None, data=tmp_path).model_copy(update={setting: broken[setting]})
    report = examine(settings)
    failed = {one.name: one.mend for one in report.checks if not one.well}
    assert hint in failed[name]
    assert len(report.checks) == 8
