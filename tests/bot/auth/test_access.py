"""The table of access against the routes of a running server: nothing is open that the table does not open."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from bot.__main__ import ACCOUNT_ROLES, KEY_SCOPES
from bot.auth import Person, SignIn
from bot.auth.access import Access, AccessRule
from bot.auth.cookie import NAME
from bot.auth.keys import SCOPES
from bot.auth.person import ROLES, Role
from bot.pages.mount import mount_pages
from bot.server.api import create_app
from ingest.configuration.settings import Settings
from tests.bot.served import listening
from tests.bot.stand_in import StandIn

# How a parameter of an address is filled in.
_FILLED = {"page:int": "1", "path:path": "x", "kind": "scores", "passage_id:path": "x", "n": "1"}
# Below these the pages hang a whole application, whose routes are walked too.
_INNER = ("app", "_app")


class Call(NamedTuple):
    """A way to call a route, its parameters filled in."""

    method: str
    path: str


class Served(NamedTuple):
    """A server with its application, a client of it, and the cookies of people, one of each role."""

    client: httpx2.Client
    app: FastAPI
    cookies: dict[Role, str]
    sign_in: SignIn


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yield a server with everything open that can be: all pages, MCP, the scripts for other sites."""
    data = tmp_path_factory.mktemp("access")
    settings = Settings(
        _env_file=None, data=data, mcp=True, embed_origins="https://a.example", requests_per_minute=10**6
    )
    app = create_app(StandIn(), settings)
    mount_pages(app, app.state.service, settings)
    sign_in: SignIn = app.state.sign_in
    cookies = {role: sign_in.sessions.begin(Person(f"誰か{role}", role)) for role in ROLES}
    with listening(app) as url, httpx2.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield Served(client, app, cookies, sign_in)


def routes(found: Any, root: str = "") -> Iterator[Call]:
    """Yield all routes of a router, those of routers in it and of applications mounted in it too."""
    for route in found:
        if hasattr(route, "effective_candidates"):  # how FastAPI keeps an included router
            yield from routes(route.effective_candidates(), root)
        elif isinstance(route, Mount):
            inner = route.app
            while not hasattr(inner, "routes"):
                inner = next(getattr(inner, name) for name in _INNER if hasattr(inner, name))
            yield from routes(inner.routes, root + route.path)
        else:
            path = re.sub(r"\{(.+?)\}", lambda found: _FILLED.get(found[1], "x"), root + route.path)
            yield from (Call(method, path) for method in sorted(getattr(route, "methods", None) or {"WS"}))


def ask(served: Served, call: Call, role: Role | None = None, **headers: str) -> httpx2.Response:
    """Call a route as nobody, or as a person of a role; only the status and the head of the answer are waited for."""
    cookie = {"cookie": f"{NAME}={served.cookies[role]}"} if role else {}
    with served.client.stream(call.method, call.path, headers=cookie | headers) as answer:
        if "event-stream" not in answer.headers.get("content-type", ""):
            answer.read()
        return answer


def walked(served: Served) -> list[Call]:
    return sorted({call for call in routes(served.app.routes) if call.method != "WS"})


def row_of(served: Served, call: Call) -> AccessRule | None:
    method = "GET" if call.method == "HEAD" else call.method
    access: Access = served.app.state.access
    return access.found(call.path).get(method)


def test_nothing_is_reached_without_the_role_it_needs(served: Served) -> None:
    """Of all routes, Gradio's own included, none that the table has not, and none with less than the role it names."""
    calls = walked(served)
    assert len(calls) > 150
    reached: list[tuple[Call, Role | None]] = []
    for call in calls:
        row = row_of(served, call)
        if row is None:
            reached += [(call, None)] if ask(served, call, "admin").status_code not in {404, 405} else []
            continue
        for role in (None, *ROLES[: ROLES.index(row.role)]):
            if row.role != "citizen" and ask(served, call, role).status_code not in ({401} if role is None else {403}):
                reached.append((call, role))
    assert reached == []


