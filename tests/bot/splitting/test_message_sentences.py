"""Tests of the splitting of a text into its questions, each with the statements before it."""

import pytest

from bot.splitting.message_sentences import find_questions

ONE = [
    "渡船の料金と乗り場を教えてください",
    "渡船の料金を教えてください。よろしくお願いします。",
    "子どもが3人います。渡船の料金はいくらですか。",
    "渡船の料金はいくらですか。前に電話で教えてもらいました。",
    "いくつか教えてください。渡船の料金はいくらですか。",
    "渡船は往復で買えますか?それとも片道だけですか?",
    "「渡れますか?」とは何ですか?",
    "えっ?渡船は休みですか!?",
    "乗り場の\n電話番号は?",
    "渡船?子どもはいくらですか。",
    "渡船の料金",
    "",
]
SEVERAL = [
    ("渡船の料金はいくらですか。乗り場はどこですか?", ["渡船の料金はいくらですか。", "乗り場はどこですか?"]),
    ("渡船は何時まで?犬も乗れる?休みはいつ", ["渡船は何時まで?", "犬も乗れる?", "休みはいつ"]),
    ("渡船の料金が知りたいです。乗り場も教えて", ["渡船の料金が知りたいです。", "乗り場も教えて"]),
    ("島に住んでいます。渡船は安くなりますか。犬を飼っています。犬も乗れますか。", 2),
    ("渡船の料金はいくらですか\n乗り場はどこですか", ["渡船の料金はいくらですか", "乗り場はどこですか"]),
    ("When does it leave? How much is it?", ["When does it leave?", "How much is it?"]),
    ("渡船の料金は?乗り場は?急いでいます。", ["渡船の料金は?", "乗り場は?急いでいます。"]),
]


@pytest.mark.parametrize("text", ONE)
def test_a_message_with_one_question_is_not_split(text: str) -> None:
    assert find_questions(text) == (text,)


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_a_message_with_several_questions_is_split(text: str, expected: list[str] | int) -> None:
    found = find_questions(text)
    assert len(found) == expected if isinstance(expected, int) else list(found) == expected


def test_a_statement_belongs_to_the_question_after_it() -> None:
    text = "島に住んでいます。渡船は安くなりますか。犬を飼っています。犬も乗れますか。"
    first, second = find_questions(text)
    assert first.startswith("島に")
    assert second.startswith("犬を")
    assert first + second == text
