"""Tests of the isolation of two towns in one service."""

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from bot.answers.curated_records import AnswerProposal
from bot.auth.access import Access, AccessRule
from bot.auth.sessions import NAME, session_id
from bot.errors import (
    ChangedMeanwhileError,
    UnknownAnswerError,
    UnknownConversationError,
    UnknownCuratedError,
    UnknownGroupError,
)
from bot.office import Department
from bot.service import Service, open_service
from tests.bot.answer_assertions import TODAY
from tests.bot.server.tenants.prefecture import MARK, PASSWORD, Prefecture, whole_of

pytest_plugins = ["tests.bot.city_index"]
# What an id that nobody has looks like.
NOBODYS = {
    "conversation_id": "f" * 32,
    "answer_id": "f" * 32,
    "doc_id": "kankyo-plan-9.9",
    "other_id": "kankyo-nobodys",
    "passage_id": "kankyo-plan-9.9#nobodys",
    "key": "f" * 32,
    "name": "run-of-nobody",
    "group": "f" * 32,
    "session": "nobodys",
    "api_key": "shirube_nobodys",
}
# What stands in an address beside ids.
PLAIN = {"model": "shirube", "page": "1", "n": "1", "kind": "scores", "table": "questions"}
FORM = {"title": "題名", "kind": "plan", "reason": "誤り"}


def body(row: AccessRule, ids: Mapping[str, str]) -> dict[str, Any]:
    asked = {"question": "計画の期間は?", "conversation_id": ids["conversation_id"]}
    ways: dict[str, dict[str, Any]] = {
        "POST /api/chat": {"json": asked},
        "POST /api/feedback": {"json": {"answer_id": ids["answer_id"], "rating": "up"}},
        "POST /v1/chat/completions": {"json": {"messages": [{"role": "user", "content": asked["question"]}]}},
        "POST /mcp": {"json": _tool("search", {"query": "計画の期間", "doc_id": ids["doc_id"]}), "headers": _MCP},
        "POST /signin": {"data": {"name": ids.get("person", "誰か"), "password": PASSWORD}},
        "POST /signout": {"data": {"session": session_id(ids["session"])}},
        "POST /staff/documents/staged": {
            "files": {"file": ("a.txt", "お知らせ\n\nあしたは休みです。\n".encode())},
            "params": {"replaces": ids["doc_id"]},
        },
        "POST /staff/documents/staged/{key}": {"data": FORM | {"supersedes": ids["doc_id"]}},
        "PUT /staff/documents/{doc_id}/entry": {"data": FORM},
        "PUT /staff/documents/withdrawn/{doc_id}": {"data": FORM},
    }
    searched = {"params": {"q": "計画の期間", "doc_id": ids["doc_id"]}}
    return ways.get(f"{row.method} {row.path}", searched if row.method == "GET" else {})


_MCP = {"accept": "application/json, text/event-stream"}


def _tool(name: str, arguments: dict[str, str]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments}}


def call(
    towns: Prefecture, row: AccessRule, ids: dict[str, str], town: str = "kanazawa", **headers: str
) -> httpx2.Response:
    path = re.sub(r"\{(\w+)(:\w+)?\}", lambda found: quote((PLAIN | ids)[found[1]], safe=""), row.path)
    sent = body(row, ids)
    sent["headers"] = sent.get("headers", {}) | headers
    return towns.client.request(row.method, f"/{town}{path}", **sent)


def comparable_response(answer: httpx2.Response, ids: Mapping[str, str]) -> tuple[int, str]:
    text = answer.text
    for one in sorted(ids.values(), key=len, reverse=True):
        text = text.replace(one, "ID").replace(quote(one, safe=""), "ID")
    text = re.sub(r"[0-9a-f]{32}|'nonce-[^']+'|nonce=\"[^\"]+\"|\"(created|total|\w+_ms)\": ?[\d.]+", "", text)
    return answer.status_code, re.sub(r'"timings_ms":\{[^}]*\}|"id":"chatcmpl-\w*"|"created":\d+', "", text)


def rows() -> list[AccessRule]:
    return [row for row in Access() if "gradio" not in row.path and not re.search(r"assets|static", row.path)]


def test_ids_of_another_town_are_answered_as_unknown(towns: Prefecture) -> None:
    before = towns.state("hoshimi")
    theirs = towns.kept | {"person": f"{MARK}子"}
    nobodys = NOBODYS | {"person": "誰か"}
    cookie = towns.cookie("kanazawa")
    different, leaking = [], []
    for row in rows():
        answers = [call(towns, row, ids, **cookie) for ids in (nobodys, theirs)]
        # What a process has counted changes with each call; that it does not name the neighbour is looked at below.
        if row.path != "/metrics" and comparable_response(answers[0], nobodys) != comparable_response(
            answers[1], theirs
        ):
            different.append((row.method, row.path, *(answer.status_code for answer in answers)))
        if MARK in answers[1].text.replace(f'value="{MARK}子"', ""):
            leaking.append((row.method, row.path))
    assert different == []
    assert leaking == []
    assert towns.state("hoshimi") == before


