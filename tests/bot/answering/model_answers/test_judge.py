import json
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

import bot.answering.model_answers.judge as module
from bot.answering.llm.model_calls import open_budget
from bot.answering.model_answers.generate import Generator
from bot.answering.model_answers.judge import Judge
from bot.errors import BotError
from bot.running.commands.doctor import check_judge
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.model_server import Behaviour, ModelServer, Request

Start = Callable[[Behaviour], ModelServer]
PLANTED = tomllib.loads(Path(module.__file__).with_name("judge_test.toml").read_text("utf-8"))
# Of another text than the planted ones.
FALSE = [f"{name}は、{day}月に閉まります。" for name in ("温室", "水車小屋", "資料室") for day in range(1, 8)]


def judges(choose: Callable[[str], str]) -> Behaviour:
    def words(request: Request) -> str:
        said = [{"difference": "", "verdict": choose(text)} for text in server.judged(request)]
        return json.dumps({"verdicts": said})

    return server.says(words)


def knows(text: str) -> str:
    return "not_confirmed" if text in (*PLANTED["unsupported"], *FALSE) else "supported"


def by_turns() -> Behaviour:
    numbers = count()
    return judges(lambda _: "supported" if next(numbers) % 2 else "contradicted")


GOOD = judges(knows)
ALWAYS_YES = judges(lambda _: "supported")
POOR = {
    "says yes to everything": ALWAYS_YES,
    "says no to everything": judges(lambda _: "contradicted"),
    "says yes to one false sentence": judges(
        lambda text: knows(text) if text != PLANTED["unsupported"][0] else "supported"
    ),
    "answers by turns": by_turns(),
    "differs the second time": server.in_turn(GOOD, ALWAYS_YES),
    "answers in prose": server.says("すべて正しいです。"),
    "judges too few": server.says('{"verdicts": []}'),
    "answers late": server.hangs,
    "is away": server.refuses(503),
}


@pytest.fixture(autouse=True)
def _tested_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "__init__", Judge.__init__.__wrapped__)  # type: ignore[attr-defined]


@contextmanager
def judging(model: ModelServer, **values: object) -> Iterator[Judge]:
    generator = Generator(Settings(_env_file=None, llm=model.models(), llm_timeout_s=2, **values))  # type: ignore[arg-type]
    assert generator.judge
    try:
        yield generator.judge
    finally:
        generator.close()


def unmarked(judge: Judge) -> int:
    with open_budget(20):
        verdicts = judge([(text, (1,)) for text in FALSE], "[1]\n温室は冬も開きます。", "", "いつ閉まりますか")
    assert verdicts
    return sum(verdict.verdict == "supported" for verdict in verdicts)


@pytest.mark.parametrize("behaviour", POOR.values(), ids=POOR)
def test_nothing_is_confirmed_by_a_judge_that_fails_the_test(model_server: Start, behaviour: Behaviour) -> None:
    with judging(model_server(behaviour)) as judge:
        assert judge.test("試験用")
        assert not judge.is_trusted
        assert unmarked(judge) == 0


def test_a_judge_that_passes_the_test_is_asked(model_server: Start) -> None:
    with judging(model_server(server.in_turn(GOOD, GOOD, ALWAYS_YES))) as judge:
        assert unmarked(judge) == 0  # not yet tested
        assert judge.test("試験用") == ""
        assert unmarked(judge) == len(FALSE)


def test_the_test_is_repeated_in_the_background_until_it_is_passed(
    model_server: Start, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "_FIRST_RETRY_S", 0.01)
    with judging(model_server(server.in_turn(ALWAYS_YES, server.says("はい"), GOOD))) as judge:
        judge.start_tests()
        judge.first_test.wait(30)
        deadline = time.monotonic() + 30
        while not judge.is_trusted and time.monotonic() < deadline:
            time.sleep(0.02)
        assert judge.is_trusted
    assert "「試験用」には、文を確かめさせません" in caplog.text
    assert "見本の誤った文" in caplog.text


def test_only_models_that_passed_are_asked(model_server: Start) -> None:
    poor, good = model_server(ALWAYS_YES), model_server(GOOD)
    models = (*poor.models(model="甘い"), *good.models(model="厳しい"))
    generator = Generator(Settings(_env_file=None, llm=models, llm_timeout_s=20))
    try:
        assert generator.judge
        assert [bool(generator.judge.test(name)) for name in ("甘い", "厳しい")] == [True, False]
        assert unmarked(generator.judge) == 0
        assert len(poor.requests) == 1
    finally:
        generator.close()


def test_doctor_names_a_judge_that_fails(model_server: Start) -> None:
    settings = Settings(_env_file=None)
    poor, good = (settings.model_copy(update={"llm": model_server(one).models()}) for one in (ALWAYS_YES, GOOD))
    with pytest.raises(BotError, match=r"「試験用」には、文を確かめさせません。.*SHIRUBE_LLM_JUDGE"):
        check_judge(poor)
    assert "見分けました" in check_judge(good)
    assert "使わない設定" in check_judge(settings)
