from collections.abc import Callable

import pytest

from bot.answering.answers.related_passages import find_related_passages
from bot.answering.state import Excerpt
from bot.answering.state.length_budget import MAX_EXCERPT_LENGTH
from tests.bot.answering.answers.scored import excerpt_answerer, scored_passage, text, turn_of

# A sentence without commas that is longer than any excerpt.
ENDLESS = f"渡し船の運航は{'長く' * MAX_EXCERPT_LENGTH}続きます。"


def excerpts_of_passage() -> list[str]:
    passage = text("wood-2#1", f"渡し船の歴史です。{ENDLESS}{ENDLESS}")
    draft = excerpt_answerer()(turn_of("渡し船はいつまで運航しますか", scored_passage(passage, best="運航")))
    assert draft is not None
    return [part.text for part in draft.parts if isinstance(part, Excerpt)]


def excerpts_of_related_passages() -> list[str]:
    turn = turn_of("渡し船はいつまで運航しますか", scored_passage(text("wood-2#1", ENDLESS)))
    assert turn.relevance is not None
    return [source.quote for source in find_related_passages(turn.relevance.passages, turn.query)]


@pytest.mark.parametrize(
    "render",
    [
        pytest.param(excerpts_of_passage, id="passage"),
        pytest.param(excerpts_of_related_passages, id="related passages"),
    ],
)
def test_no_excerpt_is_longer_than_the_limit(render: Callable[[], list[str]]) -> None:
    excerpts = render()
    assert excerpts
    assert max(map(len, excerpts)) <= MAX_EXCERPT_LENGTH
