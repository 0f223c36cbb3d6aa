"""Tests of the `account` command."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.bot.auth.inner import PASSWORD

Run = Callable[..., tuple[object, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def run(*arguments: str, password: str = "") -> tuple[object, str, str]:
        monkeypatch.setattr("sys.stdin", StringIO(password))
        try:
            status: object = main(["account", *arguments, "--data", str(tmp_path)])
        except SystemExit as ended:
            status = ended.code
        return status, *capsys.readouterr()

    return run


def test_accounts_are_added_listed_and_removed(run: Run) -> None:
    assert "アカウントはまだありません" in run("list")[1]
    made = run("add", "安奈", "--role", "tester", password=PASSWORD + "\n")
    assert made[:2] == (0, "試験者「安奈」のアカウントを作りました。/signin で使えます。\n")
    assert json.loads(run("list", "--json")[1]) == [{"name": "安奈", "role": "tester"}]
    assert run("remove", "安奈")[0] == 0
    status, printed, error = run("remove", "安奈")
    assert (status, printed) == (2, "")
    assert "「安奈」のアカウントはありません" in error


@pytest.mark.parametrize(
    ("arguments", "password", "told"),
    [
        (("add", "安奈"), "short\n", "パスワードは10文字以上"),
        (("add", "安奈"), "", "パスワードは10文字以上"),
        (("add", "  "), PASSWORD, "名前は1〜40文字"),
        (("add", "安奈", "--role", "mayor"), PASSWORD, "使えるもの"),
        ((), "", "使い方は"),
    ],
)
def test_invalid_account_is_refused(run: Run, arguments: tuple[str, ...], password: str, told: str) -> None:
    status, _, error = run(*arguments, password=password)
    assert status == 2
    assert told in error
