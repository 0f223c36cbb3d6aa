from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Any

import httpx2
import pytest
from joserfc.jwk import OctKey, RSAKey

from bot.errors import AccountError
from bot.running.auth.sessions import NAME
from bot.running.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.bot.running.auth.inner import PASSWORD, sign_in_of
from tests.bot.running.auth.provider import CLIENT, SECRET, State, browser, configured, provider_app
from tests.bot.server_thread import listening


@pytest.fixture(autouse=True)
def with_role(office: State) -> None:
    office.claims["groups"] = ["企画"]


@pytest.fixture
def url(shared: tuple[State, str, Path]) -> str:
    return shared[1]


def test_groups_determine_the_role(office: State, url: str) -> None:
    office.claims["groups"] = ["総務", "企画", "情報"]
    with browser(url) as client:
        assert "庁内の認証でサインイン" in client.get("/signin?next=/inner/me").text
        assert client.get("/signin/oidc?next=/inner/me").json() == "安奈 admin"
        (asked,) = (one for one in client.get("/signin/oidc?next=/inner/me").history if "/authorize?" in str(one.url))
    assert all(f"{name}=" in str(asked.url) for name in ("state", "nonce", "code_challenge"))
    assert "code_challenge_method=S256" in str(asked.url)


@pytest.mark.parametrize("groups", [[], ["総務"], "総務", None])
def test_user_without_role_is_refused(office: State, url: str, groups: Any) -> None:
    office.claims["groups"] = groups
    with browser(url) as client:
        refused = client.get("/signin/oidc")
        assert refused.status_code == 403
        assert "役割が割り当てられていません" in refused.text
        assert NAME not in client.cookies


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "another"},
        {"aud": "another client"},
        {"iss": "https://another.example"},
        {"exp": 1},
        {"sub": None},
    ],
)
def test_token_for_another_purpose_is_refused(office: State, url: str, changed: dict[str, Any]) -> None:
    office.changed = changed
    with browser(url) as client:
        refused = client.get("/signin/oidc")
        assert refused.status_code == 403
        assert "サインインできませんでした" in refused.text
        assert NAME not in client.cookies


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256"])
def test_token_with_wrong_signature_is_refused(office: State, url: str, algorithm: str) -> None:
    office.algorithm = algorithm
    office.signs_with = OctKey.import_key(SECRET) if algorithm == "HS256" else RSAKey.generate_key(2048)
    with browser(url) as client:
        assert client.get("/signin/oidc").status_code == 403
        assert NAME not in client.cookies


def test_callback_requires_the_login_attempt_of_its_browser(url: str) -> None:
    with httpx2.Client(base_url=url, trust_env=False) as one, browser(url) as other:
        to_provider = one.get("/signin/oidc").headers["location"]
        answer = one.get(to_provider).headers["location"]
        assert other.get(answer).status_code == 403
        assert one.get(answer).status_code == 303
        assert one.get(answer).status_code == 403
        assert other.get("/signin/oidc/back?code=x&state=y").status_code == 403


def test_sign_out_ends_the_provider_session(office: State, url: str) -> None:
    with browser(url) as client:
        client.get("/signin/oidc")
        left = client.post("/signout")
        assert str(left.url).startswith(f"{url}/signin")
        assert client.get("/inner/me").status_code == 401
    assert [(one["client_id"], one["post_logout_redirect_uri"]) for one in office.left] == [(CLIENT, f"{url}/signin")]


