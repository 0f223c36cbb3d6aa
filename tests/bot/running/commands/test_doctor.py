import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from rich.console import Console

from bot.__main__ import main
from bot.running.commands import doctor
from bot.running.commands.doctor import Check, Report, run_checks
from bot.running.commands.terminal import show_report
from bot.running.storage.database import database_url
from bot.running.storage.record_store import Store
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import DamagedIndexError, StorageError
from ingest.index.generation import current_name, generation_folder, new_generation_name
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer
from tests.bot.running.storage.test_record_store import answer, turn

pytest_plugins = ["tests.bot.city_index"]


def check(settings: Settings, name: str) -> Check:
    checks = [one for one in run_checks(settings).checks if name in one.name]
    return next((one for one in checks if one.name == name), checks[0])


def printed(report: Report) -> str:
    console = Console(width=80, record=True, file=StringIO())
    show_report(console, report)
    return console.export_text()


def test_secrets_are_shown_as_dots(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        database_url=f"sqlite:///{tmp_path}/hunter2.sqlite",
        chroma_url="http://me:hunter2@127.0.0.1:1",
        llm=[{"base_url": "http://me:hunter2@127.0.0.1:1/v1", "api_key": "hunter2"}],
    )
    report = run_checks(settings)
    for shown in (printed(report), str(report.to_dict())):
        assert "hunter2" not in shown
        assert "••••" in shown


@pytest.fixture
def indexed(tmp_path: Path) -> Settings:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "plan.md").write_text("# 計画\n\n期間は4年です。\n", "utf-8")
    (corpus / "manifest.toml").write_text(
        '[[document]]\nfile = "plan.md"\nid = "plan"\ntitle = "計画"\nkind = "plan"\n'
    )
    settings = Settings(_env_file=None, data=tmp_path / "data", corpus=corpus)
    build(settings, [corpus])
    return settings


def test_damaged_index_is_reported(indexed: Settings) -> None:
    assert check(indexed, "索引").well
    damaged = str(current_name(indexed))
    (indexed.data / "generations" / damaged / "arrays.npz").write_bytes(b"")
    told = check(indexed, "索引")
    assert not told.well
    for said in (damaged, "arrays.npz", "`python -m ingest build`"):
        assert said in told.mend
    build(indexed, [indexed.corpus])
    assert check(indexed, "索引").well


def test_a_disk_too_full_for_another_index_is_reported(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path)
    assert check(settings, "ディスク").well
    folder = tmp_path / "generations" / new_generation_name()
    folder.mkdir(parents=True)
    (tmp_path / "current").write_text(folder.name)
    with (folder / "vectors.npy").open("wb") as sparse:
        sparse.truncate(shutil.disk_usage(tmp_path).free + 1)
    told = check(settings, "ディスク")
    assert not told.well
    assert "以上を空けてください" in told.mend


@pytest.fixture
def own_settings(own_data: Path) -> Settings:
    return Settings(_env_file=None, data=own_data)


def test_deep_checks_pass_and_leave_no_records(own_settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--deep", "--json", "--data", str(own_settings.data)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {one["name"] for one in report["checks"] if one["well"]} >= {name for name, *_ in doctor.DEEP_CHECKS}
    with closing(sqlite3.connect(own_settings.data / "shirube.sqlite")) as records:
        assert records.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
        assert records.execute("SELECT count(*) FROM turns").fetchone() == (0,)


def test_one_altered_byte_of_the_index_is_found(own_settings: Settings) -> None:
    file = generation_folder(own_settings.data, current_name(own_settings) or "") / "words.json"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedIndexError, match="ingest build"):
        doctor.check_index_files(own_settings)


def test_a_damaged_database_is_found(own_settings: Settings) -> None:
    with closing(Store(database_url(own_settings))) as store:
        store.record(turn(), answer(number := uuid4().hex))
    file = own_settings.data / "shirube.sqlite"
    with closing(sqlite3.connect(file)) as records:
        records.execute("PRAGMA journal_mode = DELETE")
    file.write_bytes(file.read_bytes().replace(number.encode(), number[:-1].encode() + b"#", 1))
    with pytest.raises(StorageError, match="壊れています"):
        doctor.check_database(own_settings)


Start = Callable[[Behaviour], ModelServer]


def check_model(data: Path, *models: dict[str, Any], **values: Any) -> Check:
    report = run_checks(Settings(_env_file=None, data=data, llm=models, **values))
    (found,) = (one for one in report.checks if one.name == "言語モデル")
    return found


def test_a_model_that_answers_passes_with_its_figures(tmp_path: Path, model_server: Start) -> None:
    model = model_server(server.reads_first(delay_s=0.1, pause_s=0.01))
    found = check_model(tmp_path, {"base_url": model.url, "context": 8192, "model": "m"})
    assert found.well, found.mend
    assert re.fullmatch(
        rf"{model.url}（m、"
        r"資料をいっぱいに渡して（[67],\d{3} トークン）\d\.\d 秒で答える）",
        found.found,
    )
    assert sum(server.task(request) == "answer" for request in model.requests) == 1


def last_characters(text: str) -> str:
    return text[-3000:]


PROBLEMS: dict[str, tuple[Behaviour, tuple[str, ...]]] = {
    "forgets the first passage": (
        server.reads_first(last_characters),
        ("正しく答えられません", "OLLAMA_CONTEXT_LENGTH", "SHIRUBE_LLM__番号__CONTEXT"),
    ),
    "forgets the first passage, and counts all": (
        server.reads_first(last_characters, tokens=(16000, 30)),
        ("正しく答えられません", "16,000 トークン", "SHIRUBE_LLM__番号__CONTEXT"),
    ),
    "hangs": (server.hangs, ("時間内に答えませんでした", "SHIRUBE_LLM_TIMEOUT_S")),
    "answers something else": (
        server.says('{"status": "answered", "sentences": [], "choices": []}'),
        ("正しく答えられません", "ほかのモデル"),
    ),
    "sends a page": (server.answers("<html>", "text/html"), ("SHIRUBE_LLM__1__BASE_URL", "抜き出し")),
}


@pytest.mark.parametrize(("behaviour", "told"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_each_problem_has_a_remedy(
    tmp_path: Path, model_server: Start, behaviour: Behaviour, told: tuple[str, ...]
) -> None:
    config = {"base_url": model_server(behaviour).url}
    found = check_model(tmp_path, config, llm_timeout_s=1 if "時間内" in told[0] else 60)
    assert not found.well
    assert all(one in found.mend for one in told), found.mend