def test_each_role_gets_as_far_as_the_table_says(served: Served) -> None:
    """With the role that a row names its route answers, whatever it answers: the table keeps nobody out who may."""
    shut = []
    for call in walked(served):
        row = row_of(served, call)
        if call == Call("POST", "/signin"):
            continue  # a 403 is its own answer to a wrong password
        if row and ask(served, call, row.role).status_code in {401, 403}:
            shut.append(call)
    assert shut == []


def test_each_route_of_our_own_has_a_row(served: Served) -> None:
    """What is not entered is not there: of Gradio's routes that is meant, of ours it would be forgotten."""
    own = [route for route in served.app.routes if not isinstance(route, Mount)]
    calls = {call for call in routes(own) if call.method != "HEAD"}
    assert [call for call in sorted(calls) if row_of(served, call) is None] == []


def test_each_row_is_a_route(served: Served) -> None:
    """The table names nothing that is not there."""
    there = {(call.method, served.app.state.access.found(call.path).get(call.method)) for call in walked(served)}
    rows = {row for _, row in there if row}
    assert [row for row in served.app.state.access if row not in rows] == []


def test_a_route_that_is_not_in_the_table_is_not_there(tmp_path: Path) -> None:
    """Whoever adds a route and forgets the table has opened nothing, not even to administrators."""
    app = create_app(StandIn(), Settings(_env_file=None, data=tmp_path))
    app.add_api_route("/forgotten", lambda: "open", methods=["GET"])
    secret = app.state.sign_in.sessions.begin(Person("安奈", "admin"))
    with listening(app) as url:
        answer = httpx2.get(f"{url}/forgotten", cookies={NAME: secret}, trust_env=False)
    assert answer.status_code == 404


def test_an_address_without_its_last_slash_leads_to_the_page(served: Served) -> None:
    """As it is typed: the citizens' page, which takes what is left, would say that there is no such thing."""
    sent = ask(served, Call("GET", "/staff"), "staff", accept="text/html")
    assert (sent.is_redirect, sent.headers["location"]) == (True, "staff/")


def test_too_little_a_role_is_told_in_words(served: Served) -> None:
    """A browser is shown a page that says which role is needed, and offers only the pages that the person may open."""
    shown = ask(served, Call("GET", "/workbench/"), "staff", accept="text/html")
    assert shown.status_code == 403
    assert "試験者でなければ使えません" in shown.text
    assert 'href="/staff/"' in shown.text
    assert 'href="/workbench/"' not in shown.text


@pytest.mark.parametrize(
    ("scope", "method", "path", "status"),
    [
        ("ask", "POST", "/api/chat", 422),
        ("ask", "GET", "/api/search?q=a", 403),
        ("search", "GET", "/api/search?q=a", 200),
        ("search", "POST", "/api/chat", 403),
        ("search", "GET", "/health", 200),
        ("export", "GET", "/api/export/audit.json", 200),
        ("export", "PUT", "/staff/documents/x/entry", 403),
        ("admin", "DELETE", "/staff/documents/staged/x", 204),
        ("admin", "GET", "/staff/", 403),
        ("admin", "POST", "/workbench/gradio_api/queue/join", 403),
    ],
)
def test_a_key_opens_what_its_scopes_name(served: Served, scope: str, method: str, path: str, status: int) -> None:
    """A program gets no further than its key says, to no page at all, and acts under the key's name."""
    name = f"{scope} {method} {path}"[:40]
    key = served.sign_in.keys.add(name, frozenset({scope}), 60)
    assert ask(served, Call(method, path), authorization=f"Bearer {key}").status_code == status
    served.sign_in.keys.revoke(name)
    assert ask(served, Call(method, path), authorization=f"Bearer {key}").status_code == 401


def test_what_is_no_key_of_this_server_counts_as_none(served: Served) -> None:
    """Clients of the OpenAI format send some key always; it neither opens nor shuts anything."""
    assert ask(served, Call("GET", "/v1/models"), authorization="Bearer sk-none").status_code == 200
    assert ask(served, Call("GET", "/api/export/audit.json"), authorization="Bearer sk-none").status_code == 401


def test_the_command_line_knows_every_role_and_scope() -> None:
    """What `account` and `key` offer is what there is."""
    assert (ROLES[1:], SCOPES) == (ACCOUNT_ROLES, KEY_SCOPES)
