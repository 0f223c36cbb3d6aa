"""Questions in English."""

import pytest

from bot.understand.english import in_japanese
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.city"]

ENGLISH = [
    ("What is the period of the plan?", "計画の期間は何?"),
    ("When is the next meeting?", "次回の会議はいつ?"),
    ("Who is the head of the みどり推進本部?", "みどり推進本部の長はだれ?"),
    ("How much is the after-school club fee?", "放課後児童クラブの利用料はいくら?"),
    ("When does プラン2.0 end?", "プラン2.0はいつ終わる?"),
    ("list the five fields", "5つの分野を教えて"),
    ("基本理念は何ですか", "基本理念は何ですか"),
    ("DXとAIの違いは?", "DXとAIの違いは?"),
    ("BYOD AI-OCR", "BYOD AI-OCR"),
    ("The Sound of Musicの公演日", "The Sound of Musicの公演日"),
    ("KPI of the plan の一覧", "KPI of the plan の一覧"),
    ("The Sound of Music", "The Sound of Music"),
    ("When is The Sound of Music?", "Sound of Musicはいつ?"),
    ("period of the plan", "計画の期間"),
    ("Is the plan still valid?", "計画は有効ですか?"),
    ("Are there any fees?", "利用料はありますか?"),
    ("Is the plan blue?", "Is the plan blue?"),
    ("What is this plan about?", "計画を策定した目的は何?"),
]


@pytest.mark.parametrize(("text", "japanese"), ENGLISH)
def test_words_of_asking_and_administration_are_put_in_japanese(text: str, japanese: str) -> None:
    """Names stay as they are, and so does a question that asks in Japanese."""
    assert in_japanese(text) == japanese


def test_a_question_in_english_is_answered(ask: Ask) -> None:
    """In the words of the documents."""
    answered(ask("What is the basic philosophy of the plan?"), "緑と水を未来へつなぐまち")


def test_what_a_plan_is_about_is_its_purpose(ask: Ask) -> None:
    """Why it was made."""
    answered(ask("What is this plan about?"), "脱炭素を進めるため")
