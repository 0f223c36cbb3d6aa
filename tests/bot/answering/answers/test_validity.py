from datetime import date

import pytest

from ingest.documents import Document, Period
from ingest.metadata.validity import other_plan_heading
from ingest.publications import Publications

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
def test_document_is_in_force_until_superseded(document: Document, day: date, *, governs: bool) -> None:
    assert Publications(ALL).is_in_force(document, day) is governs


def test_successor_without_dates_supersedes_at_once() -> None:
    latest = Document("latest", "案内2", "latest.md", supersedes=("undated",))
    assert Publications((UNDATED, latest)).successor(UNDATED, date(1990, 1, 1)) is latest


def test_successor_ends_the_period_early() -> None:
    early = Document(
        "early", "計画3", "early.md", period=Period(date(2027, 4, 1), date(2030, 3, 31)), supersedes=("new",)
    )
    publications = Publications((*ALL, early))
    assert publications.is_in_force(NEW, date(2027, 3, 31))
    assert not publications.is_in_force(NEW, date(2027, 4, 1))


@pytest.mark.parametrize(
    ("day", "ids"),
    [
        (date(2020, 1, 1), ["undated"]),
        (date(2021, 3, 1), ["old", "undated"]),
        (date(2024, 1, 1), ["old", "paper", "undated"]),
        (date(2025, 2, 14), ["old", "new", "paper", "note", "undated"]),
    ],
)
def test_documents_published_by_a_day_are_selected(day: date, ids: list[str]) -> None:
    assert [document.id for document in Publications(ALL).published_by(day)] == ids


RIVERS = Document(
    "rivers", "汐見町川の計画", "rivers.md", issuer="汐見町", published="2025-02", aliases=("川プラン2.0",),
    period=Period(date(2025, 4, 1), date(2029, 3, 31)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "is_other"),
    [
        ("汐見町森の戦略の実績", True),
        ("第2次川の計画の成果", True),
        ("「里山ビジョン」から", True),
        ("令和4年度の実績", True),
        ("2019年から2021年の歩み", True),
        ("第1章 計画の期間", False),
        ("基本方針1 水辺", False),
        ("汐見町川の計画", False),
        ("汐見町の計画推進体制", False),
        ("汐見町における川の計画の位置付け", False),
        ("川プラン2.0の指標", False),
        ("令和8年度の目標", False),
        ("2025年2月策定", False),
        ("令" * 41, False),
    ],
)
def test_outer_heading_naming_another_plan_is_detected(heading: str, *, is_other: bool) -> None:
    assert other_plan_heading(RIVERS, ("第3章 水辺", heading, "1. 指標")) == (heading if is_other else "")
