"""What a question wants to know of a meeting."""

import pytest

from bot.minutes import parse_minutes_question
from bot.minutes.question import Act, Wanted, meeting_numbers
from ingest.japanese import nfkc
from ingest.minutes import Person, read_person

LABELS = ("3番（若林　葵）", "7番（森本　修一）", "総務課長（谷口　実）", "教育長", "議長（北原　望）")


def persons() -> list[Person]:
    """Return the speakers of an invented council."""
    return [person for label in LABELS if (person := read_person(label))]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        pytest.param("給食費はどの会議で質問されましたか", Wanted.MEETING, id="meeting before words of speaking"),
        pytest.param("給食費について質問したのは誰ですか", Wanted.WHO, id="speaker"),
        pytest.param("給食費の質問者は", Wanted.WHO, id="role of a speaker"),
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
    ("question", "act", "stance"),
    [
        pytest.param("給食費について質問したのは誰ですか", Act.ASK, "", id="asks"),
        pytest.param("給食費について答弁したのは誰ですか", Act.REPLY, "", id="replies"),
        pytest.param("給食費の値上げに反対と発言したのは誰ですか", Act.STATE, "反対", id="states against"),
        pytest.param("給食費の値上げを心配する発言をしたのは誰ですか", Act.STATE, "心配", id="states worry"),
    ],
)
def test_act_and_stance_of_the_speaker_are_read(question: str, act: Act, stance: str) -> None:
    parsed = parse_minutes_question(nfkc(question), persons())
    assert parsed is not None
    assert (parsed.act, parsed.stance) == (act, stance)


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
