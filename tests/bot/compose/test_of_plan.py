"""Questions about a plan as a whole: which holds, whether it has begun, what it is, what it holds, what it aims at."""

from datetime import date

import pytest

from bot.answer import Status
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.harbour", "tests.bot.city"]

NEW, OLD = "第2期霧浜市観光まちづくりプラン", "第1期霧浜市観光まちづくりプラン"
WHOLE = [
    ("いま有効な計画はどれですか", (NEW, "令和12年度")),
    ("新しいプランはもう始まっていますか?", ("はい、", "令和8年度")),
    ("観光プランとは何ですか", ("滞在型の観光へ移るため", "個別計画です", "令和12年度", "暮らすように泊まる港町")),
    ("プランの概要を教えて", ("令和12年度", "暮らすように泊まる港町", "空き家を宿に変える")),
    ("プランの柱は何ですか", ("灯台と歩く小道を結ぶ", "空き家を宿に変える", "案内をデジタルにする")),
    ("新しいプランの目標は?", ("数値で示した目標は、この計画には書かれていません", "暮らすように泊まる港町")),
    ("第1期プランの目標を教えてください", ("95,000人", "40,000人")),
    ("第1期プランの期間は?", ("令和3年度", "令和7年度")),
    ("2026年度から始まるプランの期間を和暦で", ("令和8年度", "令和12年度")),
]


@pytest.mark.parametrize(("question", "parts"), WHOLE)
def test_a_plan_as_a_whole_is_told_from_its_own_sections(
    ask_harbour: Ask, question: str, parts: tuple[str, ...]
) -> None:
    """Whatever else has been published since."""
    answered(ask_harbour(question), *parts)


def test_on_an_earlier_day_the_earlier_plan_holds(ask_harbour: Ask) -> None:
    """Which plan is in force is told for the day of the question."""
    answer = ask_harbour("いま有効な計画はどれですか", as_of=date(2023, 6, 1))
    assert OLD in answer.answer
    assert NEW not in answer.answer


def test_two_plans_are_told_by_the_same_sections(ask_harbour: Ask) -> None:
    """The period beside the period, the idea beside the idea."""
    answer = ask_harbour("前のプランと新しいプランの違いは?")
    answered(answer, "また来たくなる港町", "暮らすように泊まる港町", "令和7年度", "令和12年度")


def test_a_thing_beside_the_plan_is_no_question_about_the_plan(ask_harbour: Ask) -> None:
    """The bench of a plan is asked for by its own name."""
    answer = ask_harbour("プランの遊歩道の担当は?")
    answered(answer, "港湾課")
    assert "理念" not in answer.answer


def test_who_sees_to_the_whole_of_a_plan_is_not_asked_what_it_holds(ask_harbour: Ask) -> None:
    """全体 is not asked for there."""
    assert "理念" not in ask_harbour("観光プランの全体を見ているのはどの課ですか").answer


def test_where_something_is_written_is_told_with_what_stands_there(ask_harbour: Ask) -> None:
    """The document, its heading, and the sentence."""
    answered(ask_harbour("ベンチのことはどこに書いてありますか"), NEW, "3 灯台と歩く小道を結ぶ", "12基")


def test_a_plan_that_has_not_begun_is_said_not_to_have(ask: Ask) -> None:
    """No first, then from when on."""
    answered(ask("環境プラン3.0はもう始まっていますか?", as_of=date(2029, 3, 1)), "いいえ、")


GENERAL = [("KPIとは何ですか", Status.NO_ANSWER), ("ペーパーレス化って何?", Status.PARTIAL)]


@pytest.mark.parametrize(("question", "status"), GENERAL)
def test_a_general_meaning_is_told_as_such(ask_harbour: Ask, question: str, status: Status) -> None:
    """Beside the passage that uses the word, if one does; and never as what the documents say."""
    answer = ask_harbour(question)
    assert answer.status is status
    assert "一般には、" in answer.answer
    assert "文書によらない一般的な説明" in answer.answer


def test_a_word_that_a_document_defines_is_answered_from_there(ask_harbour: Ask) -> None:
    """The definition is the answer, without the general one."""
    answer = ask_harbour("オーバーツーリズムとは?")
    answered(answer, "支障が出ることをいいます")
    assert "一般には" not in answer.answer
