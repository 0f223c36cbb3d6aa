"""Tests of the extraction of typical aspects from the headings of plans."""

import pytest

from ingest.documents import Cell, Document, Passage
from ingest.overview.aspects import PlanItem, aspect_of_heading, read_aspects, target_number
from ingest.overview.changes import compare_items

PLAN = Document("plan", "水辺のまち緑化計画", "plan.md")


def passage(n: int, text: str, *path: str, kind: str = "text", cells: tuple[Cell, ...] = ()) -> Passage:
    """Return a passage of the plan."""
    return Passage(f"plan#{n:04}", "plan", kind, path, text, (n,), cells=cells)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("heading", "aspect"),
    [
        ("第2章　めざす都市像", "vision"),
        ("(3) 基本理念", "principles"),
        ("四つの約束", "pillars"),
        ("5　成果指標（KPI）", "targets"),
        ("推進体制", "organisation"),
        ("挑戦2　堤防に植える", ""),
        ("苗木の配布", ""),
    ],
)
def test_a_heading_names_an_aspect_by_its_words(heading: str, aspect: str) -> None:
    assert aspect_of_heading(heading) == aspect


LISTS = [
    [passage(1, "・原則1　木を守る　切りません。\n・原則2　木陰をつくる　毎年植えます。", "3　原則", kind="list")],
    [
        passage(1, "・苗木を配る", "3　原則", "(1) 木を守る", kind="list"),
        passage(2, "・堤防に植える", "3　原則", "(2) 木陰をつくる", kind="list"),
    ],
    [
        passage(n, f"原則: {name}", "3　原則", kind="row", cells=(Cell("原則", name), Cell("施策", "植樹")))
        for n, name in enumerate(("Ⅰ　木を守る", "Ⅱ　木陰をつくる"))
    ],
]


@pytest.mark.parametrize("passages", LISTS)
def test_pillars_have_the_same_keys_as_list_items_headings_or_rows(passages: list[Passage]) -> None:
    pillars = next(aspect for aspect in read_aspects(PLAN, passages) if aspect.name == "pillars")
    assert [item.key for item in pillars.items] == ["木を守る", "木陰をつくる"]


def test_items_are_matched_by_name_without_number_and_sentences_by_words() -> None:
    old = [
        PlanItem("1　木を守る", "", "a"),
        PlanItem("苗木の配布を年20本とする。", "", "a"),
        PlanItem("2　橋", "", "a"),
    ]
    new = [
        PlanItem("Ⅱ　木を守る", "", "b"),
        PlanItem("苗木の配布を年50本に増やす。", "", "b"),
        PlanItem("3　川", "", "b"),
    ]
    changes = compare_items(old, new)
    assert [(before.name, after.name) for before, after in changes.kept] == [
        ("1　木を守る", "Ⅱ　木を守る"),
        ("苗木の配布を年20本とする。", "苗木の配布を年50本に増やす。"),
    ]
    assert [item.name for item in changes.added] == ["3　川"]
    assert [item.name for item in changes.removed] == ["2　橋"]


@pytest.mark.parametrize(
    ("text", "number"),
    [("利用者　40人→120人", 120), ("20本から60本に増やす。", 60), ("令和12年度までに15％減らす（令和5年度比）。", 15)],
)
def test_the_figure_of_a_target_is_the_intended_value(text: str, number: int) -> None:
    value = target_number(text)
    assert value
    assert value[0] == number