@pytest.mark.parametrize("role", ["citizen", "tester", "editor"])
def test_no_role_can_read_or_change_data_of_another_town(with_pages: Prefecture, role: str) -> None:
    before = with_pages.state("hoshimi")
    theirs = with_pages.kept | {"person": f"{MARK}子"}
    cookie = {} if role == "citizen" else with_pages.cookie("kanazawa", role)
    answers = {row: call(with_pages, row, theirs, **cookie).text for row in rows()}
    leaking = [row for row, text in answers.items() if MARK in text.replace(f'value="{MARK}子"', "")]
    assert leaking == []
    assert with_pages.state("hoshimi") == before


@pytest.mark.parametrize("way", ["session", "key"])
def test_roles_of_one_town_are_void_in_another(towns: Prefecture, way: str) -> None:
    before = towns.state("hoshimi")
    sign_in = towns.sign_in("kanazawa")
    key = sign_in.keys.add(f"鍵{way}", frozenset({"ask", "search", "export", "admin"}), 600)
    sign_in.keys.add(f"鍵 {way}", frozenset({"ask"}), 600)
    sign_in.close()
    own, forged = (
        (towns.cookie("kanazawa"), {"cookie": f"{NAME}=forged"})
        if way == "session"
        else ({"authorization": f"Bearer {key}"}, {"authorization": "Bearer shirube_forged"})
    )
    closed = [row for row in rows() if row.role != "citizen" and not row.path.startswith("/api/export/{")]
    answers = {row: [call(towns, row, towns.kept, "hoshimi", **sent) for sent in (own, forged)] for row in closed}
    assert [
        row for row, (mine, other) in answers.items() if comparable_response(mine, {}) != comparable_response(other, {})
    ] == []
    assert {mine.status_code for mine, _ in answers.values()} <= {303, 401}
    assert towns.state("hoshimi") == before


def test_a_session_and_key_of_another_town_open_nothing(towns: Prefecture) -> None:
    for sent in ({"cookie": f"{NAME}={towns.kept['session']}"}, {"authorization": f"Bearer {towns.kept['api_key']}"}):
        assert towns.client.get("/hoshimi/api/export/audit.csv", headers=sent).status_code == 200
        assert towns.client.get("/kanazawa/api/export/audit.csv", headers=sent).status_code == 401


def test_an_account_of_another_town_cannot_sign_in(towns: Prefecture) -> None:
    account = {"name": f"{MARK}子", "password": PASSWORD}
    assert towns.client.post("/hoshimi/signin", data=account).status_code == 303
    assert towns.client.post("/kanazawa/signin", data=account).status_code == 403


def test_the_desk_refuses_ids_of_another_town(towns: Prefecture) -> None:
    before, kept = towns.state("hoshimi"), towns.kept
    department = Department("課", ("a",), "000-000-0000", id=kept["department"], version=1)
    with open_service(towns.settings, lambda: TODAY) as whole, whole_of(whole, towns.towns["kanazawa"]) as service:
        tries: list[tuple[type[Exception], Callable[[Service], object]]] = [
            (UnknownGroupError, lambda own: own.desk.group(kept["group"])),
            (UnknownGroupError, lambda own: own.desk.take(kept["group"], "安奈")),
            (UnknownGroupError, lambda own: own.desk.dismiss(kept["group"], "安奈", "理由")),
            (UnknownGroupError, lambda own: own.desk.reopen(kept["group"], "安奈")),
            (UnknownCuratedError, lambda own: own.desk.versions(kept["curated"])),
            (UnknownCuratedError, lambda own: own.desk.withdraw(kept["curated"], "安奈", "理由")),
            (UnknownCuratedError, lambda own: own.desk.case(kept["curated"])),
            (UnknownConversationError, lambda own: own.conversation(kept["conversation_id"])),
            (UnknownConversationError, lambda own: own.forget(kept["conversation_id"], "安奈")),
            (UnknownAnswerError, lambda own: own.feedback(kept["answer_id"], "up")),
            (
                ChangedMeanwhileError,
                lambda own: own.departments.save(department, "安奈"),
            ),
            (
                ChangedMeanwhileError,
                lambda own: own.departments.remove(department, "安奈"),
            ),
        ]
        for error, attempt in tries:
            with pytest.raises(error):
                attempt(service)
        assert service.desk.propose(AnswerProposal("本文", (), ("問い",), "安奈", group_id=kept["group"])) != []
        assert service.departments.all() == []
        assert [one for one in service.desk.curated() if MARK in repr(one)] == []
        assert MARK not in repr(service.usage.rows())
    assert towns.state("hoshimi") == before


def test_the_same_ids_exist_in_their_town(with_pages: Prefecture) -> None:
    own = with_pages.cookie("hoshimi")
    shown = {
        row.path: call(with_pages, row, with_pages.kept, "hoshimi", **own).status_code
        for row in rows()
        if row.method == "GET" and "{" in row.path
    }
    # The document to compare with is withdrawn, the other has no pages, and no section is named.
    assert {path for path, status in shown.items() if status != 200} == {
        "/documents/{doc_id}/compare/{other_id}",
        "/documents/{doc_id}/section",
        "/api/documents/{doc_id}/pages/{page:int}.png",
    }
    talked = {"question": "計画の期間は?", "conversation_id": with_pages.kept["conversation_id"]}
    assert with_pages.client.post("/hoshimi/api/chat", json=talked).status_code == 200
