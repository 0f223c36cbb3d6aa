"""Courtesy around a question says nothing of what is asked."""

import pytest

from bot.understand.courtesy import is_courtesy, without_courtesy

AROUND = [
    ("すみません、基本理念は?", "基本理念は?"),
    ("すみませんプランの期間は?", "プランの期間は?"),
    ("すいませんが期間は?", "期間は?"),
    ("あの、基本理念は", "基本理念は"),
    ("あのー基本理念は", "基本理念は"),
    ("えっと、目標は?", "目標は?"),
    ("もしもし、ちょっと聞きたいんですが、目標は?", "目標は?"),
    ("恐れ入りますが、担当課を教えていただけますか。", "担当課を教えていただけますか。"),
    ("申し訳ないのですが期間は", "期間は"),
    ("お世話になっております。質問なのですが、期間は", "期間は"),
    ("いくつか質問させてください。期間は?", "期間は?"),
    ("ありがとうございます。では目標は?", "では目標は?"),
    ("お忙しいところ恐れ入ります。期間を教えてください。よろしくお願いします。", "期間を教えてください。"),
    ("期間はいつまでですか。教えていただけると助かります。", "期間はいつまでですか。"),
    ("期間はいつまでですか、どうぞよろしくお願い申し上げます", "期間はいつまでですか"),
]


@pytest.mark.parametrize(("said", "asked"), AROUND)
def test_courtesy_before_and_behind_a_question_is_taken_off(said: str, asked: str) -> None:
    """Interjections, apologies, announcements and requests for an answer leave the question as it would stand alone."""
    assert without_courtesy(said) == asked


@pytest.mark.parametrize(
    "text",
    [
        "あのプランは?",
        "どうもよく分からないのですが、行動指針とは何ですか",
        "すみませんの意味は?",
        "質問の件数は?",
        "ちょっと待って",
        "はいの回答の割合は",
        "計画期間 教えてください",
        "1でお願いします",
        "教えてください",
        "",
    ],
)
def test_the_same_words_as_a_part_of_the_question_stay(text: str) -> None:
    """Courtesy stands apart from the question: what is joined to it by a particle is of the question."""
    assert without_courtesy(text) == text


@pytest.mark.parametrize("text", ["すみません", "あの…", "ちょっとお聞きしたいことがあるのですが", "質問があります。"])
def test_courtesy_alone_asks_nothing(text: str) -> None:
    """Who says no more has not asked yet."""
    assert is_courtesy(without_courtesy(text))


@pytest.mark.parametrize("text", ["教えてください", "はい", "お願いします", "すみません、目標は?"])
def test_what_may_answer_or_ask_is_no_courtesy_alone(text: str) -> None:
    """A request for more, a yes, and a question are read as such."""
    assert not is_courtesy(without_courtesy(text))
