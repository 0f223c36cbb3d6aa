"""Tests of the number of items of a list."""

from pathlib import Path

import pytest

from bot.pipeline import build_pipeline
from bot.state import Exchange, Question, Status, Turn
from tests.bot.answer_assertions import TODAY
from tests.bot.draft_rendering import text_of
from tests.bot.retrieval.passages import ENCODER, document, opened

LIST = "町が管理する水車は次のとおりです。\n・岸の水車\n・丘の水車\n・森の水車"
COUNT = "この一覧にあるのは3件です[1]。"


def ask(tmp_path: Path, *questions: str) -> str:
    """Return the answer to the last question of a conversation over a page with a list."""
    history = tuple[Exchange, ...]()
    text = ""
    with opened(tmp_path, [document("mills", ("水車の一覧", LIST), ("食堂", "食堂は3時に閉まります。"))]) as index:
        pipeline = build_pipeline(index, ENCODER)
        for question in questions:
            turn, _ = pipeline.answer(Turn(Question(question=question), TODAY, history))
            assert turn.draft
            text = text_of(turn.draft)
            history = (*history, Exchange(question, "", turn.draft.parts, Status.ANSWERED))
    return text


def test_the_number_of_items_is_told_before_the_list(tmp_path: Path) -> None:
    answer = ask(tmp_path, "町が管理する水車はいくつありますか")
    assert COUNT in answer
    assert "丘の水車" in answer


@pytest.mark.parametrize(
    "question", ["水車はどこにありますか", "水車の羽根はいくつありますか", "町が管理する温泉はいくつありますか"]
)
def test_no_other_number_is_counted(tmp_path: Path, question: str) -> None:
    assert COUNT not in ask(tmp_path, question)


def test_a_list_that_was_shown_whole_is_not_repeated(tmp_path: Path) -> None:
    answer = ask(tmp_path, "水車は何がありますか", "ほかには?")
    assert answer == f"これで全部です。\n\n{COUNT}"
