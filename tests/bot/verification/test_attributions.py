"""Tests that a sentence attributes statements in minutes to the right person."""

import pytest

from bot.verification.source_text import SourceText
from bot.verification.statement_check import check_statements
from bot.verification.statements import CitedStatement, SupportingQuote

ASKED, REPLIED = "渡し船の冬の休みをなくせないか。", "冬の運航は燃料の値上がりで難しい。"
MINUTES = SourceText(f"○３番（須磨灯） {ASKED}\n○交通課長（牧原透） {REPLIED}", ("一般質問",), "会議録")


def problems(text: str, quote: str) -> list[str]:
    statement = CitedStatement(text, (1,), quotes=(SupportingQuote(quote, (1,)),))
    return [problem.words for checked in check_statements([statement], [MINUTES]) for problem in checked.problems]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("須磨灯議員は、渡し船の冬の休みをなくせないかと質問しました", ASKED),
        ("交通課長は、冬の運航は難しいと答えました", REPLIED),
        ("須磨議員の質問に、交通課長は、冬の運航は難しいと答えました", REPLIED),
        ("冬の運航は燃料の値上がりで難しいとのことです", REPLIED),
    ],
)
def test_a_statement_of_its_speaker_passes(text: str, quote: str) -> None:
    assert problems(text, quote) == []


@pytest.mark.parametrize(
    ("text", "quote", "person"),
    [
        ("須磨灯議員は、冬の運航は燃料の値上がりで難しいと述べました", REPLIED, "須磨灯議員"),
        ("交通課長は、渡し船の冬の休みをなくせないかと発言しました", ASKED, "交通課長"),
    ],
)
def test_words_of_another_are_refused(text: str, quote: str, person: str) -> None:
    assert person in problems(text, quote)
