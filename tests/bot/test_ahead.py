"""What is found out before anybody asks for it: when it is begun, when it ends, what answers gain by it."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from threading import Event
from threading import enumerate as threads

from bot.ahead import Ahead
from bot.answer import Question, Status
from bot.pipeline import Pipeline
from bot.service import open_service
from bot.turn import Turn
from ingest.build import build
from ingest.encoders import Encoder, open_encoder
from ingest.encoders.encoder import Vectors
from ingest.errors import NoIndexError
from ingest.index import open_index
from ingest.settings import Settings

pytest_plugins = ["tests.bot.city"]

TODAY = date(2026, 6, 1)
PLAN = """# 灯台通り再生方針

## 目標値

| 指標 | 現状値(2024年度) | 目標値(2028年度) |
|---|---|---|
| 空き店舗の数 | 31軒 | 12軒 |
| 朝市の出店数 | 18店 | 40店 |
| 貸し自転車の台数 | 25台 | 60台 |

## 進め方

再生方針は、商店会と市が毎月ひらく灯台通り会議で進めます。
"""


class Counted:
    """An encoder that counts the questions it is given: one for each search."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.name, self.dimension = encoder.name, encoder.dimension
        self.questions: list[str] = []

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts."""
        return self._encoder.encode_documents(texts)

    def encode_query(self, text: str) -> Vectors:
        """Return the vector of a question."""
        self.questions.append(text)
        return self._encoder.encode_query(text)


def indexed(folder: Path) -> Settings:
    """Return settings over an index of the plan."""
    documents = folder / "documents"
    documents.mkdir()
    (documents / "plan.md").write_text(PLAN, "utf-8")
    settings = Settings(_env_file=None, data=folder / "data", corpus=documents)
    build(settings, [documents])
    return settings


def test_who_is_offered_what_was_tried_ahead_does_not_wait_for_the_trial(tmp_path: Path) -> None:
    """The same is suggested as without, and only the question itself is looked for."""
    settings = indexed(tmp_path)
    turn = Turn(Question(question="空き店舗の数の目標は?"), TODAY)
    with open_index(settings) as index:
        plain, encoder = Pipeline(index, open_encoder(settings)), Counted(open_encoder(settings))
        pipeline = Pipeline(index, encoder)
        while pipeline.further.look_ahead(TODAY):
            pass
        encoder.questions.clear()
        found, expected = pipeline.answer(turn)[0].draft, plain.answer(turn)[0].draft
        assert found == expected
        assert found is not None
        assert found.status is Status.ANSWERED
        assert found.suggestions
        assert encoder.questions == [turn.question.question]


def test_all_is_looked_at_once_a_day(tmp_path: Path) -> None:
    """Each passage once, then there is no more until the day is another."""
    settings = indexed(tmp_path)
    with open_index(settings) as index:
        further = Pipeline(index, open_encoder(settings)).further
        steps = [further.look_ahead(TODAY) for _ in range(len(index.passages) + 1)]
        assert steps == [True] * len(index.passages) + [False]
        assert further.look_ahead(date(2026, 6, 2))


def test_steps_are_taken_until_there_is_none() -> None:
    """One after the other, as long as a step says that there is another."""
    done, left = Event(), [True, True, False]

    def step() -> bool:
        if len(left) == 1:
            done.set()
        return left.pop(0)

    ahead = Ahead(step)
    ahead.begin()
    assert done.wait(30)
    ahead.end()
    assert left == []


def test_no_step_is_begun_right_after_somebody_asked() -> None:
    """Answers have the processor for themselves."""
    begun = Event()

    def step() -> bool:
        begun.set()
        return False

    ahead = Ahead(step)
    ahead.asked()
    ahead.begin()
    ahead.end()
    assert not begun.is_set()


def test_it_ends_with_the_service(own_settings: Settings) -> None:
    """A service that is closed leaves no thread behind."""
    with open_service(own_settings, lambda: TODAY) as service:
        service.warm()
        assert "ahead" in {thread.name for thread in threads()}
    assert "ahead" not in {thread.name for thread in threads()}


def test_without_an_index_it_waits_for_one() -> None:
    """That there is none to look into is told who asks, and ends no thread."""
    tried = Event()

    def step() -> bool:
        tried.set()
        raise NoIndexError("索引がありません。")

    ahead = Ahead(step)
    ahead.begin()
    assert tried.wait(30)
    assert "ahead" in {thread.name for thread in threads()}
    ahead.end()
