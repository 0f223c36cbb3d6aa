"""Minutes as evidence: who said it, what it replies to, which wish is no fact, which meeting is told of."""

from datetime import date

import pytest

from bot.find.evidence import Evidence, speaker_of
from bot.find.fit import fits
from bot.find.minutes import MINUTES as PARTS
from bot.find.pieces import pieces
from bot.find.sought import Sought
from bot.understand.question import understand
from bot.understand.scope import Scopes
from ingest.documents import Cell, Document, Passage
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.library"]

PLAN = Document("plan-1", "第1次計画", "p.md", kind="plan")
OTHER = Document("plan-2", "第2次計画", "q.md", kind="plan")
MINUTES = Document("minutes", "協議会 会議録", "m.txt", kind="meeting")

SPEECHES = (
    "○望月委員 貸出が減った理由は何ですか。\n○久保係長 休館の影響です。加えて、予算が減りました。\n○三好館長 以上です。"
)


def sentences(text: str) -> dict[str, Evidence]:
    """Return the sentences of a passage of minutes by their text."""
    passage = Passage("d#1", "d", "text", ("4 議事",), text, (1,))
    return {piece.text: piece for piece in pieces(passage) if piece.kind == "sentence"}


def test_a_reply_is_about_what_was_asked() -> None:
    """休館の影響です says nothing of 貸出; the question before it does."""
    reply = sentences(SPEECHES)["休館の影響です。"]
    assert speaker_of(reply) == "久保係長"
    assert {"貸し出し", "減る", "理由"} <= reply.near


def test_what_follows_the_reply_is_no_reply() -> None:
    """The next to speak answers nobody."""
    assert sentences(SPEECHES)["以上です。"].reply_to == ""


def test_who_serves_the_meeting_replies_to_an_opinion_and_another_member_does_not() -> None:
    """増やす says nothing of 絵本; the worry before it does. A member who speaks next has an opinion of his own."""
    found = sentences("○望月委員 絵本が足りず心配だ。\n○久保係長 来年度に増やす。\n○桐谷委員 机も古い。")
    assert "絵本" in found["来年度に増やす。"].near
    assert found["机も古い。"].reply_to == ""


def test_what_the_municipality_answered_is_said_by_who_serves_it() -> None:
    """市はどう答えた asks for 久保係長, not for the member who asked."""
    asked = understand("机が古いという意見に市はどう答えましたか")
    sought = Sought(asked, Scopes([MINUTES])(asked, date(2026, 6, 1)))
    member, officer = sentences("○望月委員 机が古い。\n○久保係長 机は順に替える。").values()
    assert sum(part(officer, sought, MINUTES) for part in PARTS) > sum(part(member, sought, MINUTES) for part in PARTS)


def test_a_doubt_put_as_a_question_is_what_its_speaker_said() -> None:
    """Who worried is told by a question; elsewhere a question is no answer."""
    doubt = sentences("○望月委員 屋根は雪に耐えるのか。\n○久保係長 補強する。")["屋根は雪に耐えるのか。"]

    def tells(question: str) -> bool:
        asked = understand(question)
        return fits(doubt, Sought(asked, Scopes([MINUTES])(asked, date(2026, 6, 1))), MINUTES)

    assert tells("屋根の雪を心配した委員は誰ですか")
    assert not tells("屋根の雪にどう備えますか")


@pytest.mark.parametrize(("question", "gain"), [("会議では何と説明されましたか?", 0.15), ("何冊ありますか?", 0.0)])
def test_minutes_come_first_where_it_is_asked_what_was_said_in_a_meeting(question: str, gain: float) -> None:
    """A plan that names the same thing was not said there."""
    asked = understand(question)
    sought = Sought(asked, Scopes([MINUTES])(asked, date(2026, 6, 1)))
    piece = Evidence(
        Passage("minutes#1", "minutes", "text", ("5 議事",), "本は5冊だ。", (1,)), "sentence", "本は5冊だ。"
    )
    assert sum(part(piece, sought, MINUTES) for part in PARTS) == gain


MANNERS = {
    "brackets": ("【望月委員】理由は何ですか。\n【久保係長】休館の影響です。", "久保係長"),
    "round brackets": ("(望月委員) 理由は何ですか。\n(久保係長) 休館の影響です。", "久保係長"),
    "a colon": ("望月委員:理由は何ですか。\n事務局:休館の影響です。", "事務局"),
    "the chair": ("○議長 理由は何ですか。\n○事務局 休館の影響です。", "事務局"),
}


@pytest.mark.parametrize(("text", "speaker"), MANNERS.values(), ids=MANNERS)
def test_who_speaks_is_known_in_each_manner(text: str, speaker: str) -> None:
    """The mark is no part of the name, and the name none of what is said."""
    reply = sentences(text)["休館の影響です。"]
    assert speaker_of(reply) == speaker
    assert "理由" in reply.near


