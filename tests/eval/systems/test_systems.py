import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.answering.state import Answer, Question, Status
from bot.errors import UnknownConversationError
from eval.errors import EvalError
from eval.scoring.run_record import load_run
from eval.storage.provenance import public_settings
from eval.systems.asking import ask_case, open_server
from eval.systems.local import LocalService
from ingest.configuration.settings import Settings
from tests.bot.fixed_service import StandIn
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import library_corpus, make_answer, make_case
from tests.eval.scripted_server import scripted_server


def test_the_turns_of_a_case_are_one_conversation() -> None:
    case = make_case(turns=["プラン2.0とは?", "それはいつまで?"], as_of="2026-11-20", style="easy", audience="staff")
    first = make_answer("計画です。") | {"conversation_id": "k"}
    last = make_answer("令和11年度までです。")
    with scripted_server((200, {}, first), (200, {}, last)) as (url, received), open_server(url) as server:
        assert ask_case(server.ask, case) == last
    common = {"style": "easy", "audience": "staff", "as_of": "2026-11-20"}
    assert received == [
        {"question": "プラン2.0とは?", **common},
        {"question": "それはいつまで?", "conversation_id": "k", **common},
    ]


def test_a_busy_server_is_asked_again_after_retry_after() -> None:
    busy = (429, {"Retry-After": "0"}, {"detail": "混み合っています。"})
    with scripted_server(busy, busy, (200, {}, make_answer())) as (url, received), open_server(url) as server:
        assert ask_case(server.ask, make_case()) == make_answer()
    assert len(received) == 3


@pytest.mark.parametrize("body", [b"<html>", [], {"hello": 1}])
def test_another_kind_of_server_is_an_error(body: Any) -> None:
    with (
        scripted_server((200, {}, body)) as (url, _),
        open_server(url) as server,
        pytest.raises(EvalError, match="URL"),
    ):
        ask_case(server.ask, make_case())


class Echo(StandIn):
    def ask(self, question: Question, *_: Any, **_given: Any) -> Answer:
        if question.conversation_id not in {None, "k"}:
            raise UnknownConversationError("その会話はありません。")
        return Answer(answer_id="1", conversation_id="k", status=Status.NO_ANSWER, answer=question.model_dump_json())


def test_a_local_service_answers_like_the_api() -> None:
    answer = ask_case(LocalService(Echo()).ask, make_case(turns=["一", "二"], as_of="2024-06-01"))
    assert answer["status"] == "no_answer"
    asked = json.loads(answer["answer"])
    assert asked["question"] == "二"
    assert asked["conversation_id"] == "k"
    assert asked["as_of"] == "2024-06-01"


pytest_plugins = ["tests.bot.city_index"]


def test_a_corpus_is_measured_without_changing_the_data_folder(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    case = make_case(turns=["図書館の貸出期間を教えてください"], must=[["15日間"]], cite=["library#貸出の決まり"])
    cases.write_text(case.model_dump_json(), "utf-8")
    out, corpus = tmp_path / "run", library_corpus(tmp_path / "corpus")
    ended = evaluate_here("run", "--cases", cases, "--corpus", corpus, "--out", out, "--json", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["passed"] == 1
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["eval"]
    assert {path.name for path in (tmp_path / "var").rglob("*.sqlite")} == {"passages.sqlite"}
    assert load_run(out).config["sets"]["cases"]["generation"]


def test_a_saved_run_contains_no_secrets(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        data=tmp_path,
        llm=[{"base_url": "http://user:hidden-1@llm.example:8080/v1", "api_key": "hidden-2", "model": "small"}],
        database_url=SecretStr("postgresql://user:hidden-3@db.example/shirube"),
    )
    output = json.dumps(public_settings(settings), ensure_ascii=False)
    assert "hidden" not in output
    assert "http://llm.example:8080/v1" in output
    (model,) = json.loads(output)["llm"]
    assert model["model"] == "small"
    assert model["api_key"] == "(設定あり)"
