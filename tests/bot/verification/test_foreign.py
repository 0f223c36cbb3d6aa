"""Tests of sentences in other languages than their sources: numbers, contacts and quotes."""

import pytest

from bot.verification.source_text import SourceText
from bot.verification.statements import SupportingQuote
from tests.bot.verification.quoting import check_quoted

PLAN = SourceText(
    "渡船の運航期間は、令和8年5月1日から令和10年3月31日までの2か年です。\n定員: 1,250人\n電話: 0120-456-789",
    ("2 渡船",),
    "港の計画",
    (),
    "青葉市",
    "2026-02",
)
QUOTE = SupportingQuote("運航期間は、令和8年5月1日から令和10年3月31日までの2か年", (1,))


def wrong(text: str, *quotes: SupportingQuote, question: str = "", formula: str = "") -> list[tuple[str, str]]:
    checked = check_quoted(text, quotes or (QUOTE,), [PLAN], formula, question=question)
    return [(problem.kind, problem.words) for problem in checked.problems]


@pytest.mark.parametrize(
    "text",
    [
        "The ferry runs for 2 years, from May 1, 2026 to March 31, 2028.",
        "Phà chạy từ ngày 1 tháng 5 năm 2026, sức chứa 1.250 người.",
        "A lotação é de 1.250 pessoas; telefone 0120-456-789.",
        "정원은 1,250명입니다.",
    ],
    ids=["English", "Vietnamese", "Portuguese", "Korean"],
)
def test_numbers_match_in_any_notation(text: str) -> None:
    assert wrong(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("The ferry runs until March 30, 2028.", "30"),
        ("It holds 1,350 people.", "1,350"),
        ("Please call 0120-456-780.", "0120-456-780"),
    ],
)
def test_other_numbers_do_not(text: str, number: str) -> None:
    assert wrong(text) == [("figure", number)]


def test_numbers_of_the_question_may_be_repeated() -> None:
    assert wrong("No, not 500 people but 1,250.", question="Does it hold 500 people?") == []


@pytest.mark.parametrize(
    ("formula", "right"), [("1,250人 × 2 = 2,500人", True), ("1,300人 + 1,200人 = 2,500人", False)]
)
def test_a_result_of_a_formula_is_supported(formula: str, right: bool) -> None:  # noqa: FBT001
    assert (wrong("Two ferries hold 2,500 people.", formula=formula) == []) is right
