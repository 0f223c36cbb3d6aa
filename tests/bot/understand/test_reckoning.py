"""What a question wants done with figures, read from its wording."""

from decimal import Decimal

import pytest

from bot.understand.reckoning import reckoning_of

WORDINGS = [
    ("いちばん多い館はどこ?", "most"),
    ("最も低い指標は?", "least"),
    ("上位3つを教えて", "most"),
    ("開館が一番古いのは?", "least"),
    ("10万点を超える館はどれ?", "bound"),
    ("50%に届かない指標をすべて教えて", "bound"),
    ("蔵書を合わせると何冊?", "sum"),
    ("3年間の合計はいくらですか?", "sum"),
    ("来館者数の推移は?", "change"),
    ("どれくらい減りましたか?", "difference"),
    ("何人増えた?", "difference"),
    ("いくら違いますか?", "difference"),
    ("団体貸出の達成率は?", "share"),
    ("目標の何割を達成しましたか?", "share"),
    ("指標はいくつありますか?", "count"),
    ("合計額はいくらですか?", "sum"),
    ("合計何人?", "sum"),
    ("全部足すといくら?", "sum"),
    ("合計特殊出生率の推移は?", "change"),
    ("人口が最大の地区は?", "most"),
    ("最高の値は?", "most"),
    ("人口の変化について教えて", "change"),
    ("どのように変化しましたか?", "change"),
]


@pytest.mark.parametrize(("question", "operation"), WORDINGS)
def test_an_operation_is_read_from_its_wording(question: str, operation: str) -> None:
    """Superlatives, bounds, sums, changes, differences, counts."""
    reckoning = reckoning_of(question)
    assert reckoning is not None
    assert reckoning.operation == operation


@pytest.mark.parametrize(
    "question",
    [
        "計画期間はいつからいつまでですか?",
        "不満な一番の理由は?",
        "補助は最大いくらですか?",
        "上位計画の名前を挙げてください",
        "問い合わせたいので電話番号を教えてください",
        "OODAループと組み合わせるものは何ですか?",
        "充実期に合わせて決められていますか?",
        "65歳以上の人は対象ですか?",
        "何を高めていこうとしているのですか?",
        "合計特殊出生率は?",
        "合計所得金額とは?",
        "満足している人の割合は?",
        "最新の計画は?",
        "最大の課題は?",
        "変化の激しい社会とは?",
        "社会の変化を踏まえた施策は?",
        "変化する社会に対応する取組は?",
        "人口減少対策は?",
        "",
    ],
)
def test_a_question_for_what_is_written_reckons_nothing(question: str) -> None:
    """一番の理由, 上位計画, 問い合わせ, the 合計 of a name and the 変化 of a phrase are no operations."""
    assert reckoning_of(question) is None


SIDES = [
    ("100件以上の指標はどれ?", 100, True),
    ("100件を超える指標はどれ?", 100, False),
    ("100件以下の指標はどれ?", 100, True),
    ("100件未満の指標はどれ?", 100, False),
    ("100件を超える指標はどれ?", 101, True),
    ("100件未満の指標はどれ?", 101, False),
]


@pytest.mark.parametrize(("question", "value", "holds"), SIDES)
def test_a_bound_has_its_side_and_counts_itself_or_not(question: str, value: int, *, holds: bool) -> None:
    """以上 and 以下 count the figure itself, 超える and 未満 do not."""
    reckoning = reckoning_of(question)
    assert reckoning is not None
    assert reckoning.holds(Decimal(value)) is holds


@pytest.mark.parametrize(("question", "many"), [("上位3つは?", 3), ("いちばん多いのは?", 1), ("多い順に5つ教えて", 5)])
def test_how_many_are_wanted(question: str, many: int) -> None:
    """One, unless a number is named."""
    reckoning = reckoning_of(question)
    assert reckoning is not None
    assert reckoning.many == many
