"""How the workbench shows an answer, however a run has saved it."""

import re
from types import SimpleNamespace
from typing import Any

import pytest

from bot.state import Answer
from eval.workbench.frame import render
from tests.bot.prepared_answers import EXCERPT_SHOWN, NEAREST_SHOWN, TABLE_SHOWN


def render_answer(**content: Any) -> str:
    """Return the answer's HTML on the page of a conversation, without spaces between its elements."""
    answer = Answer.model_validate({"answer_id": "a", "conversation_id": "c", "status": "answered", **content})
    return render_recorded(answer.model_dump(mode="json"))


def render_recorded(answer: Any) -> str:
    turn = SimpleNamespace(question="何ですか", answer={"answer_id": "a", "calls": (), **answer}, rejected=())
    html = render("ask.html", turns=(), answer=None, refused=(), recorded=(turn,), conversation="c")
    return re.sub(r"\s+(?=<)", "", html)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (EXCERPT_SHOWN, "<mark>港の通りは再来年度</mark>"),
        (TABLE_SHOWN, '<th scope="row">朝の便</th>'),
        (NEAREST_SHOWN, "<blockquote>街灯は次のように替えます。"),
    ],
)
def test_an_answer_is_shown_in_its_blocks(content: dict[str, Any], expected: str) -> None:
    assert expected in render_answer(**content)


def test_an_answer_from_before_there_were_blocks_is_its_text() -> None:
    assert '<div class="said"><p>はい[1]。</p><p>二つ</p></div>' in render_recorded({"answer": "はい[1]。\n二つ"})
