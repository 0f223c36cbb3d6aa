import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from bot.answering.state import Answer, Question, Status
from bot.channels.pages.citizen.answering_pool import AnsweringPool
from bot.running.service.service import AnswerListener, Service, open_service
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY
from tests.bot.model_server import Behaviour, ModelServer, answer_of, held_reply, sentence
from tests.bot.server_thread import served

pytest_plugins = ["tests.bot.city_index"]

Open = Callable[..., tuple[ModelServer, Service]]
QUESTION = "植樹の本数の目標値は何本ですか?"
SECONDS = 20
SAID = '{"status": "answered", "sentences": [{"text": "植樹'


@pytest.fixture
def opened(model_server: Callable[[Behaviour], ModelServer], city_settings: Settings, tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def opening(
            behaviour: Behaviour, others: tuple[LanguageModel, ...] = (), **more: Any
        ) -> tuple[ModelServer, Service]:
            model = model_server(behaviour)
            values = {
                "llm": (*model.models(), *others),
                "llm_timeout_s": 3 * SECONDS,
                "database_url": SecretStr(f"sqlite:///{tmp_path}/records.sqlite"),
                **more,
            }
            settings = city_settings.model_copy(update=values)
            return model, stack.enter_context(open_service(settings, lambda: TODAY))

        yield opening


def row(request: server.Request) -> int:
    return next(n for n, passage in enumerate(server.passages(request), 1) if "植樹の本数" in passage)


def right_and_wrong(request: server.Request) -> dict[str, Any]:
    n = row(request)
    return answer_of(
        sentence("植樹の本数の目標値は5,000本です。", n, quotes=("目標値: 5,000本",)),
        sentence("植樹の本数の実績は7,777本です。", n, quotes=("目標値: 5,000本",)),
    )


def until_left(name: str, said: str = "") -> tuple[Behaviour, Event, Event]:
    began, ended = Event(), Event()
    return server.for_task(name, server.listens(began, ended, said), held_reply(right_and_wrong)), began, ended


DOORS = {
    "/api/chat": {"question": QUESTION, "stream": True},
    "/v1/chat/completions": {"messages": [{"role": "user", "content": QUESTION}], "stream": True},
}
CHAT, COMPLETIONS = DOORS
UNDER_WAY = [
    (CHAT, "answer", ""),
    (CHAT, "judge", ""),
    (COMPLETIONS, "answer", SAID),
]


@pytest.mark.parametrize(("path", "task", "said"), UNDER_WAY)
def test_a_client_that_disconnects_ends_the_call(opened: Open, tmp_path: Path, path: str, task: str, said: str) -> None:
    behaviour, began, ended = until_left(task, said)
    model, service = opened(behaviour)
    with served(service, pages=[]) as url, httpx2.Client(trust_env=False, timeout=SECONDS) as client:
        with client.stream("POST", url + path, json=DOORS[path]) as answer:
            assert answer.status_code == 200
            assert began.wait(SECONDS)
            asked = len(model.requests)
        assert ended.wait(SECONDS)
        wait_for_record(tmp_path)
    assert len(model.requests) == asked


def wait_for_record(folder: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with closing(sqlite3.connect(folder / "records.sqlite")) as connection:
            if connection.execute("SELECT COUNT(*) FROM turns").fetchone()[0]:
                return
        time.sleep(0.05)
    raise AssertionError("no answer was recorded")


def stopped(service: Service, began: Event, on_text: Callable[[str], None] | None = None) -> Answer:
    pool = AnsweringPool()
    answers: list[Answer] = []

    def ask(listener: AnswerListener) -> Answer:
        answers.append(service.ask(Question(question=QUESTION), AnswerListener(listener.on_stage, on_text)))
        return answers[0]

    def stop() -> None:
        assert began.wait(SECONDS)
        pool.stop("page")

    with ThreadPoolExecutor(1) as threads:
        stopping = threads.submit(stop)
        list(pool.answer(ask, str, "page"))
        stopping.result()
    return answers[0]


def test_a_cancelled_stream_keeps_its_sentences(opened: Open) -> None:
    ended, told = Event(), Event()

    def begins(handler: server.Handler, request: server.Request) -> None:
        n = row(request)
        right = sentence("植樹の本数の目標値は5,000本です。", n, quotes=("目標値: 5,000本",))
        wrong = sentence("植樹の本数の目標値は7,777本です。", n, quotes=("目標値: 5,000本",))
        whole = json.dumps(answer_of(right, wrong, sentence("それは")), ensure_ascii=False)
        server.listens(Event(), ended, whole[: whole.index("それは")])(handler, request)

    _, service = opened(server.for_task("answer", begins, held_reply(right_and_wrong)), llm_judge=False)
    answer = stopped(service, told, lambda _: told.set())
    assert ended.wait(SECONDS)
    assert answer.status == Status.PARTIAL
    assert answer.generator == "試験用"
    assert answer.answer == "植樹の本数の目標値は5,000本です[1]。"
    assert any("途中で止まった" in notice for notice in answer.notices)


def test_cancelling_does_not_mark_the_model_as_failed(opened: Open) -> None:
    began = [Event() for _ in range(4)]
    hanging = [server.listens(one, Event()) for one in began]
    answering = server.in_turn(*hanging, held_reply(right_and_wrong))
    _, service = opened(server.for_task("answer", answering, held_reply(right_and_wrong)))
    for one in began:
        stopped(service, one)
    assert service.ask(Question(question=QUESTION)).generator == "試験用"
