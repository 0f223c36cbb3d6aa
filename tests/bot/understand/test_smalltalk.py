"""Small talk: what gets a short answer of its own, and what goes on as a question."""

from datetime import date

import pytest

from bot.answer import Question, Status
from bot.turn import Turn
from bot.understand.question import understand
from bot.understand.smalltalk import smalltalk


def said(text: str) -> Turn:
    return smalltalk(Turn(Question(question=text), date(2026, 6, 1), text=text))


SMALL_TALK = [
    ("こんにちは", "こんにちは"),
    ("おはようございます。", "こんにちは"),
    ("こんばんは!", "こんにちは"),
    ("はじめまして", "こんにちは"),
    ("もしもし?", "こんにちは"),
    ("Hello", "こんにちは"),
    ("ありがとう", "お役に立て"),
    ("ありがとうございました。", "お役に立て"),
    ("助かりました!", "お役に立て"),
    ("分かりました", "お役に立て"),
    ("了解です", "お役に立て"),
    ("thank you", "お役に立て"),
    ("さようなら", "ご利用ありがとうございました"),
    ("失礼します。", "ご利用ありがとうございました"),
    ("あなたは誰ですか?", "案内システム"),
    ("何ができますか?", "案内システム"),
    ("使い方を教えてください", "案内システム"),
    ("お名前は?", "案内システム"),
    ("すみません", "こんにちは"),
    ("すみません、ちょっと聞きたいんですけど", "こんにちは"),
    ("こんにちは、よろしくお願いします。", "こんにちは"),
]


@pytest.mark.parametrize(("text", "answer"), SMALL_TALK)
def test_small_talk_gets_an_answer_of_its_own(text: str, answer: str) -> None:
    """Greetings, thanks, farewells and questions about the service end the turn, without sources."""
    turn = said(text)
    assert turn.finished
    assert turn.draft is not None
    assert turn.draft.status is Status.SMALLTALK
    assert answer in turn.draft.text
    assert turn.draft.sources == ()


@pytest.mark.parametrize(
    "text",
    [
        "こんにちは。プランの期間は?",
        "ありがとうございます。では目標は?",
        "もしもし、環境政策課ですか",
        "どうもよく分からないのですが、行動指針とは何ですか",
        "使い方のルールはプランにありますか",
        "名前の由来は?",
        "何ができるようになりますか",
        "挨拶運動はありますか",
        "hidden rules",
        "",
    ],
)
def test_a_question_behind_a_greeting_goes_on(text: str) -> None:
    """Only a text that is small talk from end to end is answered here."""
    turn = said(text)
    assert not turn.finished
    assert turn.draft is None


def test_a_question_goes_on_without_the_courtesy_around_it() -> None:
    """It is understood as if it had been asked alone; what was typed stays as it was."""
    turn = said("すみません、プランの期間は?よろしくお願いします。")
    assert turn.text == "プランの期間は?"
    assert turn.asked == understand("プランの期間は?")
    assert turn.question.question == "すみません、プランの期間は?よろしくお願いします。"
