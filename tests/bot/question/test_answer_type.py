"""Tests of the type of answer that a question asks for."""

import pytest

from bot.question.answer_type import detect_answer_type, expected_member_count, without_interrogatives
from bot.question.query import AnswerType

ASKED = [
    ("温室の見学会はいつですか", AnswerType.DATE),
    ("温室の工事は何年に終わりますか", AnswerType.DATE),
    ("温室の改修の期間は?", AnswerType.DATE),
    ("申請の締切日は", AnswerType.DATE),
    ("苗木の配布数はどのくらいですか", AnswerType.QUANTITY),
    ("温室の来場者の割合は?", AnswerType.QUANTITY),
    ("温室の入場料はいくらですか", AnswerType.MONEY),
    ("温室の改修に何億円かかりますか", AnswerType.MONEY),
    ("苗木の料金は?", AnswerType.MONEY),
    ("温室の運営は誰がしますか", AnswerType.PERSON),
    ("苗木はどこの課が配りますか", AnswerType.PERSON),
    ("苗木を配る担当課は", AnswerType.PERSON),
    ("苗木はどこで受け取れますか", AnswerType.PLACE),
    ("見学会の会場は?", AnswerType.PLACE),
    ("温室の電話番号は?", AnswerType.CONTACT),
    ("苗木の問い合わせ先は", AnswerType.CONTACT),
    ("なぜ温室を改修するのですか", AnswerType.REASON),
    ("温室を改修する目的は?", AnswerType.REASON),
    ("苗木はどうすればもらえますか", AnswerType.MANNER),
    ("苗木を受け取る手続きは?", AnswerType.MANNER),
    ("温室の植物の一覧は?", AnswerType.LIST),
    ("温室の運営委員会のメンバーは", AnswerType.LIST),
    ("みどりの温室とは", AnswerType.DEFINITION),
    ("温室に車で行けますか", AnswerType.BOOLEAN),
    ("苗木は無料?", AnswerType.BOOLEAN),
    ("温室の植物", AnswerType.OTHER),
    ("温室の植物を教えてください", AnswerType.OTHER),
]


@pytest.mark.parametrize(("question", "kind"), ASKED)
def test_the_answer_type_is_detected(question: str, kind: AnswerType) -> None:
    assert detect_answer_type(question) == (kind, "")


@pytest.mark.parametrize(
    ("question", "unit"),
    [("苗木は何本配りますか", "本"), ("温室には何人入れますか", "人"), ("申請は何百件ありましたか", "件")],
)
def test_a_counter_is_returned_with_the_answer_type(question: str, unit: str) -> None:
    assert detect_answer_type(question) == (AnswerType.QUANTITY, unit)


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("苗木は何本配りますか", "苗木は何配りますか"),
        ("温室には何百人入れますか", "温室には何入れますか"),
        ("苗木は何万円ですか", "苗木は何ですか"),
        ("温室は何曜日に開きますか", "温室は何に開きますか"),
        ("いくら補助が出ますか", "何補助が出ますか"),
        ("苗木はいくつ、何種類ありますか", "苗木は何、何ありますか"),
        ("温室には何がありますか", "温室には何がありますか"),
        ("温室の植物", "温室の植物"),
        ("", ""),
    ],
)
def test_interrogatives_of_number_are_removed_with_their_counter(question: str, left: str) -> None:
    assert without_interrogatives(question) == left


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("温室はいつでも見られますか", AnswerType.BOOLEAN),
        ("苗木は何度でももらえますか", AnswerType.OTHER),
        ("苗木はいくつかもらえますか", AnswerType.QUANTITY),
        ("温室は何時から開いていますか", AnswerType.DATE),
        ("温室は何時間開いていますか", AnswerType.QUANTITY),
        ("温室の期間と費用は?", AnswerType.MONEY),
        ("温室の費用と期間は?", AnswerType.DATE),
    ],
)
def test_words_that_resemble_another_answer_type(question: str, kind: AnswerType) -> None:
    assert detect_answer_type(question)[0] is kind


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("3つの温室は", 3),
        ("温室を四つとも挙げて", 4),
        ("苗木の12種類を教えて", 12),
        ("2つ目の温室は", 0),
        ("苗木120種類は", 0),
        ("温室は2つまで借りられますか", 0),
        ("温室を2つ以上借りられますか", 0),
        ("2つの温室の3つの池", 0),
        ("温室は", 0),
    ],
)
def test_the_number_of_members_is_detected(question: str, count: int) -> None:
    assert expected_member_count(question) == count
