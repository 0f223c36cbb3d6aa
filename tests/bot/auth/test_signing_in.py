"""Coming and going: the sign-in page, passwords, the start token."""

import re
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from hypothesis import given
from hypothesis import strategies as st

from bot.auth.cookie import NAME
from bot.auth.routes import local_path
from bot.errors import AccountError
from tests.bot.auth.inner import PASSWORD, browser, door_app, sign_in_of


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


def come(client: TestClient, **form: str) -> Response:
    return client.post("/signin", data=form)


@pytest.mark.usefixtures("with_account")
def test_name_and_password_open_the_page_that_was_wanted(client: TestClient) -> None:
    """After signing in the way goes on where it was meant to go."""
    assert 'name="onward" value="/inner/?q=1"' in client.get("/signin?next=%2Finner%2F%3Fq%3D1").text
    sent = come(client, name="安奈", password=PASSWORD, onward="/inner/?q=1")
    assert (sent.status_code, sent.headers["location"]) == (303, "/inner/?q=1")
    assert client.get("/inner/me").json() == "安奈 tester"
    assert "安奈さんとしてサインインしています" in client.get("/signin").text


def test_a_name_is_the_same_however_it_is_typed(with_account: FastAPI, client: TestClient) -> None:
    """Spaces around it and the input method's width make no difference."""
    sign_in_of(with_account).accounts.add("T12", PASSWORD, "staff")
    assert come(client, name=" Ｔ１２　", password=PASSWORD).headers["location"] == "/staff/"


@pytest.mark.parametrize(("name", "password"), [("安奈", PASSWORD + "x"), ("安奈", ""), ("誰か", PASSWORD), ("", "")])
@pytest.mark.usefixtures("with_account")
def test_a_wrong_name_or_password_does_not_tell_which(client: TestClient, name: str, password: str) -> None:
    """What is wrong opens nothing, and the same is said of either; the name stays to be mended."""
    refused = come(client, name=name, password=password, onward="/inner/")
    assert refused.status_code == 403
    assert "名前かパスワードが違います" in refused.text
    assert f'value="{name}"' in refused.text
    assert NAME not in client.cookies


@pytest.mark.usefixtures("with_account")
def test_passwords_cannot_be_tried_out(client: TestClient) -> None:
    """After some attempts in a minute even the right one has to wait."""
    assert 429 in {come(client, name="安奈", password="wrong").status_code for _ in range(25)}
    refused = come(client, name="安奈", password=PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) > 0
    assert "待って" in refused.text


@pytest.mark.usefixtures("with_account")
def test_a_clock_that_was_wrong_locks_nobody_out(client: TestClient, tmp_path: Path) -> None:
    """A wait that was written while the clock was ahead does not hold once it is right."""
    assert 429 in {come(client, name="安奈", password="wrong").status_code for _ in range(25)}
    with closing(connect(tmp_path / "shirube.sqlite")) as records, records:
        records.execute("update sign_in_failures set until = datetime(until, '+400 days')")
    assert come(client, name="安奈", password=PASSWORD).status_code == 303


def test_an_office_behind_one_address_is_not_locked_out(with_account: FastAPI) -> None:
    """Who is right is not counted, and who mistypes locks only that name out."""
    for _ in range(12):
        assert come(browser(with_account), name="安奈", password=PASSWORD).status_code == 303
    sign_in_of(with_account).accounts.add("次郎", PASSWORD, "staff")
    assert 429 in {come(browser(with_account), name=" 安奈　", password="wrong").status_code for _ in range(25)}
    assert come(browser(with_account), name="次郎", password=PASSWORD).status_code == 303


def test_many_names_cannot_be_tried_from_one_address(client: TestClient) -> None:
    """Whatever names are tried, an address has to wait after so many that were wrong."""
    answers = [come(client, token="wrong", name=f"名前{number}").status_code for number in range(75)]
    assert (answers[59], answers[-1]) == (403, 429)


def test_the_cookie_is_for_this_server_alone(with_account: FastAPI) -> None:
    """No script reads the cookie, no other site's form sends it, and over https it stays there."""
    plain = come(browser(with_account), name="安奈", password=PASSWORD).headers["set-cookie"]
    secure = TestClient(with_account, base_url="https://testserver", follow_redirects=False)
    over_https = come(secure, name="安奈", password=PASSWORD).headers["set-cookie"]
    for told in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"):
        assert told in plain
        assert told in over_https
    assert "Secure" not in plain
    assert "Secure" in over_https


def test_no_secret_stands_in_the_records(with_account: FastAPI, client: TestClient, tmp_path: Path) -> None:
    """Neither passwords nor sessions nor start tokens can be read out of the database."""
    token = sign_in_of(with_account).start() or ""
    come(client, name="安奈", password=PASSWORD)
    with connect(tmp_path / "shirube.sqlite") as database:
        dumped = "\n".join(database.iterdump())
    database.close()
    assert "安奈" in dumped
    assert not [secret for secret in (PASSWORD, client.cookies[NAME], token) if secret and secret in dumped]


@pytest.mark.usefixtures("with_account")
def test_signing_out_ends_the_session(client: TestClient) -> None:
    """Not only the browser forgets it: the cookie that it had opens nothing any more."""
    come(client, name="安奈", password=PASSWORD)
    secret = client.cookies[NAME]
    assert client.post("/signout").headers["location"] == "/signin"
    assert NAME not in client.cookies
    client.cookies[NAME] = secret
    assert client.get("/inner/").status_code == 303


