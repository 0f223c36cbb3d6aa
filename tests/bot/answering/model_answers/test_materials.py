import re
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.answering.llm.model_calls import estimate_tokens
from bot.answering.model_answers.materials import MaterialsSelector, describe_situation
from bot.answering.state import Turn
from ingest.documents import Document, Passage
from ingest.publications import Publications
from tests.bot.answering.answers.scored import scored_passage, turn_of

GUIDE = Document("guide", "丘の温室の案内", "guide.md", issuer="杉森市", published="2026-01")
QUESTION = "温室の切符はいくらですか"
LONG = "温室では四季の花を育てています。" * 12


def passage(number: int, text: str = LONG, heading: str = "") -> Passage:
    return Passage(
        f"guide#{number}", "guide", "text", (heading or f"{number}. 花壇",), f"{number}番。{text}", (number,)
    )


def selector(passages: Sequence[Passage], document: Document = GUIDE, **options: bool) -> MaterialsSelector:
    index: Any = SimpleNamespace(
        by_id={document.id: document},
        publications=Publications([document]),
        passages=passages,
        passages_from=lambda row, step: iter(passages[row + 1 :] if step > 0 else passages[:row][::-1]),
        passage_row={one.id: row for row, one in enumerate(passages)}.__getitem__,
        document_passages=lambda _: passages,
    )
    return MaterialsSelector(index, **options)


def turn(*ranked: Passage, document: Document = GUIDE) -> Turn:
    return turn_of(QUESTION, *map(scored_passage, ranked), documents=[document])


def shown(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"^(\d+)番。", text, re.MULTILINE)]


SHORT = [passage(n, "花が咲きます。") for n in range(1, 31)]
MANY = [passage(n) for n in range(1, 201)]


def test_short_documents_are_given_whole_and_the_same_for_each_question() -> None:
    select = selector(SHORT)
    texts = [select(turn(SHORT[best])).fit(None) for best in (3, 17)]
    assert texts[0] == texts[1]
    assert shown(texts[0]) == list(range(1, 31))
    assert texts[0].count("丘の温室の案内") == 1


def test_the_best_passages_of_long_documents_are_given_with_the_section_and_the_imprint() -> None:
    passages = [*MANY, passage(201, "電話 045-555-0123", "奥付")]
    passages[9:12] = [passage(n, heading="料金") for n in (10, 11, 12)]
    ranked = [passages[10], *passages[30:60]]
    materials = selector(passages)(turn(*ranked))
    assert shown(materials.fit(None)) == [10, 11, 12, *range(31, 50), 201]
    assert [materials.passages[n - 1].id for n in materials.ranked[:2]] == ["guide#11", "guide#31"]


def test_a_long_section_is_given_around_its_best_passage() -> None:
    passages = [passage(n, heading="花壇") for n in range(1, 201)]
    assert 95 in shown(selector(passages)(turn(passages[95])).fit(None))
    assert len(shown(selector(passages)(turn(passages[95])).fit(None))) < 30


@pytest.mark.parametrize(("passages", "best"), [(SHORT, (5, 20)), (MANY, (90, 3, 44))])
def test_what_does_not_fit_is_left_out_from_the_end_of_the_ranking(
    passages: list[Passage], best: tuple[int, ...]
) -> None:
    materials = selector(passages)(turn(*(passages[n] for n in best)))
    for limit in (1, 120, 300):
        text = materials.fit(limit)
        numbers = shown(text)
        assert best[0] + 1 in numbers
        assert set(numbers) <= {n + 1 for n in best}
        assert len(numbers) == 1 or estimate_tokens(text) <= limit
        assert all(f"[{n}]\n{materials.passages[n - 1].text}" in text for n in materials.ranked[: len(numbers)])


def test_a_compact_prompt_has_short_passages() -> None:
    materials = selector(MANY, is_compact=True)(turn(*MANY[20:30]))
    assert {one.id for one in materials.passages} == {f"guide#{n}" for n in range(21, 25)}
    assert estimate_tokens(materials.fit(None)) < 1000


def test_names_that_no_document_has_are_a_note() -> None:
    asked = replace(turn(SHORT[0]), absent=("月見台ホール",))
    assert "「月見台ホール」という名前は、資料のどこにも見つかりません。" in describe_situation(asked)
