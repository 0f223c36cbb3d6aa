"""Tests of the shortened questions above answers."""

from bot.rendering.answer_text import render_questions
from bot.state import AskedQuestions

LONG = "先月こちらに引っ越してきたのですが、犬の登録はどこでできますか"


def test_a_brief_question_is_shown_by_its_last_words() -> None:
    assert "…犬の登録はどこでできますか" in render_questions(AskedQuestions((LONG,), is_brief=True), "ja")
    assert "費用は?" in render_questions(AskedQuestions(("費用は?",), is_brief=True), "ja")
    assert LONG in render_questions(AskedQuestions((LONG,)), "ja")
