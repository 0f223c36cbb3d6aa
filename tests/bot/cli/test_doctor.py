"""Tests of the doctor."""

import json
import re
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.__main__ import main
from bot.auth import SignIn
from bot.cli import doctor, service_checks
from bot.cli.doctor import Check, Report, run_checks
from bot.cli.terminal import show_report
from bot.storage.database import database_url
from bot.storage.record_store import Store
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import DamagedIndexError, StorageError
from ingest.index.generation import current_name, generation_folder, new_generation_name
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer
from tests.bot.storage.test_record_store import answer, office_records, turn
from tests.conftest import without_records

pytest_plugins = ["tests.bot.city_index"]


def check(settings: Settings, name: str) -> Check:
    checks = [one for one in run_checks(settings).checks if name in one.name]
    return next((one for one in checks if one.name == name), checks[0])


def printed(report: Report) -> str:
    console = Console(width=80, record=True, file=StringIO())
    show_report(console, report)
    return console.export_text()


def test_doctor_says_how_to_build_a_missing_index(tmp_path: Path) -> None:
    report = run_checks(Settings(_env_file=None, data=tmp_path / "fresh"))
    assert not report.well
    assert [one.name for one in report.checks if not one.well] == ["索引"]
    assert "python -m ingest build" in printed(report)
    assert not (tmp_path / "fresh").exists()


def test_secrets_are_shown_as_dots(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        database_url=f"sqlite:///{tmp_path}/hunter2.sqlite",
        chroma_url="http://me:hunter2@127.0.0.1:1",
        llm=[{"base_url": "http://me:hunter2@127.0.0.1:1/v1", "api_key": "hunter2", "headers": "X-Key: hunter2"}],
    )
    report = run_checks(settings)
    for shown in (printed(report), str(report.to_dict())):
        assert "hunter2" not in shown
        assert "••••" in shown


def test_settings_are_listed_with_their_origin(tmp_path: Path) -> None:
    settings = {one.name: one for one in run_checks(Settings(_env_file=None, data=tmp_path, port=81)).settings}
    assert settings["SHIRUBE_PORT"].shown == "81"
    assert settings["SHIRUBE_PORT"].changed is True
    assert settings["SHIRUBE_HOST"].shown == "127.0.0.1"
    assert settings["SHIRUBE_HOST"].changed is False
    assert set(settings) == {f"SHIRUBE_{name.upper()}" for name in Settings.model_fields}
    assert all(one.description for one in settings.values())


