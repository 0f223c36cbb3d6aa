"""Tests of what a question wants to know of a meeting, and of the speakers whom it mentions."""

from collections.abc import Iterable

import pytest

from bot.minutes.mentions import find_mentions
from bot.minutes.question import meeting_numbers, parse_minutes_question
from bot.state.minutes_question import MentionKind, Wanted
from ingest.japanese import nfkc
from ingest.minutes.speakers import read_person
from ingest.spoken_words import Person

LABELS = ("3番（若林　葵）", "7番（森本　修一）", "総務課長（谷口　実）", "教育長", "議長（北原　望）")


def persons(labels: Iterable[str] = LABELS) -> list[Person]:
    return [person for label in labels if (person := read_person(label))]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        pytest.param("若林議員の質問に教育長は何と答えましたか", Wanted.REPLY, id="reply before the member's words"),
        pytest.param("若林議員は給食費について何と言いましたか", Wanted.WORDS, id="words of a member"),
        pytest.param("若林議員の話の内容は", Wanted.WORDS, id="words without speaking"),
        pytest.param("高瀬議員は何と発言しましたか", Wanted.WORDS, id="words of an unknown member"),
        pytest.param("議案第3号は可決されましたか", Wanted.DECISION, id="decision"),
        pytest.param("給食費の値上げはどう決まりましたか", Wanted.DECISION, id="how decided"),
        pytest.param(
            "教育長は可決された議案について何と答弁しましたか", Wanted.WORDS, id="reply of an office before decision"
        ),
        pytest.param("市は給食費について何と答えましたか", Wanted.REPLY, id="reply of the office as a whole"),
        pytest.param("給食費についての答弁内容", Wanted.REPLY, id="reply without a verb"),
        pytest.param("若林議員の給食費", Wanted.WORDS, id="only a known member"),
        pytest.param("給食費はいくらですか", None, id="amount"),
        pytest.param("市長の名前は?", None, id="name"),
        pytest.param("図書館はいつ開いていますか", None, id="time"),
        pytest.param("日程が決まった行事はどれですか", None, id="decision within a clause"),
        pytest.param("総務課長の給料は", None, id="office without words of speaking"),
    ],
)
def test_the_more_specific_wish_comes_first(question: str, wanted: Wanted | None) -> None:
    parsed = parse_minutes_question(nfkc(question), persons())
    assert (parsed.wanted if parsed else None) == wanted


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        pytest.param("若林議員は給食費について何と言いましたか", "給食費", id="words"),
        pytest.param("令和8年の定例会で給食費の値上げは可決されましたか", "給食費の値上げ", id="decision"),
    ],
)
def test_the_topic_has_no_speaker_and_no_word_of_meetings(question: str, topic: str) -> None:
    parsed = parse_minutes_question(nfkc(question), persons())
    assert parsed is not None
    assert topic in parsed.topic
    assert not {"若林", "議員", "定例会", "可決", "令和"} & {
        word for word in ("若林", "議員", "定例会", "可決", "令和") if word in parsed.topic
    }


def test_numbers_of_meetings_are_ordinals() -> None:
    assert meeting_numbers("第2回と第3回の会議で5回") == {2.0, 3.0}


MENTIONED = (
    *("3番（若林　葵）", "7番（森本　修一）", "総務課長（若林　実）", "教育長", "A委員"),
    *("山田委員（保護者）", "山田委員（農協）"),
)
NAME, SEAT, OFFICE = MentionKind.NAME, MentionKind.SEAT, MentionKind.OFFICE


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("森本修一議員の質問は", [("森本修一議員", NAME, 1)], id="full name"),
        pytest.param("森本さんの質問は", [("森本さん", NAME, 1)], id="family name"),
        pytest.param("若林議員の質問は", [("若林議員", NAME, 2)], id="family name of two persons"),
        pytest.param("若林課長の答弁は", [("若林課長", NAME, 1)], id="family name and office"),
        pytest.param("7番議員の質問は", [("7番議員", SEAT, 1)], id="seat"),
        pytest.param("教育長の答弁は", [("教育長", OFFICE, 1)], id="office"),
        pytest.param("A委員の質問は", [("A委員", NAME, 1)], id="letter"),
        pytest.param(
            "農協の山田委員の発言は", [("山田委員", NAME, 1)], id="namesake told apart by what is represented"
        ),
        pytest.param("保護者の山田委員の発言は", [("山田委員", NAME, 1)], id="namesake who represents the users"),
        pytest.param("高瀬議員の質問は", [("高瀬議員", NAME, 0)], id="unknown member"),
        pytest.param("建設課長の答弁は", [("建設課長", OFFICE, 0)], id="unknown office"),
        pytest.param("公募委員の発言は", [], id="kind of member"),
        pytest.param("森本議員に教育長は答えたか", [("森本議員", NAME, 1), ("教育長", OFFICE, 1)], id="two speakers"),
    ],
)
def test_speakers_are_found_with_whom_they_may_mean(
    question: str, expected: list[tuple[str, MentionKind, int]]
) -> None:
    mentions = find_mentions(nfkc(question), persons(MENTIONED))
    assert [(mention.text, mention.kind, len(mention.persons)) for mention in mentions] == expected
