"""Tests of the splitting of answer texts into statements with their sources."""

import pytest

from bot.verification.statements import CitedStatement, split_statements
from ingest.japanese.sentences import sentences


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("AはBです[1]。CはDです。[2]", ["AはBです[1]。", "CはDです。[2]"]),
        ("「行きます。戻ります。」と決めました[1]。", ["「行きます。戻ります。」と決めました[1]。"]),
        ("目標(当初。改定前)は3件です[1]。", ["目標(当初。改定前)は3件です[1]。"]),
        ("率(困難なものを除く。)の目標は1件です[1]。", ["率(困難なものを除く。)の目標は1件です[1]。"]),
        ("率 困難なものを除く。の目標は1件です[1]。はい。", ["率 困難なものを除く。の目標は1件です[1]。", "はい。"]),
        ("困難なものを除く。は、1件です[1]。", ["困難なものを除く。は、1件です[1]。"]),
        ("AはBです。(年間の数)[1]", ["AはBです。(年間の数)[1]"]),
        ("終わりの印がない文[1]", ["終わりの印がない文[1]"]),
        ("いつですか?来年です![1] 以上", ["いつですか?", "来年です![1]", " 以上"]),
        ("閉じない「かっこは。そのまま", ["閉じない「かっこは。そのまま"]),
        ("", []),
    ],
)
def test_sentences_end_outside_brackets(line: str, parts: list[str]) -> None:
    assert sentences(line) == parts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AはBです[1][2]。", [CitedStatement("AはBです。", (1, 2))]),
        ("Aは1人[1]、Bは2人[2]です。", [CitedStatement("Aは1人", (1,), 2), CitedStatement("、Bは2人です。", (2,), 2)]),
        ("AはBです［１］。", [CitedStatement("AはBです。", (1,))]),
        ("前置き。\n次です[1]。", [CitedStatement("前置き。"), CitedStatement("次です。", (1,))]),
        ("", []),
        ("[1]", []),
    ],
)
def test_marks_belong_to_the_preceding_statement(text: str, expected: list[CitedStatement]) -> None:
    assert split_statements(text) == expected


@pytest.mark.parametrize("bullet", ["- ", "・", "● ", "1. ", "(1) ", "① "])
def test_list_marks_are_not_part_of_a_statement(bullet: str) -> None:
    assert [s.text for s in split_statements(f"次の1つです[1]。\n{bullet}市民目線")] == ["次の1つです。", "市民目線"]


def test_items_inherit_the_source_of_their_introduction() -> None:
    assert [s.cited for s in split_statements("次の2つです[1]。\n\n- 市民目線\n- 成果検証[2]")] == [(1,), (1,), (2,)]


def test_a_lead_rests_on_the_sources_of_its_items() -> None:
    lead, *_ = split_statements("次の2つです。\n- 市民目線[1]\n- 成果検証[2]")
    assert lead.cited == (1, 2)
    assert lead.items == 2
