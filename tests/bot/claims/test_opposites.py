"""A statement that says the opposite of what its passage says."""

import pytest

from bot.claims import Premise, check_text

HARBOUR = Premise(
    "渡船の利用者は減少しました。待合室は新設します。桟橋の工事は令和8年度に開始します。釣り場は無料です。",
    ("3 港の利用",),
    "港の計画",
    (),
    "青葉市",
    "2025-03",
)


def stands(said: str) -> bool:
    return not any(one.problems for one in check_text(f"{said}[1]。", [HARBOUR]))


@pytest.mark.parametrize(
    "said", ["渡船の利用者は減少しました", "待合室を新設します", "桟橋の工事を令和8年度に始めます", "釣り場は無料です"]
)
def test_what_is_said_stands(said: str) -> None:
    """In its own words or in others of the same meaning."""
    assert stands(said)


@pytest.mark.parametrize(
    "said",
    ["渡船の利用者は増加しました", "待合室を廃止します", "桟橋の工事を令和8年度に終了します", "釣り場は有料です"],
)
def test_the_opposite_does_not(said: str) -> None:
    """Less is not more, what begins does not end."""
    assert not stands(said)
