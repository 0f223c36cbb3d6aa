"""Figures that are not in a passage but follow from it by arithmetic."""

import pytest

from bot.verification import SourceText, check_statements, check_text, split_statements

PLAN = SourceText(
    "計画の期間は令和7年度から令和11年度までです。堤防の工事費は5,230万円、水門の工事費は1,180万円です。",
    ("2 期間と費用",),
    "水辺の計画",
    (),
    "青葉市",
    "2025-03",
)


def is_supported(said: str) -> bool:
    return not any(one.problems for one in check_text(f"{said}[1]。", [PLAN]))


@pytest.mark.parametrize(
    "said",
    [
        "計画の期間は令和7年度から令和11年度までの5年間です",
        "堤防の5,230万円と水門の1,180万円を合わせて6,410万円です",
        "堤防の工事費は約5,200万円です",
    ],
)
def test_derived_figure_passes(said: str) -> None:
    """Spans next to their ends, sums next to their parts and roundings are accepted."""
    assert is_supported(said)


@pytest.mark.parametrize(
    "said",
    [
        "計画の期間は令和7年度から令和11年度までの7年間です",
        "堤防の5,230万円と水門の1,180万円を合わせて6,500万円です",
        "堤防の工事費は約5,800万円です",
        "水門の工事費は約1,300万円です",
    ],
)
def test_wrong_derived_figure_is_rejected(said: str) -> None:
    """Other spans and sums are wrong, and a tenth more is no rounding."""
    assert not is_supported(said)


TABLE = [
    SourceText(
        f"{name} {cost}万円 {seats}席",
        ("4 改修の費用",),
        "水辺の計画",
        cells=(("施設", name), ("工事費", f"{cost}万円"), ("席の数", f"{seats}席")),
    )
    for name, cost, seats in (("船着場", "5,230", "40"), ("水門", "1,180", "12"), ("展望台", "900", "25"))
]


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ("船着場と水門の工事費は、合わせて6,410万円です", True),
        ("3つの施設の工事費は、合計で7,310万円です", True),
        ("船着場の工事費は、水門より4,050万円多くなっています", True),
        ("船着場と水門の工事費は、合わせて6,130万円です", False),
        ("水門の工事費は6,410万円です", False),
        ("船着場と水門の席は、合わせて65席です", False),
        ("船着場の工事費は、水門より4,330万円多くなっています", False),
    ],
)
def test_sum_may_omit_its_operands(said: str, right: bool) -> None:  # noqa: FBT001 - a column of the table
    """The sentence says that it adds, and its rows are in one column."""
    marked = f"{said}[1][2][3]。"
    assert (not any(one.problems for one in check_text(marked, TABLE))) is right


def test_sum_covers_one_list() -> None:
    """Items under one introduction are added, and figures of other kinds are not."""
    listed = SourceText("費用の内訳\n・船の修理 300万円\n・桟橋の塗装 120万円\n・職員 4人", ("費用",), "港の計画")
    assert not check_text("船の修理と桟橋の塗装で、合わせて420万円です[1]。", [listed])[0].problems
    assert check_text("船の修理と職員で、合わせて304万円です[1]。", [listed])[0].problems


def test_earlier_sentences_support_arithmetic() -> None:
    """Their problems are not reported again."""
    said = split_statements(
        "水門の工事費は9,999万円です[1]。堤防の工事費は5,230万円です[1]。合わせて6,410万円です[1]。"
    )
    assert check_statements(said, [PLAN], since=1) == check_statements(said, [PLAN])[1:]
    assert check_statements(said, [PLAN], since=3) == []


NOTICE = SourceText(
    "■艪こぎ体験\n日時:6月7日~10月の第1・3土曜日、9~11月は第2土曜日も\n定員:先着30人\n費用:千200円\n会場:東館、西館、浜の館\n"
    "■浜の清掃\n日時:6月28日 13時半~正午までに終わらないときは15時\n定員:先着18人\n費用:無料",
    ("催し",),
    "広報みなと 5月号",
    (),
    "青葉市",
    "2026-05-01",
)


@pytest.mark.parametrize(
    ("said", "question", "right"),
    [
        ("艪こぎ体験は3館で開かれます", "", True),
        ("艪こぎ体験は5館で開かれます", "", False),
        ("浜の清掃は艪こぎ体験の3週間後です", "艪こぎ体験は6月7日、浜の清掃は?", True),
        ("浜の清掃は艪こぎ体験の5週間後です", "艪こぎ体験は6月7日、浜の清掃は?", False),
        ("艪こぎ体験は30人までで、浜の清掃より12人多く参加できます", "", True),
        ("艪こぎ体験は30人までで、浜の清掃より17人多く参加できます", "", False),
        ("艪こぎ体験は1,200円なので、2人では2,400円です", "2人で行くと?", True),
        ("艪こぎ体験は1,200円なので、2人では2,500円です", "2人で行くと?", False),
        ("艪こぎ体験は第3土曜日にあります", "", True),
        ("艪こぎ体験は10月にもあります", "", True),
    ],
)
def test_arithmetic_uses_reply_and_question(said: str, question: str, right: bool) -> None:  # noqa: FBT001
    """Differences, multiples and weeks between days follow from either."""
    (checked,) = check_text(f"{said}[1]。", [NOTICE], question)
    assert (not checked.problems) is right
