"""Figures that stand in no passage and follow from what stands there."""

import pytest

from bot.claims import Premise, check, check_text, statements

PLAN = Premise(
    "計画の期間は令和7年度から令和11年度までです。堤防の工事費は5,230万円、水門の工事費は1,180万円です。",
    ("2 期間と費用",),
    "水辺の計画",
    (),
    "青葉市",
    "2025-03",
)


def stands(said: str) -> bool:
    return not any(one.problems for one in check_text(f"{said}[1]。", [PLAN]))


@pytest.mark.parametrize(
    "said",
    [
        "計画の期間は令和7年度から令和11年度までの5年間です",
        "堤防の5,230万円と水門の1,180万円を合わせて6,410万円です",
        "堤防の工事費は約5,200万円です",
    ],
)
def test_what_follows_stands(said: str) -> None:
    """A span beside its ends, a sum beside its parts, a rounding of what is rounded."""
    assert stands(said)


@pytest.mark.parametrize(
    "said",
    [
        "計画の期間は令和7年度から令和11年度までの7年間です",
        "堤防の5,230万円と水門の1,180万円を合わせて6,500万円です",
        "堤防の工事費は約5,800万円です",
        "水門の工事費は約1,300万円です",
    ],
)
def test_what_does_not_follow_stands_nowhere(said: str) -> None:
    """Another span, another sum, and a tenth more is no rounding."""
    assert not stands(said)


def test_what_was_checked_before_is_still_reckoned_with() -> None:
    """A sum is founded on a sentence before it, whose problems are not told again."""
    said = statements("水門の工事費は9,999万円です[1]。堤防の工事費は5,230万円です[1]。合わせて6,410万円です[1]。")
    assert check(said, [PLAN], since=1) == check(said, [PLAN])[1:]
    assert check(said, [PLAN], since=3) == []
