import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import pytest

from ingest.__main__ import main
from tests.ingest.small_corpus import PLAN, REPORT, make_corpus

TABLE = (
    "# 指標\n\n## 達成状況\n\n| 指標 | 目標値 |\n|---|---|\n| 講座 | 1,500人 |\n| 窓口 | 825時間減 |\n\n※令和4年度末\n"
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def built_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("commands")
    make_corpus(folder / "corpus", plan=PLAN, report=REPORT + TABLE)
    with chdir(folder):
        assert main(["build"]) == 0
    return folder


@pytest.fixture
def home(built_home: Path, tmp_path: Path) -> Iterator[Path]:
    shutil.copytree(built_home / "var", tmp_path / "var")
    with chdir(tmp_path):
        yield tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    capsys.readouterr()

    def run_command(*arguments: str) -> tuple[int, str, str]:
        assert Path.cwd() == home
        try:
            status = main(arguments)
        except SystemExit as ended:
            status = int(ended.code or 0)
        return status, *capsys.readouterr()

    return run_command


def as_json(result: tuple[int, str, str]) -> Any:
    status, out, err = result
    assert status == 0
    assert err == ""
    return json.loads(out)


def ids(run: Run) -> list[str]:
    return [document["id"] for document in as_json(run("list", "--json"))]


def test_build_prints_its_counts_as_json(run: Run, built_home: Path) -> None:
    report = as_json(run("build", "--corpus", str(built_home / "corpus"), "--json"))
    assert report["documents"] == 2
    assert report["changed"] is False
    assert report["warnings"] == []
    assert "変わった文書はありません" in run("build", "--corpus", str(built_home / "corpus"))[1]


def test_show_prints_sections_tables_and_passages(run: Run) -> None:
    shown = as_json(run("show", "report", "--json", "--passages"))
    assert [section["title"] for section in shown["sections"]] == ["報告", "指標"]
    (table,) = shown["tables"]
    assert table["columns"] == ["指標", "目標値"]
    assert table["rows"][0] == {"指標": "講座", "目標値": "1,500人"}
    assert table["notes"] == ["※令和4年度末"]
    assert any("1,655人" in passage["text"] for passage in shown["passages"])
    assert "passages" not in as_json(run("show", "report", "--json"))


def test_an_added_document_is_kept_by_later_builds(run: Run, built_home: Path, home: Path) -> None:
    (home / "notice.md").write_text("# お知らせ\n\n窓口は休みです。\n", encoding="utf-8")
    report = as_json(run("add", "notice.md", "--kind", "notice", "--period", "2026-04-01", "2027-03-31", "--json"))
    assert report["added"] == ["notice"]
    assert report["documents"] == 3
    assert report["read"] == 1
    run("build", "--corpus", str(built_home / "corpus"))
    added = as_json(run("list", "--json"))[-1]
    assert added["id"] == "notice"
    assert added["title"] == "お知らせ"
    assert added["kind"] == "notice"
    assert added["added"] is True
    assert added["period"] == ["2026-04-01", "2027-03-31"]


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        (None, [], "new.md"),
        (b"\0\1", [], "new.md"),
        (b"text", ["--published", "2026-13"], "--published"),
        (b"text", ["--id", "New"], "--id"),
        (b"text", ["--supersedes", "new"], "supersedes"),
    ],
    ids=["missing", "binary", "month 13", "bad id", "supersedes itself"],
)
def test_a_failed_addition_changes_nothing(
    run: Run, home: Path, content: bytes | None, options: list[str], message: str
) -> None:
    (home / "kept.md").write_text("# 前\n\n前からある文です。", encoding="utf-8")
    run("add", "kept.md")
    if content is not None:
        (home / "new.md").write_bytes(content)
    status, out, err = run("add", "new.md", *options)
    assert status == 2
    assert out == ""
    assert err.startswith("エラー: ")
    assert message in err
    assert ids(run) == ["plan", "report", "kept"]
    assert [path.name for path in (home / "var" / "added").rglob("*.*")] == ["kept.md"]


def test_adding_to_a_damaged_index_is_refused(run: Run, home: Path) -> None:
    (generation,) = (home / "var" / "generations").iterdir()
    (generation / "generation.json").unlink()
    (home / "a.md").write_text("# 一\n\n文です。\n", encoding="utf-8")
    status, _, err = run("add", "a.md")
    assert status == 2
    assert "python -m ingest build" in err
    assert not list((home / "var").glob("added/*"))


def test_a_removed_document_is_deleted_if_it_was_added(run: Run, home: Path) -> None:
    (home / "a.md").write_text("# 一\n\n文です。\n", encoding="utf-8")
    run("add", "a.md")
    assert as_json(run("remove", "a", "--json"))["returning"] == []
    assert ids(run) == ["plan", "report"]
    assert not list((home / "var").glob("added/*"))


def test_a_removed_corpus_document_returns_with_the_next_build(run: Run, built_home: Path, home: Path) -> None:
    status, out, _ = run("remove", "report")
    assert status == 0
    assert "python -m ingest build" in out
    (home / "a.md").write_text("# 一\n\n文です。\n", encoding="utf-8")
    run("add", "a.md")
    assert ids(run) == ["plan", "a"]
    run("build", "--corpus", str(built_home / "corpus"))
    assert ids(run) == ["plan", "report", "a"]


@pytest.mark.parametrize("command", [["remove", "plan", "unknown"], ["show", "unknown"]])
def test_the_error_for_an_unknown_id_names_it(run: Run, command: list[str]) -> None:
    status, out, err = run(*command)
    assert status == 2
    assert out == ""
    assert "「unknown」" in err
    assert "python -m ingest list" in err
    assert ids(run) == ["plan", "report"]


def test_check_reports_every_problem(run: Run, built_home: Path, home: Path) -> None:
    corpus = shutil.copytree(built_home / "corpus", home / "corpus")
    (corpus / "report.md").write_bytes(b"\0\1\2")
    (corpus / "extra.md").write_text("文です。", encoding="utf-8")
    with (corpus / "manifest.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('[[document]]\nfile = "none.md"\nid = "None"\ntitle = ""\n')
    status, out, err = run("check", "--json")
    found = json.loads(out)
    assert status == 2
    assert err == ""
    assert len(found["problems"]) == 4
    assert {problem["file"] for problem in found["problems"]} == {"corpus/manifest.toml"}
    assert sorted(problem["line"] for problem in found["problems"]) == [6, 11, 12, 13]
    assert len(found["warnings"]) == 1
    assert run("check")[1].count("×") == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "命令 を指定してください。"),
        (["show"], "ID を指定してください。"),
        (["add", "a.md", "--period", "2026-04-01"], "値を二つ"),
        (["add", "a.md", "--kind", "report"], "「report」は使えません"),
        (["build", "--ful"], "「--ful」という指定はありません"),
    ],
)
def test_wrong_use_is_reported_in_japanese(run: Run, arguments: list[str], message: str) -> None:
    status, out, err = run(*arguments)
    assert status == 2
    assert out == ""
    assert message in err


def test_the_error_for_an_invalid_setting_names_it(home: Path) -> None:
    environment = {**os.environ, "SHIRUBE_PORT": "many", "PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-m", "ingest", "list"]
    done = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("エラー: ")
    assert "SHIRUBE_PORT" in done.stderr
