"""Tests of the splitting of a message into its questions."""

import pytest

from bot.splitting import split_message

ONE = [
    "渡船の料金と乗り場を教えてください",
    "子どもが3人います。渡船の料金はいくらですか。",
    "渡船の料金はいくらですか。前に電話で教えてもらいました。",
    "渡船は往復で買えますか?それとも片道だけですか?",
    "「渡れますか?」とは何ですか?",
    "乗り場の\n電話番号は?",
    "渡船?子どもはいくらですか。",
    "渡船の料金",
    "",
    "次のうち、補助の対象になるのはどれですか。\n・太陽光パネル\n・蓄電池",
]
SEVERAL = [
    ("渡船の料金はいくらですか。乗り場はどこですか?", ["渡船の料金はいくらですか。", "乗り場はどこですか?"]),
    ("渡船は何時まで?犬も乗れる?休みはいつ", ["渡船は何時まで?", "犬も乗れる?", "休みはいつ"]),
    ("渡船の料金が知りたいです。乗り場も教えて", ["渡船の料金が知りたいです。", "乗り場も教えて"]),
    (
        "島に住んでいます。渡船は安くなりますか。犬を飼っています。犬も乗れますか。",
        ["島に住んでいます。渡船は安くなりますか。", "犬を飼っています。犬も乗れますか。"],
    ),
    ("渡船の料金はいくらですか\n乗り場はどこですか", ["渡船の料金はいくらですか", "乗り場はどこですか"]),
    ("渡船の料金は?乗り場は?急いでいます。", ["渡船の料金は?", "乗り場は?急いでいます。"]),
    ("ごみの日は?What is the bus fare?館は何時まで?", ["ごみの日は?", "What is the bus fare?", "館は何時まで?"]),
    ("1. \n2. 料金は?\n3.\n4. 場所は?", ["料金は?", "場所は?"]),
    (
        "粗大ごみについて、次の2点を教えてください。\n・料金\n・収集日\nよろしくお願いします。",
        ["粗大ごみについて、料金", "粗大ごみについて、収集日"],
    ),
    (
        "渡船の料金の額と、乗り場がいくつあるか教えて",
        ["渡船の料金の額を教えてください", "乗り場がいくつあるか教えて"],
    ),
    (
        "お世話になっております。\n粗大ごみの料金はいくらですか。申込みはどこですか。\nよろしくお願いいたします。",
        ["粗大ごみの料金はいくらですか。", "申込みはどこですか。"],
    ),
]


@pytest.mark.parametrize("text", ONE)
def test_a_message_with_one_question_is_not_split(text: str) -> None:
    (question,) = split_message(text)
    assert question.words == question.text == text


@pytest.mark.parametrize(("text", "expected"), SEVERAL)
def test_a_message_with_several_questions_is_split(text: str, expected: list[str]) -> None:
    questions = split_message(text)
    assert [question.text for question in questions] == expected
    assert all(question.words in text for question in questions)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("こんにちは。渡船の料金を教えてください。よろしくお願いします。", "渡船の料金を教えてください。"),
        ("えっ?渡船は休みですか!?", "渡船は休みですか!?"),
        ("渡船の料金は?渡船の料金は?", "渡船の料金は?渡船の料金は?"),
    ],
)
def test_courtesy_is_left_out_and_a_repetition_is_no_question(text: str, question: str) -> None:
    assert [part.text for part in split_message(text)] == [question]
