"""Tests of refusals with related passages and a contact."""

import pytest

from bot.answers.related_passages import NoAnswer
from bot.state import Status
from tests.bot.answers.reading import CITY, NEW, scored_passage, text, turn_of
from tests.bot.draft_rendering import text_of

NEAR = [
    scored_passage(text(f"wood-2#{n}", f"道具館の第{n}展示室には{n}台の機械があります。"), best="機械")
    for n in range(1, 6)
]
FAR = "道具館の屋上に温泉はありますか"


def test_refusal_has_no_citation() -> None:
    draft = NoAnswer(CITY, "博物館係")(turn_of(FAR, *NEAR, confidence=0.1))
    assert draft.status is Status.NO_ANSWER
    assert draft.sources == ()
    assert "[" not in text_of(draft)


def test_related_passages_are_quoted() -> None:
    draft = NoAnswer(CITY, "")(turn_of(FAR, *NEAR, confidence=0.1))
    assert [near.passage.id for near in draft.nearest] == ["wood-2#1", "wood-2#2", "wood-2#3"]
    assert all(near.quote in near.passage.text and near.quote for near in draft.nearest)
    assert "近いことが書かれている箇所" in text_of(draft)


def test_improbable_passage_is_not_related() -> None:
    far = [scored_passage(text("wood-2#8", "道具館の屋根は杉の皮です。"), probability) for probability in (0.2, 0.01)]
    draft = NoAnswer(CITY, "")(turn_of(FAR, *far, confidence=0.1))
    assert len(draft.nearest) == 1
    assert NoAnswer(CITY, "")(turn_of(FAR, far[1], confidence=0.1)).nearest == ()


def test_refusal_names_the_town_without_documents() -> None:
    draft = NoAnswer(CITY, "")(turn_of("高山市の道具館に温泉はありますか", *NEAR, confidence=0.9))
    assert text_of(draft).startswith("高山市の文書は、ここにはありません。近いこと")


def test_refusal_without_related_passages_promises_none() -> None:
    draft = NoAnswer(CITY, "")(turn_of(FAR, confidence=0.0))
    assert draft.nearest == ()
    assert "近い" not in text_of(draft)
    assert "文書に書かれていること" in text_of(draft)
    assert "文書に書かれていること" not in text_of(NoAnswer(CITY, "")(turn_of(FAR, *NEAR, confidence=0.1)))


def test_refusal_names_a_contact() -> None:
    assert "博物館係" in text_of(NoAnswer(CITY, "博物館係")(turn_of(FAR)))
    assert "言葉を変えて" in text_of(NoAnswer(CITY, "")(turn_of(FAR)))
    assert "言葉を変えて" not in text_of(NoAnswer(CITY, "博物館係")(turn_of(FAR)))


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Is there a hot spring on the roof?", "Sorry, I could not find this in the documents. These"),
        ("我想知道道具馆屋顶上有没有温泉", "抱歉，在文件中没有找到相关内容。以下"),
        ("온천이 있나요", "すみません"),
        ("2026", "すみません"),
    ],
)
def test_refusal_is_in_the_readers_language(question: str, said: str) -> None:
    turn = turn_of(question, *NEAR, confidence=0.1)
    assert turn.query is not None
    assert text_of(NoAnswer(CITY, "")(turn), turn.query.answer_language).startswith(said)


def test_refusal_names_the_document_in_scope() -> None:
    question = "新しい計画では、道具館の屋上に温泉はありますか"
    assert text_of(NoAnswer(CITY, "")(turn_of(question))).startswith("すみません、「木の道具館計画2.0」の中には")
    assert NEW.title not in text_of(NoAnswer((NEW,), "")(turn_of(question, documents=(NEW,))))
    assert NEW.title not in text_of(NoAnswer(CITY, "")(turn_of(FAR)))
