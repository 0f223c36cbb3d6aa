"""Turns about the talk itself, and which plan a talk goes on about."""

import pytest

from bot.answer import Status
from bot.understand.of_talk import Wish, wish_of_talk
from tests.bot.asking import Ask, answered

pytest_plugins = ["tests.bot.harbour"]

WISHES = [
    ("もっとわかりやすく", Wish.SIMPLER),
    ("簡単に説明してください", Wish.SIMPLER),
    ("難しくてわかりません", Wish.SIMPLER),
    ("どういう意味ですか?", Wish.MEANING),
    ("それってどういうこと?", Wish.MEANING),
    ("なぜですか", Wish.REASON),
    ("なんで?", Wish.REASON),
    ("理由は?", Wish.REASON),
    ("なぜ目標に届かなかったのですか", None),
    ("遊歩道はどういう道ですか", None),
    ("簡単な手続きはどれですか", None),
]


@pytest.mark.parametrize(("text", "wish"), WISHES)
def test_a_turn_about_the_talk_says_nothing_else(text: str, wish: Wish | None) -> None:
    """A question with a subject of its own is none."""
    assert wish_of_talk(text) is wish


TALKS = [
    (("第1期プランの基本理念は?", "それはいつまで?"), ("令和7年度",)),
    (("第1期プランの基本理念は?", "それはいつまで?", "目標は?"), ("95,000人",)),
    (("第2期プランの基本理念は?", "それはいつまで?"), ("令和12年度",)),
    (("第1期プランの期間は?", "新しいほうは?", "それはいつまで?"), ("令和12年度",)),
    (("遊歩道には何を置きますか?", "もっと詳しく", "誰が担当するの?"), ("港湾課",)),
    (("遊歩道には何を置きますか?", "もっと詳しく", "灯台まつりはいつですか?"), ("10月17日",)),
    (("遊歩道の整備の担当は?", "どこに書いてありますか?"), ("灯台と歩く小道を結ぶ",)),
    (("重点方針は?", "ほかには?"), ("ほかには、書かれていません", "空き家を宿に変える")),
    (("第2期プランの期間は?", "重点方針の二つ目は?"), ("空き家を宿に変える",)),
    (("オーバーツーリズムは何に書いてありますか?", "どういう意味ですか?"), ("支障が出ること",)),
]


@pytest.mark.parametrize(("turns", "parts"), TALKS)
def test_a_talk_goes_on(ask_harbour: Ask, turns: tuple[str, ...], parts: tuple[str, ...]) -> None:
    """Of the plan that is spoken of, and of what was said; a whole question starts anew."""
    answered(ask_harbour(*turns), *parts)


def test_a_reason_that_no_document_tells_is_said_not_to_be_there(ask_harbour: Ask) -> None:
    """With the fact that does stand there."""
    answer = ask_harbour("遊歩道の整備の担当は?", "なぜですか?")
    assert answer.status is Status.PARTIAL
    assert "理由は、登録されている文書には書かれていません" in answer.answer
    assert "港湾課" in answer.answer


def test_what_was_said_is_said_in_easy_words(ask_harbour: Ask) -> None:
    """もっとわかりやすく has the same fact, with hard words explained in place."""
    answer = ask_harbour("第2期プランの期間は?", "もっとわかりやすく")
    answered(answer, "令和12年度")
    assert "（＝" in answer.answer
