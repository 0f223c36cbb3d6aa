"""Tests of the overview of a document and of its changes from the previous one."""

from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.documents import Cell, Document, Passage
from ingest.index.index import open_index
from ingest.overview import Overviews, compare_overviews, find_previous, outline_document


def passage(n: int, text: str, *path: str, kind: str = "text", cells: tuple[Cell, ...] = ()) -> Passage:
    """Return a passage of the plan."""
    return Passage(f"plan#{n:04}", "plan", kind, path, text, (n,), cells=cells)  # type: ignore[arg-type]


PLAN = Document("plan", "水辺のまち緑化計画", "plan.md")
PASSAGES = [
    passage(1, "水辺が荒れています。この計画は、川沿いに木陰を増やすことを目的とします。", "1 計画の趣旨"),
    passage(2, "基本理念は「木陰の続く川」です。", "2 基本理念"),
    passage(3, "次の2つを柱とします。\n・苗木を配る\n・堤防に植える", "3 施策の柱", kind="list"),
    passage(4, "苗木は毎年春に配ります。", "4 施策の展開", "(1) 苗木の配布"),
    passage(
        5,
        "指標: 植えた本数\n現状値: 10本\n目標値: 90本",
        "5 指標",
        kind="row",
        cells=(Cell("指標", "植えた本数"), Cell("現状値", "10本"), Cell("目標値", "90本")),
    ),
]


def test_an_overview_quotes_purpose_points_sections_and_targets() -> None:
    overview = outline_document(PLAN, PASSAGES)
    assert overview.purpose
    assert overview.purpose.text == "この計画は、川沿いに木陰を増やすことを目的とします。"
    assert [point.text for point in overview.points] == [
        "基本理念は「木陰の続く川」です。",
        "苗木を配る",
        "堤防に植える",
    ]
    assert "(1) 苗木の配布" in [section.heading for section in overview.sections]
    assert [(target.indicator, target.value) for target in overview.targets] == [("植えた本数", "90本")]
    texts = {item.id: item.text for item in PASSAGES}
    assert all(point.text in texts[point.passage_id] for point in (overview.purpose, *overview.points))


def test_without_sections_of_points_the_first_sentences_are_the_points() -> None:
    letter = [passage(1, "5月9日に開きます。雨なら中止です。", "朝市"), passage(2, "5月16日は休みます。", "休館")]
    overview = outline_document(Document("plan", "広報", "a.md"), letter)
    assert overview.purpose is None
    assert [point.text for point in overview.points] == ["5月9日に開きます。", "5月16日は休みます。"]


def test_changes_of_headings_principles_and_targets_ignore_numbers() -> None:
    newer = [
        passage(1, "基本理念は「川と暮らす」です。", "1 基本理念"),
        passage(2, "堤防に桜を植えます。", "3 施策の展開", "(2) 苗木の配布"),
        passage(3, "子どもが川を調べます。", "3 施策の展開", "(3) 川の調査"),
        passage(
            4,
            "指標: 植えた本数\n目標値: 120本",
            "4 数値目標",
            kind="row",
            cells=(Cell("指標", "植えた本数"), Cell("目標値", "120本")),
        ),
    ]
    changes = compare_overviews(outline_document(PLAN, PASSAGES), outline_document(PLAN, newer))
    assert [section.heading for section in changes.sections.added] == ["(3) 川の調査"]
    assert changes.sections.removed == ()
    assert [section.heading for _, section in changes.sections.kept] == ["(2) 苗木の配布"]
    assert [(old.value, new.value) for old, new in changes.targets.kept] == [("90本", "120本")]
    assert [(old.text, new.text) for old, new in changes.principles] == [
        ("基本理念は「木陰の続く川」です。", "基本理念は「川と暮らす」です。")
    ]


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("緑化計画（第3次）", "緑化計画（第2次）"),
        ("緑化計画（第2次）", "緑化計画（第1次）"),
        ("緑化計画（第1次）", None),
        ("防災計画（第3次）", None),
    ],
)
def test_the_previous_plan_has_the_next_lower_number_in_its_title(title: str, expected: str | None) -> None:
    titles = ["緑化計画（第1次）", "緑化計画（第2次）", "緑化計画（第3次）", "防災計画（第3次）"]
    documents = [Document(f"d{n}", one, f"{n}.md", issuer="水辺町") for n, one in enumerate(titles)]
    previous = find_previous(next(one for one in documents if one.title == title), documents)
    assert (previous.title if previous else None) == expected


def test_a_declared_predecessor_outside_the_corpus_is_not_replaced_by_another_plan() -> None:
    documents = [
        Document("a", "緑化計画（第1次）", "a.md"),
        Document("b", "緑化計画（第3次）", "b.md", supersedes=("second",)),
    ]
    assert find_previous(documents[1], documents) is None


def test_a_build_stores_the_overviews_of_changed_and_unchanged_documents(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "a.md").write_text("# 甲計画\n\n## 目的\n\nこの計画は、橋を直すことを目的とします。\n", "utf-8")
    (corpus / "b.md").write_text("# 乙計画\n\n## 目的\n\nこの計画は、道を直すことを目的とします。\n", "utf-8")
    settings = Settings(_env_file=None, data=tmp_path / "data", corpus=corpus, adapt=False)
    build(settings, [corpus])
    (corpus / "b.md").write_text("# 乙計画\n\n## 目的\n\nこの計画は、坂を直すことを目的とします。\n", "utf-8")
    build(settings, [corpus])
    with open_index(settings) as index:
        assert (index.folder / "document_overviews.json").is_file()
        purposes = [(overview := Overviews(index).find(one.id)) and overview.purpose for one in index.documents]
    assert ["橋" in one.text or "坂" in one.text for one in purposes if one] == [True, True]
