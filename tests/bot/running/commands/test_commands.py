import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.__main__ import main

Fails = Callable[..., str]
ROOT = Path(__file__).resolve().parents[4]
HEAVY = ("torch", "gradio", "langchain_core", "langchain_openai", "sentence_transformers", "uvicorn", "fastapi")


@pytest.fixture
def fails(capsys: pytest.CaptureFixture[str]) -> Fails:
    def fails(*arguments: str | Path) -> str:
        try:
            status: object = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            status = ended.code
        printed = capsys.readouterr()
        assert (status, printed.out) == (2, "")
        assert printed.err.startswith("エラー: ")
        assert "Traceback" not in printed.err
        return printed.err

    return fails


def test_an_answer_is_printed_before_its_sources(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["ask", "金沢市DXアクションプラン2.0の計画期間は?", "--data", str(data)]) == 0
    printed = capsys.readouterr().out
    answer, sources = printed.split("\n出典:\n")
    assert "[1]" in answer
    assert "1.3. プランの期間" in sources
    assert "現行" in sources
    assert all(_columns(line.rstrip()) <= 80 for line in printed.splitlines())


def _columns(line: str) -> int:
    return sum(1 if letter.isascii() else 2 for letter in line)


@pytest.fixture(scope="module")
def run_ask(data: Path) -> subprocess.CompletedProcess[str]:
    script = "import sys; from bot.__main__ import main; main(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    command = [sys.executable, "-c", script, "ask", "金沢市DXアクションプラン2.0の計画期間は?", "--data", str(data)]
    return subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=True)


def test_json_output_is_only_the_object_of_the_api(run_ask: subprocess.CompletedProcess[str]) -> None:
    answer = json.loads(run_ask.stdout)
    assert answer["status"] == "answered"
    assert answer["citations"][0]["doc_id"] == "dx-action-plan-2.0"
    assert {"answer_id", "conversation_id", "question_understood", "suggestions", "timings_ms"} <= set(answer)


def test_asking_imports_no_heavy_library(run_ask: subprocess.CompletedProcess[str]) -> None:
    imported = set(run_ask.stderr.split())
    assert "bot.answering.pipeline" in imported
    assert not set(HEAVY) & imported


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["ask"], "質問 を指定してください"),
        (["search", "期間", "-k", "0"], "1〜1000 の整数"),
        (["search", "期間", "-k"], "-k の後に値"),
        (["ask", "期間", "--style", "loud"], "「loud」は使えません"),
        (["ask", "期間", "--as-of", "2026-02-30"], "「2026-02-30」は日付ではありません"),
        (["ask", "期間", "--jsno"], "「--jsno」という指定はありません"),
        (["serve", "--port", "99999"], "0〜65535 の整数"),
        (["sing"], "「sing」は使えません"),
        ([], "命令 を指定してください"),
    ],
)
def test_usage_errors_are_in_japanese(arguments: list[str], complaint: str, fails: Fails) -> None:
    told = fails(*arguments)
    assert complaint in told
    assert "--help" in told


def test_undecodable_bytes_are_refused(data: Path, fails: Fails) -> None:
    assert "UTF-8" in fails("ask", os.fsdecode("期間は?".encode("shift_jis")), "--data", data)


@pytest.mark.parametrize("command", ["ask", "search"])
def test_without_an_index_the_error_names_the_build_command(command: str, tmp_path: Path, fails: Fails) -> None:
    assert "python -m ingest build" in fails(command, "期間は?", "--data", tmp_path / "none")


def test_an_unusable_data_folder_is_reported(tmp_path: Path, fails: Fails) -> None:
    (tmp_path / "file").write_text("")
    assert "書き込める" in fails("ask", "期間は?", "--data", tmp_path / "file")


def test_help_comes_at_once_and_in_japanese() -> None:
    script = "import sys; import bot.__main__ as program; print(program.line.parser.format_help()); print(*sys.modules)"
    printed = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert printed.startswith("使い方: ")
    for command in ("serve", "ask", "search", "doctor"):
        assert command in printed
    assert not {"numpy", "pydantic", "rich", *HEAVY} & set(printed.split())
