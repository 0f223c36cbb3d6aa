"""Asking a running server and a service in this process."""

import json
from typing import Any

import pytest

from bot.errors import UnknownConversationError
from bot.state import Answer, Question, Status
from eval.errors import RefusedError, UnreachableError
from eval.systems.asking import ask_case, ask_via_http, ask_via_service
from tests.eval.examples import make_answer, make_case
from tests.eval.scripted_server import Reply, scripted_server


def test_the_turns_of_a_case_are_one_conversation() -> None:
    case = make_case(turns=["プラン2.0とは?", "それはいつまで?"], as_of="2026-11-20", style="easy", audience="staff")
    first = make_answer("計画です。") | {"conversation_id": "k"}
    last = make_answer("令和11年度までです。")
    with scripted_server((200, {}, first), (200, {}, last)) as (url, received), ask_via_http(url) as ask:
        assert ask_case(ask, case) == last
    common = {"style": "easy", "audience": "staff", "as_of": "2026-11-20"}
    assert received == [
        {"question": "プラン2.0とは?", **common},
        {"question": "それはいつまで?", "conversation_id": "k", **common},
    ]


def test_a_busy_server_is_asked_again_after_retry_after() -> None:
    busy = (429, {"Retry-After": "0"}, {"detail": "混み合っています。"})
    with scripted_server(busy, busy, (200, {}, make_answer())) as (url, received), ask_via_http(url) as ask:
        assert ask_case(ask, make_case()) == make_answer()
    assert len(received) == 3


def test_a_refusal_contains_the_server_s_message() -> None:
    problem: Reply = (422, {}, {"title": "入力の誤り", "detail": "質問を入力してください。"})
    with (
        scripted_server(problem) as (url, _),
        ask_via_http(url) as ask,
        pytest.raises(RefusedError, match="HTTP 422: 質問を"),
    ):
        ask_case(ask, make_case())


@pytest.mark.parametrize("body", [b"<html>", [], {"hello": 1}])
def test_another_kind_of_server_is_an_error(body: Any) -> None:
    with (
        scripted_server((200, {}, body)) as (url, _),
        ask_via_http(url) as ask,
        pytest.raises(UnreachableError, match="URL"),
    ):
        ask_case(ask, make_case())


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "nowhere", "http://"])
def test_an_unreachable_url_is_an_error(url: str) -> None:
    with ask_via_http(url) as ask, pytest.raises(UnreachableError, match=url):
        ask_case(ask, make_case())


class Echo:
    """A service that answers with the question it got, and knows no conversation but the one it opened."""

    def ask(self, question: Question) -> Answer:
        """Answer with the question as JSON."""
        if question.conversation_id not in {None, "k"}:
            raise UnknownConversationError("その会話はありません。")
        return Answer(answer_id="1", conversation_id="k", status=Status.NO_ANSWER, answer=question.model_dump_json())


def test_a_local_service_answers_like_the_api() -> None:
    answer = ask_case(ask_via_service(Echo()), make_case(turns=["一", "二"], as_of="2024-06-01"))
    assert answer["status"] == "no_answer"
    asked = json.loads(answer["answer"])
    assert asked["question"] == "二"
    assert asked["conversation_id"] == "k"
    assert asked["as_of"] == "2024-06-01"


def test_an_error_of_the_service_is_a_refusal() -> None:
    with pytest.raises(RefusedError, match="その会話はありません"):
        ask_via_service(Echo())({"question": "一", "conversation_id": "x"})
