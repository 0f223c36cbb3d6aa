"""Tests of answers that a language model rewrites in easy Japanese."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.service import open_service
from bot.state import Answer, Question
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import TODAY
from tests.bot.model_server import Behaviour, ModelServer

pytest_plugins = ["tests.bot.city_index"]

Start = Callable[[Behaviour], ModelServer]
Easily = Callable[[ModelServer | None], Answer]
QUESTION = "植樹の本数の目標値は何本ですか?"
PLAIN = "木を植える目標は、5,000本です[1]。"
STANDARD = "植樹の本数の目標値は5,000本です[1]。"


@pytest.fixture
def easily(city_settings: Settings, tmp_path: Path) -> Iterator[Easily]:
    with ExitStack() as stack:

        def ask(model: ModelServer | None) -> Answer:
            values: dict[str, Any] = {
                "llm": model.models(structure="marks") if model else (),
            }
            values |= {"database_url": SecretStr(f"sqlite:///{tmp_path}/records.sqlite")}
            service = stack.enter_context(open_service(city_settings.model_copy(update=values), lambda: TODAY))
            return service.ask(Question(question=QUESTION, style="easy"))

        yield ask


def without_notes(text: str) -> str:
    return re.sub(r"[(（][^)）]*[)）]", "", text)


def test_a_model_rewrites_the_answer(model_server: Start, easily: Easily) -> None:
    model = model_server(server.by_task(answer=STANDARD, easy=PLAIN))
    assert without_notes(easily(model).answer) == PLAIN
    read = next(request for request in model.requests if server.task(request) == "easy")
    assert STANDARD in read["messages"][-1]["content"]
    assert "<資料" not in str(read)


WRONG = {
    "another figure": "木を植える目標は、6,000本です[1]。",
    "no figure": "木を植える目標があります[1]。",
    "one more fact": "木を植える目標は、5,000本です[1]。お金は3億円です[1]。",
    "a source that is not there": "木を植える目標は、5,000本です[2]。",
    "thoughts without an end": "<think>5,000本です[1]。",
    "nothing": "",
}


@pytest.mark.parametrize("said", WRONG.values(), ids=WRONG.keys())
def test_other_facts_give_way_to_the_rules(model_server: Start, easily: Easily, said: str) -> None:
    model = model_server(server.by_task(answer=STANDARD, easy=said))
    rules_alone = easily(model_server(server.by_task(answer=STANDARD)))
    assert easily(model).answer == rules_alone.answer
    assert "5,000本" in rules_alone.answer


def test_the_model_is_not_called_in_another_style(model_server: Start, city_settings: Settings, tmp_path: Path) -> None:
    model = model_server(server.by_task(answer=STANDARD))
    values = {
        "llm": model.models(structure="marks"),
        "database_url": SecretStr(f"sqlite:///{tmp_path}/records.sqlite"),
    }
    with open_service(city_settings.model_copy(update=values), lambda: TODAY) as service:
        service.ask(Question(question=QUESTION))
    assert [server.task(request) for request in model.requests] == ["answer"]


def test_an_outage_of_the_model_leaves_the_rules(model_server: Start, easily: Easily) -> None:
    assert easily(model_server(server.refuses(500))).answer == easily(None).answer
