"""Tests of shared parts of the verification: figures, dates, quotes, opposites, drafts."""

from decimal import Decimal

import pytest

from bot.generation.answer_writer import best_quote
from bot.state import Source, Status
from bot.verification.literals import names
from bot.verification.statement_check import check_draft
from ingest.documents import Passage
from ingest.japanese.figures import figures
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.partial_dates import times
from tests.bot.draft_rendering import draft_of

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