def test_an_office_before_a_colon_says_nothing_alone() -> None:
    """委員: 15人以内とします。 defines; it takes two to talk."""
    assert [speaker_of(piece) for piece in sentences("委員: 15人以内とします。\n任期は2年です。").values()] == ["", ""]


def test_a_speech_is_not_about_the_name_of_the_paper_discussed() -> None:
    """(2) 第3次図書館計画(素案)の目標について: what is said there is about 目標, not about each word of the name."""
    passage = Passage("d#1", "d", "text", ("(2) 第3次図書館計画(素案)の目標について",), "○久保係長 3年間です。", (1,))
    (piece,) = pieces(passage)
    assert "目標" in piece.near
    assert not {"図書館", "計画"} & piece.near


ASKED = [
    ("新聞を読めるようにしてほしいと言ったのは誰?", "桐谷委員は"),
    ("新聞の閲覧を求めたのはどの委員ですか?", "桐谷委員は"),
    ("貸出点数が目標に届かなかった理由は何ですか?", "久保係長は"),
    ("西山分館の工事費について館長は何と説明しましたか?", "三好館長は"),
]


@pytest.mark.parametrize(("question", "speaker"), ASKED)
def test_who_said_it_is_told(ask_library: Ask, question: str, speaker: str) -> None:
    """The one who wishes where a wish is asked for, the one who is named, the one who replied."""
    answered(ask_library(question), speaker)


def test_a_reply_is_given_with_the_sentence_that_goes_on(ask_library: Ask) -> None:
    """Two sentences where two do: the reason, and the other one."""
    answered(ask_library("貸出点数が目標に届かなかった理由は何ですか?"), "来館の習慣", "開館時間の短縮")


@pytest.mark.parametrize(("question", "gain"), [("会議はいつでしたか?", -0.5), ("次の会議はいつですか?", 0.5)])
def test_the_next_meeting_comes_first_where_it_is_asked_for_and_last_where_not(question: str, gain: float) -> None:
    """6 次回の開催 tells of another day."""
    asked = understand(question)
    sought = Sought(asked, Scopes([MINUTES])(asked, date(2026, 6, 1)))
    passage = Passage("minutes#1", "minutes", "text", ("6 次回の開催",), "令和8年2月5日", (1,))
    piece = Evidence(passage, "sentence", passage.text)
    assert sum(part(piece, sought, MINUTES) for part in PARTS) == gain


def test_the_next_meeting_is_told_where_it_is_asked_for(ask_library: Ask) -> None:
    """11月下旬."""
    answered(ask_library("図書館協議会の次の開催はいつですか?"), "11月下旬")


@pytest.mark.parametrize(
    ("question", "allowed"),
    [
        ("第1次計画の目標は達成しましたか?", {"plan-1", "minutes"}),
        ("第1次計画の登録率の実績は?", {"plan-1", "minutes"}),
        ("第1次計画の登録率の目標は?", {"plan-1"}),
    ],
)
def test_minutes_tell_what_came_of_a_plan(question: str, allowed: set[str]) -> None:
    """A plan sets its targets; what was reached stands in the minutes of the years after."""
    assert Scopes([PLAN, OTHER, MINUTES])(understand(question), date(2026, 6, 1)).allowed == allowed


@pytest.mark.parametrize(("heading", "fit"), [("(1) 第1次計画の達成状況", True), ("(2) 第2次計画の達成状況", False)])
def test_minutes_answer_for_a_plan_where_they_speak_of_it(heading: str, *, fit: bool) -> None:
    """The results of another plan are no results of this one."""
    asked = understand("第1次計画の登録率の実績は?")
    sought = Sought(asked, Scopes([PLAN, OTHER, MINUTES])(asked, date(2026, 6, 1)))
    cells = (Cell("指標", "登録率"), Cell("目標値", "35%"), Cell("実績値", "32%"))
    row = Passage("minutes#1", "minutes", "row", (heading,), "指標: 登録率", (1,), cells=cells)
    assert fits(Evidence(row, "row", "指標: 登録率\n目標値: 35%\n実績値: 32%"), sought, MINUTES) is fit


def test_who_holds_an_office_is_told_by_a_name_first() -> None:
    """三好花子会長 before 会長は学識経験者."""
    asked = understand("協議会の会長は誰ですか")
    sought = Sought(asked, Scopes([MINUTES])(asked, date(2026, 6, 1)))
    named, kind = sentences("三好花子会長、望月委員が出席しました。\n会長は学識経験者です。").values()
    assert sum(part(named, sought, MINUTES) for part in PARTS) > sum(part(kind, sought, MINUTES) for part in PARTS)