@pytest.mark.parametrize(
    ("setting", "name", "hint"),
    [
        ("data", "データのフォルダー", "SHIRUBE_DATA"),
        ("database_url", "記録", "SHIRUBE_DATABASE_URL"),
        ("corpus", "文書", "文書フォルダーがありません"),
        ("opening_hours", "窓口の案内", "SHIRUBE_OPENING_HOURS"),
        ("accent_color", "窓口の案内", "SHIRUBE_ACCENT_COLOR"),
        ("embed_origins", "窓口の案内", "SHIRUBE_EMBED_ORIGINS"),
    ],
)
def test_each_invalid_setting_fails_its_own_check(setting: str, name: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    broken: dict[str, Any] = {
        "data": tmp_path / "file",
        "database_url": SecretStr("nodb://x"),
        "corpus": tmp_path / "none",
        "opening_hours": "いつも",
        "accent_color": "#ffff00",
        "embed_origins": "*",
    }
    settings = Settings(_env_file=None, data=tmp_path).model_copy(update={setting: broken[setting]})
    report = run_checks(settings)
    failed = {one.name: one.mend for one in report.checks if not one.well}
    assert hint in failed[name]
    assert report.checks[-1].name == "庁内の認証（OpenID Connect）"


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


@pytest.mark.parametrize(
    ("files", "is_built", "told"),
    [
        ({"plan.md": "# 計画\n\n期間は5年です。\n", "new.md": "# お知らせ\n"}, False, ("new、plan", "ingest build")),
        ({"plan.md": None}, False, ("manifest.toml", "ingest check")),
        ({"broken.pdf": "%PDF-1.7 broken"}, True, ("broken.pdf", "ingest check")),
    ],
)
def test_problems_of_documents_are_reported(
    indexed: Settings, files: dict[str, str | None], told: tuple[str, ...], *, is_built: bool
) -> None:
    assert check(indexed, "文書").well
    for name, text in files.items():
        (indexed.corpus / name).unlink() if text is None else (indexed.corpus / name).write_text(text, "utf-8")
    if is_built:
        build(indexed, [indexed.corpus])
    found = check(indexed, "文書")
    assert not found.well
    assert all(words in found.mend for words in told)


def test_an_index_without_its_documents_passes(indexed: Settings) -> None:
    indexed.corpus.rename(indexed.corpus.with_name("elsewhere"))
    told = check(indexed, "文書")
    assert told.well
    assert "1文書" in told.found


def test_the_office_settings_are_reported(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        contact="市民課 電話",
        opening_hours="毎日 0:00-24:00",
    )
    assert check(settings, "窓口の案内").found == "市民課 電話、毎日 0:00〜24:00、いまは受付中、色は既定"


def test_accounts_are_counted(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path)
    assert "python -m bot account add" in check(settings, "サインイン").found
    assert list(tmp_path.iterdir()) == []
    known = SignIn(settings)
    known.accounts.add("窓口", "a long enough password", "staff")
    known.close()
    assert check(settings, "サインイン").found == "アカウント 1件"


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


def test_each_office_of_a_service_is_checked(city_settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    offices = '[[tenant]]\nid = "hoshimi"\nissuers = "星見市"\n[[tenant]]\nid = "ashino"\nissuers = "葦野町"\n'
    file.write_text(offices, "utf-8")
    without_records(city_settings.data, tmp_path / "data" / "tenants" / "hoshimi")
    whole = Settings(_env_file=None, data=tmp_path / "data", tenants=file)
    found = {check.name: check for check in run_checks(whole).checks}
    assert found["役所"].well is True
    assert "hoshimi、ashino" in found["役所"].found
    assert [found[name].well for name in ("hoshimi 索引", "hoshimi 記録", "ashino 索引", "ashino 記録")] == [
        *(True, True, False, True)
    ]
    assert "索引" not in found
    file.write_text('[[tenant]]\nid = "ashino"\n', "utf-8")
    assert "issuers" in {check.name: check for check in run_checks(whole).checks}["役所"].mend


def test_an_unused_database_file_is_reported(tmp_path: Path) -> None:
    settings = office_records(tmp_path / "data")
    unused = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{tmp_path}/used.sqlite")})
    in_use = settings.model_copy(update={"database_url": SecretStr(f"sqlite:///{settings.data}/shirube.sqlite")})
    found = [
        next(check for check in run_checks(each).checks if check.name == "使っていないデータベース")
        for each in (settings, in_use, unused)
    ]
    assert [check.well for check in found] == [True, True, False]
    assert "回答 3件" in found[2].mend
    assert "bot restore" in found[2].mend


@pytest.fixture
def own_settings(corpus_data: Path, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=without_records(corpus_data, tmp_path / "data"))


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
        service_checks.check_index_files(own_settings)


def test_a_damaged_database_is_found(own_settings: Settings) -> None:
    with closing(Store(database_url(own_settings))) as store:
        store.record(turn(), answer(number := uuid4().hex))
    file = own_settings.data / "shirube.sqlite"
    with closing(sqlite3.connect(file)) as records:
        records.execute("PRAGMA journal_mode = DELETE")
    file.write_bytes(file.read_bytes().replace(number.encode(), number[:-1].encode() + b"#", 1))
    with pytest.raises(StorageError, match="壊れています"):
        service_checks.check_database(own_settings)


Start = Callable[[Behaviour], ModelServer]
MARKED = "見本町では、図書の返却箱の鍵を第三倉庫に保管しています[1]。"


def check_model(data: Path, *models: dict[str, Any], **values: Any) -> Check:
    report = run_checks(Settings(_env_file=None, data=data, llm=models, **values))
    (found,) = (one for one in report.checks if one.name == "言語モデル")
    return found


def with_key(handler: server.Handler, request: server.Request) -> None:
    known = handler.headers["Authorization"] == "Bearer hunter2"
    (server.reads_first() if known else server.refuses(401))(handler, request)


def test_a_model_that_answers_passes_with_its_figures(tmp_path: Path, model_server: Start) -> None:
    model = model_server(server.reads_first(delay_s=0.1, pause_s=0.01))
    found = check_model(tmp_path, {"base_url": model.url, "context": 8192, "model": "m"})
    assert found.well, found.mend
    assert re.fullmatch(
        rf"{model.url}（m、答えの形はJSON スキーマで指定、"
        r"資料をいっぱいに渡して（[67],\d{3} トークン）\d\.\d 秒で答える）",
        found.found,
    )
    assert sum(server.task(request) == "answer" for request in model.requests) == 1


def test_each_of_several_models_is_tried(tmp_path: Path, model_server: Start) -> None:
    url = model_server(with_key).url
    large, small = ({"base_url": url, "model": name, "api_key": "hunter2"} for name in ("大きい", "小さい"))
    assert re.search(r"大きい.* → .*小さい", check_model(tmp_path, large, small).found)
    refused = check_model(tmp_path, large, small | {"api_key": None})
    assert not refused.well
    assert "SHIRUBE_LLM__2__API_KEY" in refused.mend
    assert "hunter2" not in refused.mend


def test_a_server_that_ignores_the_schema_passes_with_a_hint(tmp_path: Path, model_server: Start) -> None:
    found = check_model(tmp_path, {"base_url": model_server(server.says(MARKED)).url})
    assert found.well
    assert "言葉で頼む" in found.found
    assert "JSON スキーマに従うサーバー" in found.found


def last_characters(text: str) -> str:
    return text[-3000:]


PROBLEMS: dict[str, tuple[Behaviour, tuple[str, ...]]] = {
    "forgets the first passage": (
        server.reads_first(last_characters),
        ("正しく答えられません", "OLLAMA_CONTEXT_LENGTH", "SHIRUBE_LLM__番号__CONTEXT"),
    ),
    "forgets the first passage, and counts all": (
        server.reads_first(last_characters, tokens=(16000, 30)),
        ("正しく答えられません", "16,000 トークン", "SHIRUBE_LLM__1__CONTEXT"),
    ),
    "counts few tokens": (
        server.reads_first(tokens=(400, 30)),
        ("一部しか読んでいません", "400 トークン", "OLLAMA_CONTEXT_LENGTH"),
    ),
    "hangs": (server.hangs, ("1 秒以内に答えません", "SHIRUBE_LLM_TIMEOUT_S")),
    "answers something else": (
        server.says('{"status": "answered", "sentences": [], "choices": [], "answer": "東京"}'),
        ("正しく答えられません", "ほかのモデル"),
    ),
    "sends a page": (server.answers("<html>", "text/html"), ("SHIRUBE_LLM__1__BASE_URL", "抜き出し")),
}


@pytest.mark.parametrize(("behaviour", "told"), PROBLEMS.values(), ids=PROBLEMS.keys())
def test_each_problem_has_a_remedy(
    tmp_path: Path, model_server: Start, behaviour: Behaviour, told: tuple[str, ...]
) -> None:
    config = {"base_url": model_server(behaviour).url, "structure": "json_schema"}
    found = check_model(tmp_path, config, llm_timeout_s=1 if "1 秒" in told[0] else 60)
    assert not found.well
    assert all(one in found.mend for one in told), found.mend


def test_an_unreachable_model_is_reported(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        away = check_model(tmp_path, {"base_url": url})
    assert not away.well
    assert "SHIRUBE_LLM__1__BASE_URL" in away.mend
    assert "抜き出し" in away.mend
