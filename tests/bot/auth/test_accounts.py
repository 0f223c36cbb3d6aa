"""Tests of accounts and their command."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.__main__ import main
from bot.auth import SignedInPerson, SignIn
from bot.auth.sessions import NAME
from bot.errors import AccountError
from bot.http.limits import RateLimits
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from tests.bot.auth.inner import PASSWORD, browser, door_app, sign_in_of


def opened(data: Path) -> SignIn:
    return SignIn(Settings(_env_file=None, data=data))


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    app = door_app(tmp_path)
    sign_in_of(app).accounts.add("安奈", PASSWORD, "staff")
    return app


def test_failed_sign_ins_delay_only_their_address(tmp_path: Path) -> None:
    sign_in = opened(tmp_path)
    attempts = sign_in.attempts(RateLimits(Settings(_env_file=None, data=tmp_path)))
    assert [attempts.wait_s("192.0.2.1", "安奈") for _ in range(5)] == [0] * 5
    waits = []
    for _ in range(4):
        waits.append(attempts.wait_s("192.0.2.1", " 安奈　"))
        _let_pass(tmp_path)
        assert attempts.wait_s("192.0.2.1", "安奈") == 0
    assert [round(wait) for wait in waits] == [1, 2, 4, 8]
    assert attempts.wait_s("192.0.2.9", "安奈") == 0
    attempts.record_success("192.0.2.9", "安奈")
    assert attempts.wait_s("192.0.2.1", "安奈") > 8
    attempts.record_success("192.0.2.1", "安奈")
    assert attempts.wait_s("192.0.2.1", "安奈") == 0


def _let_pass(data: Path) -> None:
    with connect(data / "shirube.sqlite") as database:
        now = datetime.now(UTC).replace(tzinfo=None)
        database.execute("UPDATE sign_in_failures SET until = ?", (now.isoformat(" "),))
    database.close()


def test_sessions_can_be_listed_and_ended(app: FastAPI) -> None:
    here, elsewhere, stranger = browser(app), browser(app), browser(app)
    for client, name in ((here, "安奈"), (elsewhere, "安奈")):
        client.post(
            "/signin", data={"name": name, "password": PASSWORD}, headers={"user-agent": f"Browser {id(client)}"}
        )
    stranger.cookies[NAME] = sign_in_of(app).sessions.begin(SignedInPerson("次郎", "admin"))
    shown = here.get("/signin").text
    assert f"Browser {id(elsewhere)}" in shown
    assert f"Browser {id(here)}" not in shown
    session = shown.partition('name="session" value="')[2].partition('"')[0]
    for wrong in (session[:-1], "%", "安奈"):
        here.post("/signout", data={"session": wrong})
    stranger.post("/signout", data={"session": session})
    assert elsewhere.get("/inner/me").status_code == 200
    here.post("/signout", data={"session": session})
    assert [one.get("/inner/me").status_code for one in (elsewhere, here, stranger)] == [303, 200, 200]


def test_changed_role_takes_effect_without_sign_in(app: FastAPI) -> None:
    client = browser(app)
    client.post("/signin", data={"name": "安奈", "password": PASSWORD})
    sign_in_of(app).accounts.change("安奈", "admin")
    assert client.get("/inner/me").json() == "安奈 admin"


def test_sessions_and_keys_are_managed_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(tmp_path))
    secret = opened(tmp_path).sessions.begin(SignedInPerson("安奈", "staff"), timedelta(hours=1))
    (listed,) = printed_records(capsys, "account", "sessions", "--json", *data)
    assert listed["person"] == {"name": "安奈", "role": "staff"}
    assert secret not in str(listed)
    assert main(["account", "revoke", listed["id"], *data]) == 0
    assert opened(tmp_path).sessions.find(secret) is None
    assert main(["account", "revoke", "安奈", *data]) == 2
    capsys.readouterr()
    assert main(["key", "add", "集計", "--scope", "ask", "export", "--per-minute", "5", *data]) == 0
    key = capsys.readouterr().out.strip()
    (kept_key,) = printed_records(capsys, "key", "list", "--json", *data)
    assert kept_key["scopes"] == ["ask", "export"]
    assert kept_key["per_minute"] == 5
    assert key not in str(kept_key)
    assert main(["key", "revoke", "集計", *data]) == 0
    assert opened(tmp_path).keys.find(key) is None
    assert [act.action for act in read_events(Settings(_env_file=None, data=tmp_path))] == ["session", "key", "key"]


def printed_records(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    capsys.readouterr()
    assert main(list(arguments)) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_names_of_accounts_and_keys_are_unique(tmp_path: Path) -> None:
    sign_in = opened(tmp_path)
    sign_in.keys.add("集計", frozenset({"ask"}), 5)
    with pytest.raises(AccountError, match="もうあります"):
        sign_in.keys.add(" 集計", frozenset({"ask"}), 5)
    with pytest.raises(AccountError, match="ありません"):
        sign_in.accounts.change("誰か", "admin")


def test_key_has_its_own_rate_limit(app: FastAPI) -> None:
    key = sign_in_of(app).keys.add("集計", frozenset({"ask"}), 2)
    program, citizen = (TestClient(app, headers=headers) for headers in ({"authorization": f"Bearer {key}"}, {}))
    asked = [program.post("/api/chat", json={"question": "期間は?"}).status_code for _ in range(3)]
    assert asked == [200, 200, 429]
    assert citizen.post("/api/chat", json={"question": "期間は?"}).status_code == 200


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
