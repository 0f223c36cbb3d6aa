"""What is meant by its place in a list or among choices."""

import pytest

from bot.understand.members import by_place, choice, members_of

LIST = ("市民目線: 市民の利便性", "スピード感: 迅速に対応", "チャレンジ: 積極的に")
PLACES = [
    ("二つ目をくわしく", "スピード感について教えて"),
    ("3つめは?", "チャレンジについて教えて"),
    ("2番目について教えて", "スピード感について教えて"),
    ("最後のものは何?", "チャレンジについて教えて"),
    ("最初のは誰が決めたの?", None),
    ("1つ目の目標は?", "市民目線の目標は?"),
    ("前者の目標は?", "市民目線の目標は?"),
    ("5つ目は?", None),
    ("2年目は?", None),
    ("3人目の委員は?", None),
    ("最初の計画は?", None),
]


@pytest.mark.parametrize(("text", "question"), PLACES)
def test_a_member_named_by_its_place(text: str, question: str | None) -> None:
    """Becomes a question about the member; what is no place in the list names none."""
    assert by_place(text, LIST) == question


def test_the_other_is_the_one_of_two_not_yet_spoken_of() -> None:
    """もう一つ needs a list of two, one of which has been named."""
    assert by_place("もう一つは?", ("DX会議", "推進本部"), told="推進本部とは?") == "DX会議について教えて"
    assert by_place("もう一つは?", LIST, told="市民目線とは?") is None


def test_members_are_items_or_what_a_sentence_enumerates() -> None:
    """Without the marks of their sources."""
    assert members_of("次の2つです[1]。\n・市長[1]\n・全局長[2]") == ("市長", "全局長")
    assert members_of("候補地として、プール跡地、駅前の4階、南公民館の3案を比べました[1]。") == (
        "プール跡地",
        "駅前の4階",
        "南公民館",
    )
    assert members_of("期間は4か年です[1]。") == ()


CHOICES = ("放課後児童クラブの待機児童数は?", "保育所等の待機児童数は?")
CHOSEN = [("1", 0), ("2番でお願いします", 1), ("上のほう", 0), ("保育所のほう", 1), ("待機児童数", None), ("3", None)]


@pytest.mark.parametrize(("text", "place"), CHOSEN)
def test_a_choice_is_answered_by_place_or_words(text: str, place: int | None) -> None:
    """Words that fit all choices choose none."""
    assert choice(text, CHOICES) == (None if place is None else CHOICES[place])
