"""What came of a matter in a meeting, the next one's date, and what is only told to be decided later."""

from datetime import date

import pytest

from bot.find.evidence import Evidence
from bot.find.outcome import awaits, is_yet_to_come, tells_next_meeting, tells_outcome
from bot.find.sought import Sought
from bot.understand.asked import Kind
from bot.understand.question import understand
from bot.understand.scope import Scopes
from ingest.documents import Document, Passage

MINUTES = Document("m", "水辺の会 会議録", "m.txt", kind="meeting")
PLAN = Document("p", "水辺の計画", "p.md", kind="plan")


def sought(question: str) -> Sought:
    """Return the question as it is held against the minutes."""
    asked = understand(question)
    return Sought(asked, Scopes([MINUTES])(asked, date(2026, 6, 1)))


def sentence(text: str, heading: str = "議題2 桟橋の移設について") -> Evidence:
    """Return a sentence of the minutes under a heading."""
    return Evidence(Passage("m#1", "m", "text", (heading,), text, (1,)), "sentence", text)


@pytest.mark.parametrize(
    "question",
    [
        "桟橋を移す話はどうなりましたか",
        "桟橋の移設は決まった?",
        "桟橋の移設は認められたの",
        "桟橋の件は可決されましたか",
    ],
)
def test_a_decision_tells_what_came_of_the_matter(question: str) -> None:
    """What was agreed to, put off or left open is the outcome; what was said on the way is none."""
    for decided in ("案のとおり了承した。", "本日は継続審議とした。", "結論を出さなかった。"):
        assert tells_outcome(sentence(decided), sought(question), MINUTES)
    assert not tells_outcome(sentence("桟橋は古い。"), sought(question), MINUTES)
    assert not tells_outcome(sentence("案のとおり了承した。"), sought(question), PLAN)


@pytest.mark.parametrize(
    "question", ["決まったことを全部挙げてください", "桟橋の長さは?", "来場者数はどれだけ増えましたか"]
)
def test_other_questions_ask_for_no_outcome(question: str) -> None:
    """A list of what was decided, a length and a figure are asked for themselves."""
    assert not tells_outcome(sentence("案のとおり了承した。"), sought(question), MINUTES)


def test_the_outcome_of_a_matter_is_no_figure() -> None:
    """日数 in the name of the matter asks for no days, where 話 and どうなりましたか ask for its state."""
    assert understand("貸す日数を延ばす話はどうなりましたか").kind is Kind.HOW
    assert understand("貸出の件数はどうなりましたか").kind is Kind.QUANTITY


@pytest.mark.parametrize(("question", "told"), [("次の会議はいつですか", True), ("会議はいつでしたか", False)])
def test_the_next_meeting_is_told_by_what_is_called_next(question: str, told: bool) -> None:  # noqa: FBT001
    """次回は… answers for the next one only."""
    assert tells_next_meeting(sentence("次回は、11月3日に開く。", "その他"), sought(question), MINUTES) is told


def test_what_is_to_be_decided_later_tells_no_decision() -> None:
    """A question whether it was decided stays open where the best that is told is that it will be."""
    asked = sought("桟橋の移設は可決されましたか")
    later = sentence("移設は、港湾審議会に諮った上で正式に決定する。")
    assert is_yet_to_come(later, asked)
    assert awaits(asked, [(later, 0.9, False), (sentence("桟橋は古い。"), 0.4, True)])
    assert not awaits(asked, [(later, 0.5, False), (sentence("移設は可決された。"), 0.9, True)])
