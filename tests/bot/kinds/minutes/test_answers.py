"""Tests of answers from minutes: the words of a speaker, replies, and who spoke."""

import pytest

from bot.kinds.minutes.answer import MinutesAnswerer
from bot.kinds.minutes.compile import Meeting, find_speeches
from bot.kinds.minutes.question import find_mentions
from bot.state import Draft, Status
from ingest.blocks.speakers import read_person
from ingest.documents import Document
from ingest.japanese import nfkc
from tests.bot.answers.reading import scored_passage, turn_of
from tests.bot.draft_rendering import text_of
from tests.ingest.small_meeting import TITLE, passages_of

DOCUMENT = Document("kaigi", TITLE, "kaigi.md", issuer="潮待町")
MINUTES = """
# 記録

## 一般質問

○３番（須磨灯） 渡し船の冬の休みをなくせないか伺います。また、桟橋の手すりの修理についても伺います。

○交通課長（牧原透） 渡し船の冬の運航は、燃料の値上がりのため難しいと考えております。

○建設課長（木場航） 桟橋の手すりは、今年の10月に直します。

○７番（須磨岬） 渡し船の運賃は安くすべきです。

○５番（浜名櫂） 図書館の休館日を減らせないか伺います。

○教育長（入江汐） 図書館は、来年度から祝日も開けます。
"""


def ask(question: str, minutes: str = MINUTES) -> Draft | None:
    passages = passages_of(minutes)
    meeting = Meeting(DOCUMENT, passages, find_speeches(DOCUMENT, passages))
    answerer = MinutesAnswerer({"kaigi": meeting}, [DOCUMENT])
    return answerer(turn_of(question, *map(scored_passage, passages), documents=[DOCUMENT]))


@pytest.mark.parametrize(
    ("question", "parts", "absent"),
    [
        ("須磨灯議員は渡し船について何と言いましたか", ["須磨灯議員(3番)の発言です。", "冬の休み"], "難しい"),
        ("3番の議員は桟橋の何を質問しましたか", ["手すりの修理"], "運賃"),
        ("交通課長は渡し船についてどう答えましたか", ["交通課長(牧原透)の答えです。", "難しい"], "10月"),
        ("浜名議員は何を聞いた?", ["休館日"], "渡し船"),
        ("浜名議員の質問に町は何と答えましたか", ["祝日も開けます"], "休館日を減らせないか"),
        (
            "須磨議員は渡し船について何と言いましたか",
            ["須磨灯議員(3番)の発言です。", "須磨岬議員(7番)の発言です。\n\n渡し船の運賃は安くすべきです。"],
            "休館日",
        ),
        ("渡し船の運賃を安くすべきだと言ったのは誰ですか", ["須磨岬議員(7番)の発言です。"], "休館日"),
        ("須磨灯議員が伺った渡し船について須磨岬議員は何と言いましたか", ["運賃は安く"], "冬の休み"),
    ],
)
def test_words_are_by_the_person_in_the_question(question: str, parts: list[str], absent: str) -> None:
    draft = ask(question)
    text = text_of(draft)
    assert [part for part in parts if part not in text] == []
    assert absent not in text
    # Who said something is never sure.
    assert draft is not None
    assert (draft.status is Status.PARTIAL) is ("誰" in question)


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("浜名議員は渡し船について何と言いましたか", id="silent on the topic"),
        pytest.param("黒潮議員は渡し船について何と言いましたか", id="no speaker"),
        pytest.param("浜名議員の桟橋の手すりの質問に町は何と答えましたか", id="reply to another member"),
    ],
)
def test_words_of_others_are_not_shown_in_place_of_a_persons(question: str) -> None:
    draft = ask(question)
    assert draft is not None
    assert (draft.status, draft.sources) == (Status.NO_ANSWER, ())


@pytest.mark.parametrize(
    "question",
    [
        pytest.param("町長は渡し船について何と答えましたか", id="office without words"),
        pytest.param("第2回の協議会で、浜名議員は何を聞きましたか", id="meeting of another number"),
        pytest.param("渡し船の運賃はどう決まりましたか", id="decision"),
        pytest.param("交通課長の電話番号は", id="office without words of speaking"),
        pytest.param("田中さんの渡し船の運賃は", id="somebody who is no speaker"),
    ],
)
def test_other_questions_are_left_to_other_answers(question: str) -> None:
    assert ask(question) is None


LABELS = (
    "3番（若林葵）",
    "7番（森本修一）",
    "総務課長（若林実）",
    "教育長",
    "Ａ委員",
    "山田委員（保護者）",
    "山田委員（農協）",
)
PERSONS = [person for label in LABELS if (person := read_person(label))]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("森本修一議員の質問は", [("森本修一議員", 1)], id="full name"),
        pytest.param("若林さんの質問は", [("若林さん", 2)], id="family name of two persons"),
        pytest.param("若林課長の答弁は", [("若林課長", 1)], id="family name and office"),
        pytest.param("7番議員の質問は", [("7番議員", 1)], id="seat"),
        pytest.param("教育長の答弁は", [("教育長", 1)], id="office"),
        pytest.param("A委員の質問は", [("A委員", 1)], id="letter"),
        pytest.param("農協の山田委員の発言は", [("山田委員", 1)], id="told apart by what is represented"),
        pytest.param("高瀬議員の質問は", [("高瀬議員", 0)], id="unknown member"),
        pytest.param("公募委員の発言は", [], id="kind of member"),
        pytest.param("森本議員に教育長は答えたか", [("森本議員", 1), ("教育長", 1)], id="two speakers"),
    ],
)
def test_speakers_are_found_with_whom_they_may_mean(question: str, expected: list[tuple[str, int]]) -> None:
    text = nfkc(question)
    found = find_mentions(text, PERSONS)
    assert [(text[mention.start : mention.end], len(mention.persons)) for mention in found] == expected
