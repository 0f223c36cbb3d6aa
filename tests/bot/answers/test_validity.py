"""Documents in time: published, in force, replaced."""

from datetime import date

import pytest

from ingest.documents import Document, Period
from ingest.metadata.validity import (
    Publications,
    is_in_force,
    other_plan_heading,
    published_by,
    published_on,
    superseded_by,
)

OLD = Document("old", "計画", "old.md", published="2021-03", period=Period(date(2021, 4, 1), date(2025, 3, 31)))
NEW = Document(
    "new",
    "計画2.0",
    "new.md",
    published="2025-02-14",
    period=Period(date(2025, 4, 1), date(2029, 3, 31)),
    supersedes=("old",),
)
PAPER = Document("paper", "会議資料", "paper.md", published="2023")
NOTE = Document("note", "お知らせ", "note.md", published="2024-06-01", supersedes=("paper",))
UNDATED = Document("undated", "案内", "undated.md")
ALL = (OLD, NEW, PAPER, NOTE, UNDATED)


@pytest.mark.parametrize(
    ("document", "day"),
    [(OLD, date(2021, 3, 1)), (NEW, date(2025, 2, 14)), (PAPER, date(2023, 1, 1)), (UNDATED, None)],
)
def test_the_first_day_that_a_publication_date_covers(document: Document, day: date | None) -> None:
    """A year begins in January, a month on its first; no date is no day."""
    assert published_on(document) == day


IN_FORCE = [
    (OLD, date(2021, 3, 31), False),
    (OLD, date(2021, 4, 1), True),
    (OLD, date(2025, 3, 31), True),
    (OLD, date(2025, 4, 1), False),
    (NEW, date(2025, 3, 31), False),
    (NEW, date(2025, 4, 1), True),
    (NEW, date(2029, 3, 31), True),
    (NEW, date(2029, 4, 1), False),
    (PAPER, date(2024, 5, 31), True),
    (PAPER, date(2024, 6, 1), False),
    (UNDATED, date(1990, 1, 1), True),
]


@pytest.mark.parametrize(("document", "day", "governs"), IN_FORCE)
def test_a_document_governs_within_its_period_until_it_is_replaced(
    document: Document, day: date, *, governs: bool
) -> None:
    """Both ends of a period belong to it; a document without one governs until its successor."""
    assert is_in_force(document, day, ALL) is governs


def test_a_plan_is_replaced_when_its_successor_begins_to_govern() -> None:
    """What is published but not yet in force replaces nothing."""
    assert superseded_by(OLD, date(2025, 3, 31), ALL) is None
    assert superseded_by(OLD, date(2025, 4, 1), ALL) is NEW


def test_without_a_period_a_successor_counts_from_its_publication() -> None:
    """A notice replaces the one before on the day it is out."""
    assert superseded_by(PAPER, date(2024, 5, 31), ALL) is None
    assert superseded_by(PAPER, date(2024, 6, 1), ALL) is NOTE


def test_a_successor_that_is_not_known_replaces_nothing() -> None:
    """Only documents at hand can be pointed to."""
    assert superseded_by(OLD, date(2026, 1, 1), (OLD, PAPER)) is None


def test_a_successor_without_any_date_has_replaced_already() -> None:
    """It is there, so it counts."""
    latest = Document("latest", "案内2", "latest.md", supersedes=("undated",))
    assert superseded_by(UNDATED, date(1990, 1, 1), (UNDATED, latest)) is latest


def test_an_early_end_is_the_beginning_of_the_successor() -> None:
    """A plan whose period still runs is out of force when its successor governs."""
    early = Document(
        "early", "計画3", "early.md", period=Period(date(2027, 4, 1), date(2030, 3, 31)), supersedes=("new",)
    )
    assert is_in_force(NEW, date(2027, 3, 31), (*ALL, early))
    assert not is_in_force(NEW, date(2027, 4, 1), (*ALL, early))


@pytest.mark.parametrize(
    ("day", "ids"),
    [
        (date(2020, 1, 1), ["undated"]),
        (date(2021, 3, 1), ["old", "undated"]),
        (date(2024, 1, 1), ["old", "paper", "undated"]),
        (date(2025, 2, 14), ["old", "new", "paper", "note", "undated"]),
    ],
)
def test_what_had_been_published_by_a_day(day: date, ids: list[str]) -> None:
    """In the order given; what has no date counts as published."""
    assert [document.id for document in published_by(ALL, day)] == ids
    known = Publications(ALL).published_by(day)
    assert (known or {document.id for document in ALL}) == set(ids)


def test_where_all_had_been_published_there_is_nothing_to_leave_out() -> None:
    """None, so that a search need not compare the passages' documents."""
    assert Publications(ALL).published_by(date(2026, 1, 1)) is None


RIVERS = Document(
    "rivers", "汐見町川の計画", "rivers.md", issuer="汐見町", published="2025-02", aliases=("川プラン2.0",),
    period=Period(date(2025, 4, 1), date(2029, 3, 31)),
)  # fmt: skip


@pytest.mark.parametrize(
    "heading",
    [
        "汐見町森の戦略の実績",
        "第2次川の計画の成果",
        "「里山ビジョン」から",
        "令和4年度の実績",
        "2019年から2021年の歩み",
    ],
)
def test_an_outer_heading_may_tell_of_another_plan_or_time(heading: str) -> None:
    """A plan by its issuer, its number or in brackets, and years that are not the document's."""
    assert other_plan_heading(RIVERS, ("第3章 水辺", heading, "1. 指標")) == heading


@pytest.mark.parametrize(
    "heading",
    [
        "第1章 計画の期間",
        "基本方針1 水辺",
        "汐見町川の計画",
        "汐見町の計画推進体制",
        "汐見町における川の計画の位置付け",
        "川プラン2.0の指標",
        "令和8年度の目標",
        "2025年2月策定",
        "令" * 41,
    ],
)
def test_an_outer_heading_of_the_documents_own_is_not_told(heading: str) -> None:
    """Plans in general, its own name in any spelling, its own years, and what is no heading but a sentence."""
    assert other_plan_heading(RIVERS, (heading, "1. 指標")) == ""


def test_the_innermost_heading_tells_for_itself() -> None:
    """Only what stands outside of it is looked at; without headings, or without dates to hold against, nothing."""
    assert other_plan_heading(RIVERS, ("令和4年度の実績",)) == ""
    assert other_plan_heading(RIVERS, ()) == ""
    assert other_plan_heading(UNDATED, ("令和4年度の実績", "1. 指標")) == ""
