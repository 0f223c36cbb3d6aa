"""Tests of the detection of servers that truncate their input."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from bot.llm.chat_model import ChatModel, Task
from bot.llm.endpoint import TruncationDetector
from bot.llm.model_calls import CallBudget, open_budget
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
SAID = "期間は四年です[1]。"
PASSAGES = tuple(f"[{n}]\n{'この節では、見本町の施設の開く時間を述べます。' * 12}" for n in range(1, 13))

COUNTS = {
    "a short prompt": ([(200, 20)], [False]),
    "what an ordinary tokenizer counts": ([(4000, 2600), (800, 780), (4000, 2600)], [False, False, False]),
    "far less than any tokenizer needs": ([(8000, 2050)], [True]),
    "far less than the same model needed before": ([(1000, 900), (8000, 3800)], [False, True]),
    "far more than was sent, and then less": ([(400, 1200), (4000, 2600)], [False, False]),
    "a bound that no prompt exceeds": (
        [(7000, 4096), (7600, 4096), (7300, 4096), (900, 600)],
        [False, False, True, False],
    ),
    "the same prompt again": ([(7000, 4096)] * 4, [False] * 4),
}


@pytest.mark.parametrize(("calls", "expected"), COUNTS.values(), ids=COUNTS.keys())
def test_what_counts_as_truncated(calls: list[tuple[int, int]], expected: list[bool]) -> None:
    detector = TruncationDetector()
    assert [detector.is_truncated(estimated, counted) for estimated, counted in calls] == expected


@pytest.fixture
def ask(model_server: Start) -> Iterator[Callable[[Behaviour], tuple[Callable[[], CallBudget], ModelServer]]]:
    with ExitStack() as stack:

        def start(behaviour: Behaviour) -> tuple[Callable[[], CallBudget], ModelServer]:
            model = model_server(behaviour)
            chat = stack.enter_context(closing(ChatModel(model.models(structure="marks"), 10)))

            def send() -> CallBudget:
                with open_budget(10) as spent:
                    Task("answer", chat).reply(**{**server.ASKED, "passages": PASSAGES})
                return spent

            return send, model

        yield start


def test_a_server_with_a_short_context_gets_fewer_passages(
    ask: Callable[[Behaviour], tuple[Callable[[], CallBudget], ModelServer]], caplog: pytest.LogCaptureFixture
) -> None:
    send, model = ask(server.says(SAID, tokens=(1500, 9)))
    first, second = send().calls[0], send().calls[0]
    assert first.is_truncated
    assert not second.is_truncated
    sent = [str(request["messages"]) for request in model.requests]
    assert [PASSAGES[-1][:6].replace("\n", "\\n") in text for text in sent] == [True, False]
    assert all("[1]\\n" in text for text in sent)
    assert caplog.text.count("OLLAMA_CONTEXT_LENGTH") == 1


def test_cached_tokens_are_read_too(
    ask: Callable[[Behaviour], tuple[Callable[[], CallBudget], ModelServer]],
) -> None:
    usage: dict[str, Any] = {"prompt_tokens": 60, "completion_tokens": 9, "total_tokens": 69}
    send, _ = ask(server.counts(SAID, usage | {"prompt_tokens_details": {"cached_tokens": 3800}}))
    (call,) = send().calls
    assert call.tokens.prompt == 3860
    assert call.tokens.cached == 3800
    assert not call.is_truncated
