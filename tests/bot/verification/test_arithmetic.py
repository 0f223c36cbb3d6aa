"""Tests of figures that follow from a passage by arithmetic."""

import pytest

from bot.verification.source_text import SourceText
from bot.verification.statement_check import check_statements, check_text
from bot.verification.statements import split_statements

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
    assert not is_supported(said)


def test_earlier_sentences_support_arithmetic() -> None:
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
        ("艪こぎ体験は1,200円なので、2人では2,400円です", "2人で行くと?", True),
        ("艪こぎ体験は1,200円なので、2人では2,500円です", "2人で行くと?", False),
        ("艪こぎ体験は第3土曜日にあります", "", True),
        ("艪こぎ体験は10月にもあります", "", True),
    ],
)
def test_arithmetic_uses_reply_and_question(said: str, question: str, right: bool) -> None:  # noqa: FBT001
    (checked,) = check_text(f"{said}[1]。", [NOTICE], question)
    assert (not checked.problems) is right
