from decimal import Decimal

import pytest

from bot.answering.model_answers.answer_writer import best_quote
from bot.answering.state import Source, Status
from bot.answering.verification.literals import names
from bot.answering.verification.statement_check import check_draft
from bot.answering.verification.statements import CitedStatement, split_statements
from ingest.documents import Passage
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.mentions.times import times
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.sentences import sentences
from tests.bot.draft_rendering import draft_of


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


@pytest.mark.parametrize(
    "mark",
    [
        "[1][2]",
        "[1, 2]",
        "[1、2]",
        "【1】【2】",
        "［１］［２］",
        "(資料1)(資料2)",
        "（資料1、2）",
        "[資料1][資料2]",
        "¹²",
    ],
)
def test_every_way_to_write_two_marks_is_read(mark: str) -> None:
    (said,) = split_statements(f"定員は20人です{mark}。")
    assert said.text == "定員は20人です。"
    assert said.cited == (1, 2)


PASSAGE = Passage("a#1", "a", "text", ("募集",), "教室を開きます。定員は20人です。\n費用は無料です。", (1, 2))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("定員…20人", [("20", "人")]),
        ("来場者数2万4,000人", [("24000", "人")]),
        ("2時間半", [("2.5", "時間")]),
        ("午後8時", [("20", "時")]),
        ("3割", [("30", "%")]),
        ("千800円", [("1800", "円")]),
        ("10時から正午", [("10", "時"), ("12", "時")]),
        ("12・13歳", [("12", "歳"), ("13", "歳")]),
        ("2つ目は", []),
    ],
)
def test_figures_have_one_form(text: str, found: list[tuple[str, str]]) -> None:
    assert [(f.value, f.unit) for f in figures(normalise_figures(text))] == [
        (Decimal(value), unit) for value, unit in found
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4月2〜3日", [(None, 4, 2), (None, None, 3)]),
        ("5〜11月", [(None, 5, None), (None, 11, None)]),
        ("7月18日から翌月19日", [(None, 7, 18), (None, 8, 19)]),
        ("令和8年度", [(2026, None, None)]),
        ("14日(金)", [(None, None, 14)]),
        ("3日間", []),
    ],
)
def test_dates_are_read_as_far_as_they_are_written(
    text: str, found: list[tuple[int | None, int | None, int | None]]
) -> None:
    assert [(t.year, t.month, t.day) for t in times(normalise_figures(text))] == found


def test_a_quote_is_the_sentence_that_carries_the_statement() -> None:
    assert best_quote(PASSAGE, ["20人まで参加できます"]) == "定員は20人です。"


def test_what_is_quoted_is_a_name() -> None:
    assert [name for _, name in names("「星空教室」はABCホールから2.4km先です")] == ["星空教室", "ABC"]


def test_marks_and_sources_are_one_to_one() -> None:
    assert check_draft(draft_of("定員は20人です[1]。", (Source(PASSAGE, "定員は20人です。"),))) == []
    assert check_draft(draft_of("定員は20人です[2]。", (Source(PASSAGE, "定員は20人です。"),)))
    assert check_draft(draft_of("定員は20人です[1]。", (Source(PASSAGE, "定員は二十人"),)))
    assert check_draft(draft_of("定員は20人です。"))


def test_a_status_without_citations_has_none() -> None:
    assert check_draft(draft_of("ありません。", status=Status.NO_ANSWER)) == []
    assert check_draft(draft_of("ありません[1]。", status=Status.NO_ANSWER))
