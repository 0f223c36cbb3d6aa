"""Tests of small talk."""

import pytest

from bot.conversation.smalltalk import smalltalk
from bot.state import Status
from tests.bot.conversation.conversation import turn
from tests.bot.draft_rendering import text_of


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("こんにちは", "こんにちは"),
        ("おはようございます。", "こんにちは"),
        ("こんばんは、よろしくお願いします。", "こんにちは"),
        ("ありがとうございました。", "お役に立て"),
        ("なるほど、分かりました!", "お役に立て"),
        ("さようなら", "ご利用ありがとうございました"),
        ("失礼いたします。", "ご利用ありがとうございました"),
    ],
)
def test_small_talk_gets_a_short_answer_without_sources(text: str, answer: str) -> None:
    draft = smalltalk(turn(text)).draft
    assert draft is not None
    assert draft.status == Status.SMALLTALK
    assert draft.sources == ()
    assert answer in text_of(draft)


@pytest.mark.parametrize(
    "text",
    [
        "担当者は?",
        "こんにちは。渡船の運賃は?",
        "ありがとうの手紙はどこに出しますか",
        "すみませんの意味は?",
        "教えてください",
        "はい",
        "分かりません",
        "",
    ],
)
def test_other_texts_are_questions(text: str) -> None:
    left = smalltalk(turn(text))
    assert left.draft is None
    assert left.texts.searched == text
