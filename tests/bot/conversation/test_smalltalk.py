"""Tests of small talk and courtesy."""

from time import thread_time

import pytest

from bot.conversation import smalltalk
from bot.state import Status
from tests.bot.conversation.conversation import turn
from tests.bot.draft_rendering import text_of

SMALL_TALK = [
    ("こんにちは", "こんにちは"),
    ("おはようございます。", "こんにちは"),
    ("はじめまして", "こんにちは"),
    ("Hello", "こんにちは"),
    ("お世話になっております。", "こんにちは"),
    ("すみません、少し伺いたいのですが", "こんにちは"),
    ("こんばんは、よろしくお願いします。", "こんにちは"),
    ("ありがとうございました。", "お役に立て"),
    ("なるほど、分かりました!", "お役に立て"),
    ("thank you", "お役に立て"),
    ("さようなら", "ご利用ありがとうございました"),
    ("失礼いたします。", "ご利用ありがとうございました"),
    ("あなたは誰ですか?", "案内システム"),
    ("使い方を教えてください", "案内システム"),
]


@pytest.mark.parametrize(("text", "answer"), SMALL_TALK)
def test_small_talk_gets_a_short_answer(text: str, answer: str) -> None:
    ended = smalltalk(turn(text))
    assert ended.draft is not None
    assert ended.draft is not None
    assert ended.draft.status == Status.SMALLTALK
    assert ended.draft.sources == ()
    assert answer in text_of(ended.draft)


@pytest.mark.parametrize(
    "text",
    [
        "担当者につないで",
        "すみません、担当の方をお願いします。",
        "人と話したい",
        "市の職員に直接聞きたいです",
        "窓口の人と話がしたいのですが",
        "オペレーターに代わってもらえますか",
        "係の人いますか",
    ],
)
def test_a_request_for_a_person_gets_the_contact(text: str) -> None:
    for contact, way in (("", "市の窓口に"), ("広報課 076-220-2033", "広報課 076-220-2033")):
        draft = smalltalk(turn(text), contact).draft
        assert draft is not None
        assert draft.status == Status.OUT_OF_SCOPE
        assert draft.sources == ()
        assert way in text_of(draft)


@pytest.mark.parametrize(
    "text",
    [
        "担当者は?",
        "職員は何人",
        "市役所で相談できることは?",
        "電話したい",
        "人に聞いた",
        "職員と話す会",
        "市役所に出してください",
    ],
)
def test_a_question_about_people_is_a_question(text: str) -> None:
    assert smalltalk(turn(text)).draft is None


AROUND = [
    ("すみません、渡船の運賃は?", "渡船の運賃は?"),
    ("すみません渡船の運賃は?", "渡船の運賃は?"),
    ("えっとふねの運賃は?", "ふねの運賃は?"),
    ("あつぎの渡船の運賃は?", "あつぎの渡船の運賃は?"),
    ("えっと、渡船の運賃は?", "渡船の運賃は?"),
    ("あの、渡船の運賃は?", "渡船の運賃は?"),
    ("申し訳ないのですが渡船の運賃は", "渡船の運賃は"),
    ("もしもし、一つ質問させてください。渡船の運賃は?", "渡船の運賃は?"),
    ("ありがとうございます。では運賃は?", "では運賃は?"),
    ("お忙しいところ恐れ入ります。運賃を教えてください。よろしくお願いします。", "運賃を教えてください。"),
    ("運賃はいくらですか、どうぞよろしくお願い申し上げます", "運賃はいくらですか"),
    ("運賃はいくらですか。教えていただけると助かります。", "運賃はいくらですか。"),
    ("運賃はいくらでしょうか、ご教示いただけますと幸いです", "運賃はいくらでしょうか"),
    ("いつもお世話になっております。初めて質問させていただきます。渡船の運賃は?", "渡船の運賃は?"),
]


@pytest.mark.parametrize(("text", "asked"), AROUND)
def test_a_question_goes_on_without_the_courtesy_around_it(text: str, asked: str) -> None:
    left = smalltalk(turn(text))
    assert not (left.draft is not None)
    assert left.texts.searched == asked
    assert left.question.question == text


@pytest.mark.parametrize(
    "text",
    [
        "あの渡船は?",
        "すみませんの意味は?",
        "質問の件数は?",
        "はいと答えた割合は",
        "ちょっと待って",
        "運賃の案内は、教えてください",
        "名前の由来は?",
        "よく分からないのですが、渡船とは何ですか",
        "教えてください",
        "はい",
        "分かりません",
        "2でお願いします",
        "",
    ],
)
def test_courtesy_words_within_a_question_are_kept(text: str) -> None:
    left = smalltalk(turn(text))
    assert not (left.draft is not None)
    assert left.texts.searched == text


@pytest.mark.parametrize("repeated", ["教えて", "、教えて", "ありがとう", "①", "えっと、", "すみませんが"])
def test_courtesy_without_end_costs_little(repeated: str) -> None:
    text = (repeated * 1000)[:1000]
    begun = thread_time()
    smalltalk(turn(text))
    assert thread_time() - begun < 0.3