def test_provider_user_cannot_take_a_local_name(office: State, tmp_path: Path) -> None:
    app = create_app(StandIn(), configured(office, tmp_path))
    assert sign_in_of(app).renew_start_token() is None
    sign_in_of(app).accounts.add("安奈", PASSWORD, "staff")
    office.claims["groups"] = ["情報"]
    with listening(app) as url, browser(url) as client:
        client.get("/signin/oidc?next=/health")
        assert [session.person.name for session in sign_in_of(app).sessions.all()] == ["安奈（2）"]
        client.cookies.clear()
        assert (
            client.post("/signin", data={"name": "安奈", "password": PASSWORD, "onward": "/health"}).status_code == 200
        )
    office.claims = {"sub": "u-2", "preferred_username": "次郎", "groups": ["情報"]}
    with listening(app) as url, browser(url) as client:
        client.get("/signin/oidc?next=/health")
    with pytest.raises(AccountError, match="庁内の認証でサインインした人"):
        sign_in_of(app).accounts.add("次郎", PASSWORD, "staff")


def test_a_person_is_issuer_and_subject(office: State, tmp_path: Path) -> None:
    names, app = [], provider_app(office, tmp_path)
    with listening(app) as url, browser(url) as one, browser(url) as other:
        for client, sub, called in ((one, "u-1", "安奈"), (other, "u-2", "安奈"), (one, "u-1", "新町安奈")):
            office.claims |= {"sub": sub, "preferred_username": called}
            names.append(client.get("/signin/oidc?next=/inner/me").json())
        assert names == ["安奈 editor", "安奈（2） editor", "安奈 editor"]
        assert "新町安奈さんとして" in one.get("/signin").text
    assert sorted(session.person.name for session in sign_in_of(app).sessions.all()) == ["安奈", "安奈（2）"]


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"preferred_username": ["安奈"], "name": "安奈 一"}, "安奈 一"),
        ({"preferred_username": " \n", "email": "anna@example.jp"}, "anna@example.jp"),
        ({"preferred_username": "あ\x00" * 60}, "あ" * 40),
        ({"sub": "0b5e-" + "f" * 80}, "0b5e-" + "f" * 35),
        ({"sub": "\x00"}, "利用者"),
    ],
)
def test_name_is_read_from_what_the_provider_sends(office: State, url: str, claims: dict[str, Any], shown: str) -> None:
    office.claims = {"sub": "u-1", "groups": ["企画"], **claims}
    with browser(url) as client:
        client.get("/signin/oidc?next=/health")
        assert f"{shown}さんとして" in client.get("/signin").text


@pytest.mark.parametrize(
    ("claim", "claims", "role"),
    [
        ("groups", {"groups": "企画"}, "editor"),
        ("groups", {"groups": "企画 情報"}, None),
        ("groups", {"groups": [f"課{number}" for number in range(199)] + ["情報"]}, "admin"),
        ("groups", {"groups": ["x" * 8000, "企画", "y" * 8000]}, "editor"),
        ("groups", {"groups": 7}, None),
        ("groups", {"groups": {"情報": False}}, None),
        ("realm_access.roles", {"realm_access": {"roles": ["企画"]}}, "editor"),
        ("groups.name", {"groups": [{"name": "総務"}, {"name": "情報", "note": "企画"}, "企画"]}, "admin"),
        ("https://id.example/roles", {"https://id.example/roles": ["情報"]}, "admin"),
    ],
)
def test_roles_are_read_in_every_form(
    office: State, tmp_path: Path, claim: str, claims: dict[str, Any], role: str | None
) -> None:
    office.claims = {"sub": "u-1", "preferred_username": "安奈", **claims}
    app = create_app(StandIn(), configured(office, tmp_path, oidc_roles_claim=claim))
    with listening(app) as url, browser(url) as client:
        status = client.get("/signin/oidc?next=/health").status_code
    assert status == (200 if role else 403)
    assert [session.person.role for session in sign_in_of(app).sessions.all()] == ([role] if role else [])


@pytest.mark.parametrize("missing", [("groups",), ("preferred_username",), ("groups", "preferred_username")])
def test_userinfo_is_asked_for_missing_claims(office: State, url: str, missing: tuple[str, ...]) -> None:
    office.only_userinfo = missing
    with browser(url) as client:
        assert client.get("/signin/oidc?next=/inner/me").json() == "安奈 editor"


