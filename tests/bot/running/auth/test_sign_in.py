import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from bot.__main__ import main
from bot.channels.sign_in.sign_in_routes import local_path
from bot.errors import AccountError
from bot.running.auth.person import SignedInPerson
from bot.running.auth.sessions import NAME
from bot.running.auth.sign_in import SignIn
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from tests.bot.running.auth.inner import PASSWORD, browser, door_app, sign_in_of


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    return door_app(tmp_path)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return browser(app)


@pytest.fixture
def with_account(app: FastAPI) -> FastAPI:
    sign_in_of(app).accounts.add("安奈", PASSWORD, "tester")
    return app


def use_start_token(client: TestClient, **form: str) -> Response:
    return client.post("/signin", data=form)


@pytest.mark.usefixtures("with_account")
def test_sign_in_redirects_to_the_requested_page(client: TestClient) -> None:
    assert 'name="onward" value="/inner/?q=1"' in client.get("/signin?next=%2Finner%2F%3Fq%3D1").text
    sent = use_start_token(client, name="安奈", password=PASSWORD, onward="/inner/?q=1")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/inner/?q=1"
    assert client.get("/inner/me").json() == "安奈 tester"
    assert "安奈さんとしてサインインしています" in client.get("/signin").text


def test_user_name_is_normalised(with_account: FastAPI, client: TestClient) -> None:
    sign_in_of(with_account).accounts.add("T12", PASSWORD, "staff")
    assert use_start_token(client, name=" Ｔ１２　", password=PASSWORD).headers["location"] == "/staff/"


@pytest.mark.parametrize(("name", "password"), [("安奈", PASSWORD + "x"), ("安奈", ""), ("誰か", PASSWORD), ("", "")])
@pytest.mark.usefixtures("with_account")
def test_sign_in_error_does_not_reveal_the_field(client: TestClient, name: str, password: str) -> None:
    refused = use_start_token(client, name=name, password=password, onward="/inner/")
    assert refused.status_code == 403
    assert "名前かパスワードが違います" in refused.text
    assert f'value="{name}"' in refused.text
    assert NAME not in client.cookies