@pytest.mark.usefixtures("with_account")
def test_other_sites_sign_nobody_in_or_out(client: TestClient) -> None:
    """A form on another site is refused."""
    form = {"name": "安奈", "password": PASSWORD}
    for path in ("/signin", "/signout"):
        assert client.post(path, data=form, headers={"origin": "https://evil.example"}).status_code == 403


def test_a_removed_account_is_out_at_once(with_account: FastAPI, client: TestClient) -> None:
    """Who has no account any more has no session either."""
    come(client, name="安奈", password=PASSWORD)
    sign_in_of(with_account).accounts.remove("安奈")
    assert client.get("/inner/").status_code == 303


def test_the_start_token_opens_while_there_is_no_account(app: FastAPI, client: TestClient) -> None:
    """Whoever has the link of the terminal gives a name and is in; with the first account the link is void."""
    token = sign_in_of(app).start()
    assert token
    assert f'name="token" value="{token}"' in client.get(f"/signin?token={token}").text
    assert come(client, token=token, name="採点1").headers["location"] == "/staff/"
    assert client.get("/inner/me").json() == "採点1 editor"
    sign_in_of(app).accounts.add("安奈", PASSWORD, "staff")
    assert come(browser(app), token=token, name="採点2").status_code == 403
    assert sign_in_of(app).start() is None


def test_the_token_of_an_earlier_start_is_void(app: FastAPI, client: TestClient) -> None:
    """Each start makes a new one; the page tells so, and does not offer the void one again."""
    old, new = sign_in_of(app).start(), sign_in_of(app).start()
    assert old
    assert new
    link = client.get(f"/signin?token={old}")
    assert (link.status_code, "このリンクは使えません" in link.text, old in link.text) == (403, True, False)
    refused = come(client, token=old, name="採点1")
    assert refused.status_code == 403
    assert "このリンクは使えません" in refused.text
    assert old not in refused.text
    assert come(client, token=new, name="採点1").status_code == 303


def test_a_link_that_was_void_stays_so(app: FastAPI, client: TestClient) -> None:
    """With the accounts removed again, the link of an earlier start does not come back."""
    sign_in = sign_in_of(app)
    token = sign_in.start() or ""
    sign_in.accounts.add("安奈", PASSWORD, "staff")
    sign_in.accounts.remove("安奈")
    assert come(client, token=token, name="採点1").status_code == 403


def test_the_first_account_ends_the_sessions_of_the_link(app: FastAPI, client: TestClient) -> None:
    """Who came in by the link is out as soon as there are accounts, also under the name of the account."""
    other, token = browser(app), sign_in_of(app).start() or ""
    come(client, token=token, name="採点1")
    come(other, token=token, name="安奈")
    sign_in_of(app).accounts.add("安奈", PASSWORD, "tester")
    assert [one.get("/inner/").status_code for one in (client, other)] == [303, 303]
    come(client, name="安奈", password=PASSWORD)
    sign_in_of(app).accounts.add("次郎", PASSWORD, "tester")
    assert client.get("/inner/me").json() == "安奈 tester"


@pytest.mark.parametrize("name", ["", " ", "あ" * 41, "a\x00b"])
def test_a_token_asks_for_a_name(app: FastAPI, client: TestClient, name: str) -> None:
    """Without a name that can be shown, scorers could not be told apart."""
    refused = come(client, token=sign_in_of(app).start() or "", name=name)
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
def test_the_way_on_never_leaves_the_server(client: TestClient, onward: str) -> None:
    """An address elsewhere is dropped, from the link and from the form."""
    assert 'name="onward" value=""' in client.get("/signin", params={"next": onward}).text
    assert come(client, name="安奈", password=PASSWORD, onward=onward).headers["location"] == "/workbench/"


@given(st.text(alphabet="/\\.:@ \t\n%ahtps", max_size=12))
def test_a_local_path_begins_with_one_slash(onward: str) -> None:
    """Whatever is let through begins with exactly one slash and holds nothing that a browser reads as one more."""
    assert re.fullmatch(r"(/([^/\\\s][^\\\s]*)?)?", local_path(onward))


@pytest.mark.usefixtures("with_account")
def test_what_is_typed_is_shown_as_text(client: TestClient) -> None:
    """Markup in a name is not run."""
    refused = come(client, name='"><script>alert(1)</script>', password="wrong")
    assert "<script>alert" not in refused.text
    policy = refused.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


@pytest.mark.parametrize("password", ["", "short", "x" * 1001])
def test_a_password_that_will_not_do_is_told(app: FastAPI, password: str) -> None:
    """Too short and too long ones are refused with what is wanted."""
    with pytest.raises(AccountError, match="10文字以上"):
        sign_in_of(app).accounts.add("安奈", password, "staff")


def test_a_name_has_one_account(with_account: FastAPI) -> None:
    """A second one of the same name is refused with what to do; the first keeps its password."""
    with pytest.raises(AccountError, match="account remove 安奈"):
        sign_in_of(with_account).accounts.add("安奈", "x" * 10, "staff")
    assert sign_in_of(with_account).accounts.person("安奈", PASSWORD)
