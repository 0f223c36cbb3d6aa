"""Tests of how soon a removed role loses its effect, and of back-channel logout."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import httpx2
import pytest
from joserfc.jwk import RSAKey

from bot.auth.sessions import NAME
from tests.bot.auth.inner import PASSWORD, sign_in_of
from tests.bot.auth.provider import State, browser, provider_app
from tests.bot.server_thread import listening

PAGE = {"accept": "text/html", "sec-fetch-mode": "navigate"}


@pytest.fixture(autouse=True)
def with_role(office: State) -> None:
    office.claims["groups"] = ["企画"]


@pytest.fixture
def data(shared: tuple[State, str, Path]) -> Path:
    return shared[2]


@pytest.fixture
def client(shared: tuple[State, str, Path]) -> Iterator[httpx2.Client]:
    with browser(shared[1]) as client:
        yield client


def sign_in(client: httpx2.Client) -> None:
    assert client.get("/signin/oidc?next=/inner/me").json() == "安奈 editor"


def let_pass(data: Path, minutes: int) -> None:
    columns = ("begun", "role_read", "role_due")
    older = ", ".join(f"{name} = strftime('%Y-%m-%d %H:%M:%f000', {name}, '-{minutes} minutes')" for name in columns)
    with closing(connect(data / "shirube.sqlite")) as records, records:
        records.execute(f"update sessions set {older}")


def status(client: httpx2.Client) -> int:
    return client.get("/inner/me").status_code


@pytest.mark.parametrize("refreshes", [True, False])
@pytest.mark.parametrize(("groups", "after"), [([], 401), (["情報"], 200)])
def test_changed_role_takes_effect_within_15_minutes(
    office: State, client: httpx2.Client, data: Path, *, refreshes: bool, groups: list[str], after: int
) -> None:
    office.refreshes = refreshes
    sign_in(client)
    office.claims["groups"] = groups
    let_pass(data, 13)
    assert client.get("/inner/me").json() == "安奈 editor"
    let_pass(data, 3)
    if not refreshes:
        assert status(client) == 401
        assert client.post("/inner/me").status_code == 401
        client.get("/inner/me", headers=PAGE)
    assert status(client) == after
    if after == 200:
        assert client.get("/inner/me").json() == "安奈 admin"


def test_refresh_token_is_used_once_by_parallel_requests(office: State, client: httpx2.Client, data: Path) -> None:
    office.refreshes = True
    sign_in(client)
    for hour in range(1, 3):
        let_pass(data, 60)
        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(lambda _: status(client), range(8))) == {200}
        assert office.refreshed == hour
    office.claims["groups"] = []
    let_pass(data, 60)
    with ThreadPoolExecutor(8) as pool:  # none is admitted with the role of an hour ago
        assert set(pool.map(lambda _: status(client), range(8))) == {401}


def test_session_ends_when_the_provider_refuses_to_refresh(office: State, client: httpx2.Client, data: Path) -> None:
    office.refreshes = True
    sign_in(client)
    office.refresh_tokens.clear()
    let_pass(data, 16)
    assert status(client) == 401


def test_role_is_usable_for_an_hour_while_the_provider_is_away(
    office: State, client: httpx2.Client, data: Path
) -> None:
    office.refreshes = True
    sign_in(client)
    office.away = True
    for minutes, expected in ((16, 200), (40, 200), (10, 401)):
        let_pass(data, minutes)
        assert status(client) == expected


def test_role_is_read_when_the_provider_is_back(office: State, client: httpx2.Client, data: Path) -> None:
    office.refreshes = True
    sign_in(client)
    office.away = True
    let_pass(data, 16)
    assert status(client) == 200
    office.away, office.claims["groups"] = False, []
    assert status(client) == 200
    let_pass(data, 2)
    assert status(client) == 401


def test_without_refresh_token_the_browser_signs_in_again(office: State, client: httpx2.Client, data: Path) -> None:
    sign_in(client)
    old = client.cookies[NAME]
    let_pass(data, 16)
    assert status(client) == 401
    page = client.get("/inner/me?q=1", headers=PAGE)
    assert page.json() == "安奈 editor"
    assert page.url.query == b"q=1"
    assert client.cookies[NAME] != old
    with closing(connect(data / "shirube.sqlite")) as records:
        assert records.execute("select count(*) from sessions").fetchone() == (1,)
    let_pass(data, 16)
    office.away = True
    assert client.get("/inner/me", headers=PAGE).status_code == 503


def test_administrator_of_the_whole_service_is_read_again_there(office: State, tmp_path: Path) -> None:
    office.claims["groups"] = ["情報"]
    above = provider_app(office, tmp_path)
    tenant = provider_app(office, tmp_path / "hill", parent=sign_in_of(above), root_path="/hill")
    with listening(above) as url, browser(url) as client:
        client.get("/signin/oidc?next=/health")
        let_pass(tmp_path, 16)
        with listening(tenant) as below:
            cookies = {"cookie": f"{NAME}={client.cookies[NAME]}"}
            sent = httpx2.get(f"{below}/inner/me?q=1", headers=PAGE | cookies, trust_env=False)
        assert sent.headers["location"] == "/signin/oidc?next=%2Fhill%2Finner%2Fme%3Fq%3D1"


def test_local_accounts_are_not_checked_at_the_provider(office: State, tmp_path: Path) -> None:
    app = provider_app(office, tmp_path)
    sign_in_of(app).accounts.add("次郎", PASSWORD, "staff")
    with listening(app) as url, browser(url) as client:
        client.post("/signin", data={"name": "次郎", "password": PASSWORD, "onward": "/health"})
        let_pass(tmp_path, 600)
        assert client.get("/inner/me", headers=PAGE).json() == "次郎 staff"


def test_database_contains_no_refresh_token(office: State, client: httpx2.Client, data: Path) -> None:
    office.refreshes = True
    sign_in(client)
    (token,) = office.refresh_tokens
    with closing(connect(data / "shirube.sqlite")) as records:
        assert token not in "\n".join(records.iterdump())


@pytest.mark.parametrize(
    ("named", "ended"),
    [
        ({}, True),
        ({"sid": "s-1"}, True),
        ({"sub": None, "sid": "s-1"}, True),
        ({"sid": "s-2"}, False),
        ({"sub": "u-2"}, False),
    ],
)
def test_logout_at_the_provider_ends_sessions(
    office: State, client: httpx2.Client, named: dict[str, Any], *, ended: bool
) -> None:
    office.claims["sid"] = "s-1"
    sign_in(client)
    sent = client.post("/signin/oidc/logout", data={"logout_token": office.logout_token(**named)})
    assert sent.status_code == 200
    assert sent.headers["cache-control"] == "no-store"
    assert status(client) == (401 if ended else 200)


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://another.example"},
        {"aud": "another client"},
        {"iat": None},
        {"iat": 1},
        {"exp": 1},
        {"jti": None},
        {"nonce": "n"},
        {"events": None},
        {"events": {"https://another.example": {}}},
        {"events": "http://schemas.openid.net/event/backchannel-logout"},
        {"sub": None},
        {"sub": 1},
    ],
)
def test_invalid_logout_token_ends_nothing(office: State, client: httpx2.Client, changed: dict[str, Any]) -> None:
    sign_in(client)
    sent = client.post("/signin/oidc/logout", data={"logout_token": office.logout_token(**changed)})
    assert sent.status_code == 400
    assert sent.json() == {"error": "invalid_request"}
    assert status(client) == 200


def test_forged_logout_token_ends_nothing(office: State, client: httpx2.Client) -> None:
    sign_in(client)
    office.signs_with = RSAKey.generate_key(2048, {"kid": "one"})
    for token in (office.logout_token(), "x", ""):
        sent = client.post("/signin/oidc/logout", data={"logout_token": token})
        assert sent.status_code in {400, 422}
    assert status(client) == 200
