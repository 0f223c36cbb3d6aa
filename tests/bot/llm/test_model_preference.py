"""Tests of several models in order of preference."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from itertools import chain

import pytest

from bot.errors import ModelError
from bot.generation.generate import Generator
from bot.llm.chat_model import ChatModel, Task
from bot.llm.model_calls import open_budget
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer

Start = Callable[[Behaviour], ModelServer]
GOOD = "計画期間は4か年です[1]。"


@pytest.fixture
def over() -> Iterator[Callable[..., Generator]]:
    with ExitStack() as stack:

        def make(*models: ModelServer, seconds: float = 10) -> Generator:
            names = ("llm", "llm_2", "llm_3")
            llm = [
                one for n, model in zip(names, models, strict=False) for one in model.models(model=n, structure="marks")
            ]
            return stack.enter_context(closing(Generator(Settings(_env_file=None, llm_timeout_s=seconds, llm=llm))))

        yield make


def ask(generator: Generator) -> str:
    return generator.answer.reply(**server.ASKED).model


def request_counts(*models: ModelServer) -> list[int]:
    return [len(model.requests) for model in models]


def test_the_preferred_model_answers_alone(model_server: Start, over: Callable[..., Generator]) -> None:
    first, second = model_server(server.says(GOOD)), model_server(server.says(GOOD))
    assert ask(over(first, second)) == "llm"
    assert request_counts(first, second) == [1, 0]


FAILURES: dict[str, Behaviour] = {
    "500": server.refuses(500),
    "429": server.refuses(429),
    "401": server.refuses(401),
    "404": server.refuses(404),
    "HTML": server.answers("<html>ログイン</html>", "text/html"),
    "broken JSON in the stream": server.streams('data: {"choices": [{"delta"'),
    "no choices": server.streams('data: {"id": "1", "object": "chat.completion.chunk", "choices": []}', "data: [DONE]"),
    "half a stream": server.breaks_off("計画期間は4か年です[1]。" * 5),
    "no mark of the end": server.says(GOOD, finish_reason=None),
    "cut at its length": server.says(GOOD, finish_reason="length"),
    "nothing said": server.says(""),
    "an error in the stream": server.fails_in_stream,
}


@pytest.mark.parametrize("failure", FAILURES)
def test_the_next_model_is_called_after_a_failure(
    model_server: Start, over: Callable[..., Generator], failure: str
) -> None:
    first, second = model_server(FAILURES[failure]), model_server(server.says(GOOD))
    assert ask(over(first, second)) == "llm_2"
    assert request_counts(first, second) == [1, 1]


@pytest.mark.parametrize("slow", [server.hangs, server.drips(GOOD, 0.05)], ids=["hangs", "drips"])
def test_the_next_is_asked_when_one_is_too_slow(
    model_server: Start, over: Callable[..., Generator], slow: Behaviour
) -> None:
    first, second = model_server(slow), model_server(server.says(GOOD, delay_s=0.3))
    assert ask(over(first, second, seconds=4)) == "llm_2"


def test_the_time_limit_is_for_all_models_together(model_server: Start, over: Callable[..., Generator]) -> None:
    models = [model_server(server.hangs) for _ in range(3)]
    begun = time.monotonic()
    with pytest.raises(ModelError):
        ask(over(*models, seconds=3))
    assert time.monotonic() - begun < 8.5
    assert request_counts(*models) == [1, 1, 1]


def test_the_calls_of_a_question_share_its_time(model_server: Start, over: Callable[..., Generator]) -> None:
    model = model_server(server.hangs)
    generator = over(model, seconds=30)
    begun = time.monotonic()
    with open_budget(0.5):
        for _ in range(3):
            with pytest.raises(ModelError):
                ask(generator)
    assert time.monotonic() - begun < 25
    assert request_counts(model) == [1]


def test_a_passing_failure_is_retried_once(model_server: Start, over: Callable[..., Generator]) -> None:
    busy = model_server(server.in_turn(server.refuses(503), server.says(GOOD)))
    assert ask(over(busy)) == "llm"
    assert request_counts(busy) == [2]
    locked = model_server(server.refuses(401))
    with pytest.raises(ModelError, match="401"):
        ask(over(locked))
    assert request_counts(locked) == [1]


def test_retry_after_is_kept(model_server: Start, over: Callable[..., Generator]) -> None:
    model = model_server(server.in_turn(server.refuses(429, Retry_After="1"), server.says(GOOD)))
    begun = time.monotonic()
    assert ask(over(model)) == "llm"
    assert time.monotonic() - begun >= 1


def test_a_long_retry_after_is_not_waited_for(model_server: Start, over: Callable[..., Generator]) -> None:
    model = model_server(server.refuses(429, Retry_After="86400"))
    begun = time.monotonic()
    with pytest.raises(ModelError, match="429"):
        ask(over(model, seconds=20))
    assert time.monotonic() - begun < 19
    assert request_counts(model) == [1]


@pytest.mark.parametrize("status", [200, 429, 502, 503])
def test_a_page_in_place_of_an_answer_is_a_failure(
    model_server: Start, over: Callable[..., Generator], status: int
) -> None:
    page = "<html><body>ただいま保守作業中です</body></html>"
    model = model_server(server.answers(page, "text/html; charset=utf-8", status, Retry_After="3600"))
    generator = over(model)
    with pytest.raises(ModelError):
        ask(generator)
    model.behaviour = server.says(GOOD)
    assert ask(generator) == "llm"


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_request_does_not_block_the_model(
    model_server: Start, over: Callable[..., Generator], status: int
) -> None:
    refusal = '{"error": {"message": "filtered", "type": null, "param": "prompt", "code": "content_filter"}}'
    model = model_server(server.answers(refusal, status=status))
    generator = over(model)
    for _ in range(4):
        with pytest.raises(ModelError, match=f"HTTP {status}、content_filter"):
            ask(generator)
    model.behaviour = server.says(GOOD)
    assert ask(generator) == "llm"


def test_a_stream_begins_with_the_next_model(model_server: Start, over: Callable[..., Generator]) -> None:
    first, second = model_server(server.refuses(500)), model_server(server.says(GOOD))
    stream = over(first, second).answer.stream(**server.ASKED)
    assert stream.model == "llm_2"
    assert "".join(stream) == GOOD


def test_a_stream_that_breaks_off_raises_an_error(model_server: Start, over: Callable[..., Generator]) -> None:
    first, second = model_server(server.breaks_off("計画期間は4か年です。" * 5)), model_server(server.says(GOOD))
    stream = over(first, second).answer.stream(**server.ASKED)
    assert next(stream)
    with pytest.raises(ModelError):
        "".join(stream)
    assert request_counts(first, second) == [1, 0]


def test_a_stream_may_use_the_remaining_time(model_server: Start, over: Callable[..., Generator]) -> None:
    def pauses(handler: server.Handler, _: server.Request) -> None:
        handler.begin_stream()
        handler.wfile.write(server.chunk("計画期間は"))
        handler.owner.closing.wait(1.5)
        handler.wfile.write(server.chunk("4か年です[1]。") + server.chunk(None, "stop"))

    first, second = model_server(pauses), model_server(server.says(GOOD))
    stream = over(first, second, seconds=2.5).answer.stream(**server.ASKED)
    assert stream.model == "llm"
    assert "".join(stream) == GOOD
    with pytest.raises(ModelError, match="秒以内"):
        "".join(over(first, seconds=1).answer.stream(**server.ASKED))


def test_closing_a_stream_ends_the_request(model_server: Start, over: Callable[..., Generator]) -> None:
    gone = []

    def endless(handler: server.Handler, _: server.Request) -> None:
        handler.begin_stream()
        try:
            while not handler.owner.closing.wait(0.01):
                handler.wfile.write(server.chunk("計画"))
        except OSError:
            gone.append(True)
            raise

    generator = over(model_server(endless), seconds=5)
    with closing(generator.answer.stream(**server.ASKED)) as stream:
        assert next(stream) == "計画"
    assert list(stream) == []
    end = time.monotonic() + 5
    while not gone and time.monotonic() < end:
        time.sleep(0.01)
    assert gone


def test_concurrent_streams_do_not_mix(model_server: Start, over: Callable[..., Generator]) -> None:
    def echo(request: server.Request) -> str:
        return f"{request['messages'][-1]['content'][-20:]}です[1]。" * 10

    generator = over(model_server(server.says(echo)))
    one, other = (
        generator.answer.stream(**{**server.ASKED, "question": text}) for text in ("あああああ", "いいいいい")
    )
    both = [list(pieces) for pieces in zip(*zip(one, other, strict=True), strict=True)]
    assert ["いいいいい" in "".join(pieces) for pieces in both] == [False, True]
    assert all(chain(both))


def test_a_task_takes_no_more_than_its_share(model_server: Start) -> None:
    model = model_server(server.hangs)
    with closing(ChatModel(model.models(), 4)) as chat, open_budget(4) as spent:
        task = Task("followup", chat)
        assert task.prompt.share < 0.5
        with pytest.raises(ModelError):
            task.reply(conversation="", question="それは?")
        assert spent.left_s > 2
