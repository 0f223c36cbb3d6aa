"""Tests of the detection of changed facts in a rewritten text."""

import pytest

from bot.easy_japanese import find_fact_differences
from bot.rendering.answer_text import parse_statements

STANDARD = "星見市は、令和8(2026)年度までに、参加者を1,500人以上に増やします[1]。「星見アプリ」は使いません[2]。"
ALTERED = [
    ("1,500人", "1,600人"),
    ("1,500人", "1500人"),
    ("以上に", "に"),
    ("令和8(2026)年度", "令和9(2027)年度"),
    ("令和8(2026)年度", "これから"),
    ("令和8(2026)年度", "令和8(2026)年"),
    ("星見アプリ", "月見アプリ"),
    ("使いません", "使います"),
    ("[2]", "[3]"),
    ("[2]", ""),
    ("までに、", "までに、5回、"),
    ("星見市は", "金沢市は"),
    ("までに、", "までに、DXで、"),
]


@pytest.mark.parametrize(("said", "instead"), ALTERED)
def test_an_altered_fact_is_found(said: str, instead: str) -> None:
    altered = parse_statements(STANDARD.replace(said, instead))
    assert find_fact_differences(parse_statements(STANDARD), altered)


SAME = [
    STANDARD,
    "星見市は、参加者を1,500人以上に増やします[1]。令和8(2026)年度までです[1]。「星見アプリ」は使いません[2]。",
    "星見市は、令和8(2026)年度までに、参加者を１,５００人以上に増やします[1]。\n「星見アプリ」は使いません[2]。",
]


@pytest.mark.parametrize("easy", SAME)
def test_other_words_for_the_same_facts_pass(easy: str) -> None:
    assert find_fact_differences(parse_statements(STANDARD), parse_statements(easy)) == []