def test_userinfo_of_another_person_is_refused(office: State, url: str) -> None:
    office.only_userinfo = ("groups",)
    office.userinfo = {"sub": "u-2"}
    with browser(url) as client:
        assert client.get("/signin/oidc").status_code == 403


def test_provider_that_is_away_is_explained(office: State, url: str) -> None:
    with browser(url) as client:
        to_provider = client.get("/signin/oidc", follow_redirects=False).headers["location"]
        back = client.get(to_provider, follow_redirects=False).headers["location"]
        office.away = True
        away = client.get(back)
        assert away.status_code == 503
        assert away.headers["retry-after"] == "10"
        assert "庁内の認証が応答しない" in away.text


def test_unreachable_provider_is_explained(tmp_path: Path) -> None:
    app = create_app(StandIn(), configured(State(url="http://127.0.0.1:9"), tmp_path))
    with listening(app) as url, browser(url) as client:
        away = client.get("/signin/oidc")
        assert away.status_code == 503
        assert "庁内の認証が応答しない" in away.text


def test_provider_routes_are_absent_without_provider(tmp_path: Path) -> None:
    with listening(create_app(StandIn(), Settings(_env_file=None, data=tmp_path))) as url, browser(url) as client:
        assert client.get("/signin/oidc").status_code == 404


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
    columns = ("begun", "expires", "role_read", "role_due")
    older = ", ".join(f"{name} = strftime('%Y-%m-%d %H:%M:%f000', {name}, '-{minutes} minutes')" for name in columns)
    with closing(connect(data / "shirube.sqlite")) as records, records:
        records.execute(f"update sessions set {older}")


def status(client: httpx2.Client) -> int:
    return client.get("/inner/me").status_code


@pytest.mark.parametrize(("groups", "after"), [([], 401), (["情報"], 200)])
def test_changed_role_takes_effect_within_a_minute(
    office: State, client: httpx2.Client, data: Path, groups: list[str], after: int
) -> None:
    office.refreshes = True
    sign_in(client)
    office.claims["groups"] = groups
    assert client.get("/inner/me").json() == "安奈 editor"
    let_pass(data, 1)
    assert status(client) == after
    if after == 200:
        assert client.get("/inner/me").json() == "安奈 admin"


def test_without_refresh_token_a_session_ends_after_15_minutes(client: httpx2.Client, data: Path) -> None:
    sign_in(client)
    let_pass(data, 14)
    assert status(client) == 200
    let_pass(data, 1)
    assert status(client) == 401


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


def test_role_is_usable_for_15_minutes_while_the_provider_is_away(
    office: State, client: httpx2.Client, data: Path
) -> None:
    office.refreshes = True
    sign_in(client)
    office.away = True
    for minutes, expected in ((2, 200), (12, 200), (2, 401)):
        let_pass(data, minutes)
        assert status(client) == expected


def test_role_is_read_when_the_provider_is_back(office: State, client: httpx2.Client, data: Path) -> None:
    office.refreshes = True
    sign_in(client)
    office.away = True
    let_pass(data, 2)
    assert status(client) == 200
    office.away, office.claims["groups"] = False, []
    assert status(client) == 200
    let_pass(data, 1)
    assert status(client) == 401


def test_local_accounts_are_not_checked_at_the_provider(office: State, tmp_path: Path) -> None:
    app = provider_app(office, tmp_path)
    sign_in_of(app).accounts.add("次郎", PASSWORD, "staff")
    with listening(app) as url, browser(url) as client:
        client.post("/signin", data={"name": "次郎", "password": PASSWORD, "onward": "/health"})
        let_pass(tmp_path, 600)
        assert client.get("/inner/me").json() == "次郎 staff"


def test_database_contains_no_refresh_token(office: State, client: httpx2.Client, data: Path) -> None:
    office.refreshes = True
    sign_in(client)
    (token,) = office.refresh_tokens
    with closing(connect(data / "shirube.sqlite")) as records:
        assert token not in "\n".join(records.iterdump())
