"""The provisions of an ordinance are read as a tree."""

import pytest

from ingest.amendments.provisions import Provision, parse_provisions
from tests.ingest.amendments.invented_ordinance import lines_of


def outline(root: Provision) -> list[str]:
    """Return kind, number, caption and text of each provision below the root, indented by depth."""

    def walk(provision: Provision, depth: int) -> list[str]:
        words = (f"{provision.step.kind}{provision.step.number}", provision.caption, provision.text)
        own = "  " * depth + " ".join(filter(None, words))
        return [own, *(line for child in provision.children for line in walk(child, depth + 1))]

    return [line for child in root.children for line in walk(child, 0)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("（目的）\n第１条　図書館を置く。", ["条1 目的", "  項1 図書館を置く。"], id="caption above"),
        pytest.param("第１条（目的）　図書館を置く。", ["条1 目的", "  項1 図書館を置く。"], id="caption beside"),
        pytest.param("第一条の二　図書館を置く。", ["条1の2", "  項1 図書館を置く。"], id="branch in kanji"),
        pytest.param("第1条\n２　二。", ["条1", "  項1", "  項2 二。"], id="second paragraph alone"),
        pytest.param("第1条　一。\n２　二。", ["条1", "  項1 一。", "  項2 二。"], id="two paragraphs"),
        pytest.param(
            "第1条　次の者とする。\n（１）市民\n（２）在勤者\n　ア　常勤\n　イ　非常勤",
            ["条1", "  項1 次の者とする。", "    号1 市民", "    号2 在勤者", "      アア 常勤", "      アイ 非常勤"],
            id="items and subitems",
        ),
        pytest.param(
            "第1条　次の者とする。\n一　市民\n二　在勤者",
            ["条1", "  項1 次の者とする。", "    号1 市民", "    号2 在勤者"],
            id="items in kanji",
        ),
        pytest.param("第1章　総則\n第1条　置く。", ["章1 総則", "条1", "  項1 置く。"], id="chapter"),
        pytest.param(
            "第1条　置く。\n附　則\n1　施行する。\n2　経過",
            ["条1", "  項1 置く。", "附則", "  項1 施行する。", "  項2 経過"],
            id="supplement",
        ),
        pytest.param(
            "第1条　置く。\n別表第1（第1条関係）\n本館",
            ["条1", "  項1 置く。", "別表1 (第1条関係)", "  行1 本館"],
            id="appendix",
        ),
        pytest.param("第1　目的\n図書館を置く。\n1　市民", ["第1 目的 図書館を置く。", "  項1 市民"], id="outline"),
    ],
)
def test_text_becomes_a_tree(text: str, expected: list[str]) -> None:
    assert outline(parse_provisions(lines_of(text))) == expected
