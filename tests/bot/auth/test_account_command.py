"""Tests of the `account` command."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from bot.__main__ import main
from tests.bot.auth.inner import PASSWORD
from tests.bot.server_process import account

pytestmark = pytest.mark.server


def test_accounts_are_added_listed_and_removed(tmp_path: Path) -> None:
    assert "アカウントはまだありません" in account(tmp_path, "list").stdout
    made = account(tmp_path, "add", "安奈", "--role", "tester", password=PASSWORD + "\n")
    assert made.returncode == 0
    assert made.stdout == "試験者「安奈」のアカウントを作りました。/signin で使えます。\n"
    assert json.loads(account(tmp_path, "list", "--json").stdout) == [{"name": "安奈", "role": "tester"}]
    assert account(tmp_path, "remove", "安奈").returncode == 0
    again = account(tmp_path, "remove", "安奈")
    assert again.returncode == 2
    assert again.stdout == ""
    assert "「安奈」のアカウントはありません" in again.stderr


@pytest.mark.parametrize(
    "wrong",
    [
        (("add", "安奈"), "short\n", "パスワードは10文字以上"),
        (("add", "安奈"), "", "パスワードは10文字以上"),
        (("add", "  "), PASSWORD, "名前は1〜40文字"),
        (("add", "安奈", "--role", "mayor"), PASSWORD, "使えるもの"),
        ((), "", "使い方は"),
    ],
)
def test_invalid_account_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, wrong: tuple[Any, str, str]
) -> None:
    arguments, password, told = wrong
    monkeypatch.setattr("sys.stdin", StringIO(password))
    try:
        status: object = main(["account", *arguments, "--data", str(tmp_path)])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert told in capsys.readouterr().err
