"""What the terminal has to do with signing in: the link of the start, and the accounts."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.bot.running import Running, account
from tests.bot.sign_in.inner import PASSWORD
from tests.conftest import without_records

pytestmark = pytest.mark.server


@contextmanager
def running(corpus_data: Path, data: Path) -> Iterator[Running]:
    """Yield a server over a copy of the corpus."""
    if not data.exists():
        without_records(corpus_data, data)
    server = Running("--port", "0", "--data", data)
    try:
        yield server
    finally:
        server.end()


def link(server: Running) -> str:
    """Return the address that the terminal shows for staff."""
    assert server.process.stdout
    found = re.search(r"http://\S+/signin\?token=\S+", server.process.stdout.readline())
    assert found
    return found[0]


def test_the_link_of_the_terminal_signs_in(corpus_data: Path, tmp_path: Path) -> None:
    """Without any account, whoever sees the terminal opens its link, gives a name and is in."""
    with (
        running(corpus_data, tmp_path / "data") as server,
        httpx2.Client(trust_env=False, timeout=60, follow_redirects=True) as client,
    ):
        shown = link(server)
        assert "名前" in client.get(shown).text
        client.post(f"{server.url}/signin", data={"name": "採点1", "token": shown.partition("token=")[2]})
        assert "採点1さんとしてサインインしています" in client.get(f"{server.url}/signin").text


def test_accounts_are_made_listed_and_removed(tmp_path: Path) -> None:
    """`account` asks for a name, a role and a password; what it lists has no password in it."""
    assert "アカウントはまだありません" in account(tmp_path, "list").stdout
    made = account(tmp_path, "add", "安奈", "--role", "tester", password=PASSWORD + "\n")
    assert (made.returncode, made.stdout) == (0, "試験者「安奈」のアカウントを作りました。/signin で使えます。\n")
    assert json.loads(account(tmp_path, "list", "--json").stdout) == [{"name": "安奈", "role": "tester"}]
    assert account(tmp_path, "remove", "安奈").returncode == 0
    again = account(tmp_path, "remove", "安奈")
    assert (again.returncode, again.stdout) == (2, "")
    assert "「安奈」のアカウントはありません" in again.stderr


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
def test_what_cannot_be_an_account_is_told(
    tmp_path: Path, arguments: tuple[str, ...], password: str, told: str
) -> None:
    """Wrong use ends with 2 and says what to do."""
    refused = account(tmp_path, *arguments, password=password)
    assert refused.returncode == 2
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr


def test_with_an_account_the_terminal_shows_no_link(corpus_data: Path, tmp_path: Path) -> None:
    """Passwords then are the only way in."""
    data = without_records(corpus_data, tmp_path / "data")
    account(data, "add", "安奈", password=PASSWORD)
    with running(corpus_data, data) as server:
        assert server.process.stdout
        server.process.terminate()
        assert "token" not in server.announced + server.process.stdout.read()
