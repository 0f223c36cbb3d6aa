"""Tests of the checks of `doctor` and of the remedies that it names."""

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from rich.console import Console

from bot.auth import SignIn
from bot.cli.doctor import Check, Report, run_checks
from bot.cli.terminal import show_report
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.generation import new_generation_name
from ingest.index.index import current_name
from tests.bot.storage.test_copying import office_records
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
        ("embed_origins", "サイトへの埋め込み", "SHIRUBE_EMBED_ORIGINS"),
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
    assert report.checks[-1].name == "AIアシスタント（MCP）"


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


def test_damaged_index_is_reported_with_its_substitute(indexed: Settings) -> None:
    assert check(indexed, "索引").well
    before = current_name(indexed)
    damaged = build(indexed, [indexed.corpus], full=True).name
    (indexed.data / "generations" / damaged / "vectors.npy").write_bytes(b"")
    told = check(indexed, "索引")
    assert not told.well
    for said in (damaged, "vectors.npy", f"前の索引「{before}」", "`python -m ingest build`"):
        assert said in told.mend
    build(indexed, [indexed.corpus])
    assert check(indexed, "索引").well


def test_no_intact_index_is_reported(indexed: Settings) -> None:
    (indexed.data / "generations" / str(current_name(indexed)) / "passages.jsonl").write_bytes(b"")
    assert "質問に答えられません" in check(indexed, "索引").mend


def test_changed_documents_are_reported(indexed: Settings) -> None:
    assert check(indexed, "文書").well
    (indexed.corpus / "plan.md").write_text("# 計画\n\n期間は5年です。\n", "utf-8")
    (indexed.corpus / "new.md").write_text("# お知らせ\n\n窓口が変わります。\n", "utf-8")
    told = check(indexed, "文書")
    assert not told.well
    assert "new、plan" in told.mend
    assert "python -m ingest build" in told.mend


def test_a_corpus_problem_is_reported_with_its_location(indexed: Settings) -> None:
    (indexed.corpus / "plan.md").unlink()
    told = check(indexed, "文書")
    assert not told.well
    assert "manifest.toml" in told.mend
    assert "python -m ingest check" in told.mend


def test_a_skipped_document_is_reported(indexed: Settings) -> None:
    (indexed.corpus / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    build(indexed, [indexed.corpus])
    told = check(indexed, "文書")
    assert not told.well
    assert "broken.pdf" in told.mend
    assert "python -m ingest check" in told.mend


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
        embed_origins="https://www.city.example.jp",
        mcp=True,
    )
    assert check(settings, "窓口の案内").found == "市民課 電話、毎日 0:00〜24:00、いまは受付中、色は既定"
    assert check(settings, "サイトへの埋め込み").found == "https://www.city.example.jp"
    assert "/mcp も開きます" in check(settings, "MCP").found


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
    assert "bot records copy" in found[2].mend
