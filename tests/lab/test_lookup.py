import sys
from pathlib import Path

import pytest

from eval.__main__ import main
from tests.eval.eval_command import evaluate_here


def test_eval_has_the_commands_of_lab(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("retrieval", "pages", "reading", "reading-pages", "verification", "speed"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert f"python -m eval {command} " in capsys.readouterr().out


def test_without_lab_such_a_command_says_where_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lab", None)
    ended = evaluate_here("retrieval", "--beir", "x", folder=tmp_path)
    assert ended.returncode == 2
    assert "git で取得したフォルダー" in ended.stderr