def test_failed_sign_ins_are_limited_for_an_address(with_account: FastAPI) -> None:
    for _ in range(30):
        assert use_start_token(browser(with_account), name="安奈", password=PASSWORD).status_code == 303
    guesses = [{"name": f"名前{number}", "password": "wrong"} for number in range(40)]
    guesses += [{"name": "安奈", "token": "wrong"}] * 20
    assert {use_start_token(browser(with_account), **guess).status_code for guess in guesses} == {403}
    refused = use_start_token(browser(with_account), name="安奈", password=PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 900
    assert "待って" in refused.text
    elsewhere = TestClient(with_account, client=("192.0.2.9", 1), follow_redirects=False)
    assert use_start_token(elsewhere, name="安奈", password=PASSWORD).status_code == 303


def test_a_session_ends_when_its_browser_signs_in_again(with_account: FastAPI, client: TestClient) -> None:
    use_start_token(client, name="安奈", password=PASSWORD)
    before = client.cookies[NAME]
    use_start_token(client, name="安奈", password=PASSWORD)
    assert client.cookies[NAME] != before
    assert sign_in_of(with_account).sessions.find(before) is None


def test_cookie_has_security_attributes(with_account: FastAPI) -> None:
    plain = use_start_token(browser(with_account), name="安奈", password=PASSWORD).headers["set-cookie"]
    secure = TestClient(with_account, base_url="https://testserver", follow_redirects=False)
    over_https = use_start_token(secure, name="安奈", password=PASSWORD).headers["set-cookie"]
    for told in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert told in plain
        assert told in over_https
    assert "Secure" not in plain
    assert "Secure" in over_https


def test_database_contains_no_secret(with_account: FastAPI, client: TestClient, tmp_path: Path) -> None:
    token = sign_in_of(with_account).renew_start_token() or ""
    use_start_token(client, name="安奈", password=PASSWORD)
    with connect(tmp_path / "shirube.sqlite") as database:
        dumped = "\n".join(database.iterdump())
    database.close()
    assert "安奈" in dumped
    assert not [secret for secret in (PASSWORD, client.cookies[NAME], token) if secret and secret in dumped]


@pytest.mark.usefixtures("with_account")
def test_sign_out_invalidates_the_session(client: TestClient) -> None:
    use_start_token(client, name="安奈", password=PASSWORD)
    secret = client.cookies[NAME]
    assert client.post("/signout").headers["location"] == "/signin"
    assert NAME not in client.cookies
    client.cookies[NAME] = secret
    assert client.get("/inner/").status_code == 303


@pytest.mark.usefixtures("with_account")
def test_the_audit_log_has_sign_ins_failures_and_sign_outs_without_a_password(
    client: TestClient, tmp_path: Path
) -> None:
    use_start_token(client, name="安奈", password="ひみつの合言葉1")
    use_start_token(client, name="安奈", password=PASSWORD)
    client.post("/signout")
    events = list(read_events(Settings(_env_file=None, data=tmp_path)))
    assert [(event.by, event.action) for event in events] == [
        ("安奈", "sign-in-failed"),
        ("安奈", "sign-in"),
        ("安奈", "sign-out"),
    ]
    assert all("testclient" in event.detail for event in events)
    assert "ひみつ" not in (tmp_path / "audit.jsonl").read_text("utf-8")


@pytest.mark.usefixtures("with_account")
def test_a_log_that_cannot_be_written_keeps_nobody_out(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").mkdir()
    assert use_start_token(client, name="安奈", password=PASSWORD).status_code == 303


@pytest.mark.usefixtures("with_account")
def test_cross_site_sign_in_and_out_is_refused(client: TestClient) -> None:
    form = {"name": "安奈", "password": PASSWORD}
    for path in ("/signin", "/signout"):
        assert client.post(path, data=form, headers={"origin": "https://evil.example"}).status_code == 403


def test_removed_account_loses_its_session(with_account: FastAPI, client: TestClient) -> None:
    use_start_token(client, name="安奈", password=PASSWORD)
    sign_in_of(with_account).accounts.remove("安奈")
    assert client.get("/inner/").status_code == 303


def test_start_token_works_until_the_first_account(app: FastAPI, client: TestClient) -> None:
    token = sign_in_of(app).renew_start_token()
    assert token
    assert f'name="token" value="{token}"' in client.get(f"/signin?token={token}").text
    assert use_start_token(client, token=token, name="採点1").headers["location"] == "/staff/"
    assert client.get("/inner/me").json() == "採点1 editor"
    unused = sign_in_of(app).renew_start_token() or ""
    sign_in_of(app).accounts.add("安奈", PASSWORD, "staff")
    assert use_start_token(browser(app), token=unused, name="採点2").status_code == 403
    assert sign_in_of(app).renew_start_token() is None


def test_start_link_works_once(app: FastAPI, client: TestClient) -> None:
    token = sign_in_of(app).renew_start_token() or ""
    assert use_start_token(client, token=token, name="").status_code == 422
    assert use_start_token(client, token=token, name="採点1").status_code == 303
    refused = use_start_token(browser(app), token=token, name="採点2")
    assert refused.status_code == 403
    assert "使えるのは一度だけ" in refused.text


def test_start_token_of_an_earlier_start_is_void(app: FastAPI, client: TestClient, tmp_path: Path) -> None:
    old = sign_in_of(door_app(tmp_path)).renew_start_token() or ""
    new = sign_in_of(app).renew_start_token() or ""
    link = client.get(f"/signin?token={old}")
    assert link.status_code == 403
    assert "このリンクは使えません" in link.text
    assert old not in link.text
    assert use_start_token(client, token=old, name="採点1").status_code == 403
    assert use_start_token(client, token=new, name="採点1").status_code == 303


def test_first_account_ends_start_link_sessions(app: FastAPI, client: TestClient) -> None:
    other = browser(app)
    use_start_token(client, token=sign_in_of(app).renew_start_token() or "", name="採点1")
    use_start_token(other, token=sign_in_of(app).renew_start_token() or "", name="安奈")
    sign_in_of(app).accounts.add("安奈", PASSWORD, "tester")
    assert [one.get("/inner/").status_code for one in (client, other)] == [303, 303]
    use_start_token(client, name="安奈", password=PASSWORD)
    sign_in_of(app).accounts.add("次郎", PASSWORD, "tester")
    assert client.get("/inner/me").json() == "安奈 tester"


@pytest.mark.parametrize("name", ["", " ", "あ" * 41, "a\x00b"])
def test_start_token_requires_a_name(app: FastAPI, client: TestClient, name: str) -> None:
    refused = use_start_token(client, token=sign_in_of(app).renew_start_token() or "", name=name)
    assert refused.status_code == 422
    assert "名前は1〜40文字" in refused.text


@pytest.mark.parametrize(
    "onward",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\/evil.example/",
        "/x\r\nset-cookie: a=b",
        "/\t/evil.example/",
        "javascript:alert(1)",
        "inner/",
        "",
    ],
)
@pytest.mark.usefixtures("with_account")
def test_redirect_never_leaves_the_server(client: TestClient, onward: str) -> None:
    assert 'name="onward" value=""' in client.get("/signin", params={"next": onward}).text
    assert use_start_token(client, name="安奈", password=PASSWORD, onward=onward).headers["location"] == "/workbench/"


@given(st.text(alphabet="/\\.:@ \t\n%ahtps", max_size=12))
def test_local_path_starts_with_one_slash(onward: str) -> None:
    assert re.fullmatch(r"(/([^/\\\s][^\\\s]*)?)?", local_path(onward))


@pytest.mark.usefixtures("with_account")
def test_typed_name_is_escaped(client: TestClient) -> None:
    refused = use_start_token(client, name='"><script>alert(1)</script>', password="wrong")
    assert "<script>alert" not in refused.text
    policy = refused.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def opened(data: Path) -> SignIn:
    return SignIn(Settings(_env_file=None, data=data))


def test_changed_role_takes_effect_without_sign_in(with_account: FastAPI) -> None:
    client = browser(with_account)
    client.post("/signin", data={"name": "安奈", "password": PASSWORD})
    sign_in_of(with_account).accounts.change("安奈", "admin")
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


def test_names_of_accounts_and_keys_are_unique(with_account: FastAPI) -> None:
    sign_in = sign_in_of(with_account)
    with pytest.raises(AccountError, match="account remove 安奈"):
        sign_in.accounts.add("安奈", "x" * 10, "staff")
    assert sign_in.accounts.person("安奈", PASSWORD)
    sign_in.keys.add("集計", frozenset({"ask"}), 5)
    with pytest.raises(AccountError, match="もうあります"):
        sign_in.keys.add(" 集計", frozenset({"ask"}), 5)
    with pytest.raises(AccountError, match="ありません"):
        sign_in.accounts.change("誰か", "admin")


def test_key_has_its_own_rate_limit(with_account: FastAPI) -> None:
    key = sign_in_of(with_account).keys.add("集計", frozenset({"ask"}), 2)
    program = TestClient(with_account, headers={"authorization": f"Bearer {key}"})
    asked = [program.post("/api/chat", json={"question": "期間は?"}).status_code for _ in range(3)]
    assert asked == [200, 200, 429]
    assert TestClient(with_account).post("/api/chat", json={"question": "期間は?"}).status_code == 200


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
        (("add", "安奈"), "x" * 1001, "パスワードは10文字以上"),
        (("add", "  "), PASSWORD, "名前は1〜40文字"),
        (("add", "安奈", "--role", "mayor"), PASSWORD, "使えるもの"),
        ((), "", "使い方は"),
    ],
)
def test_invalid_account_is_refused(run: Run, arguments: tuple[str, ...], password: str, told: str) -> None:
    status, _, error = run(*arguments, password=password)
    assert status == 2
    assert told in error
