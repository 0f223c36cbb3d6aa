"""Single lines: headings, marks, rules, broken lines, and entries of contents."""

import pytest

from ingest.documents import Line
from ingest.structure.furniture import dot_leader_entries, is_rule
from ingest.structure.headings import heading, number_of
from ingest.structure.line_joining import is_key_value, join
from ingest.structure.line_marks import line_kind, strip_line_mark


@pytest.mark.parametrize(
    ("line", "style", "number"),
    [
        pytest.param("## 目的", "#2", None, id="markdown"),
        pytest.param("第2章 施策", "章", 2, id="chapter"),
        pytest.param("3 体制", "1", 3, id="number"),
        pytest.param("1.3. 期間", "1.2", 3, id="decimal"),
        pytest.param("（４）公園", "(1)", 4, id="wide brackets"),
        pytest.param("③ 道路", "①", 3, id="circled"),
        pytest.param("議題2 道路", "議題1", 2, id="agenda"),
        pytest.param("ア 背景", "ア", None, id="letter"),
    ],
)
def test_a_heading_has_its_style_and_number(line: str, style: str, number: int | None) -> None:
    block = heading(Line(1, line))
    assert block is not None
    assert (block.style, number_of(block)) == (style, number)


@pytest.mark.parametrize(
    ("line", "kind", "text"),
    [
        pytest.param("※ 税込み", "note", "※ 税込み", id="note"),
        pytest.param("・和室", "item", "和室", id="bullet"),
        pytest.param("(1) 和室", "item", "(1) 和室", id="ordinal stays"),
        pytest.param("■ 和室", "lead", "■ 和室", id="lead"),
        pytest.param("和室です。", "text", "和室です。", id="text"),
    ],
)
def test_the_mark_of_a_line_shows_its_kind(line: str, kind: str, text: str) -> None:
    found = line_kind(Line(1, line))
    assert found == kind
    assert strip_line_mark(line, found) == text


@pytest.mark.parametrize(
    ("text", "is_drawn"),
    [("-----", True), ("=====", True), ("+----+----+", True), ("- 和室", False), ("", False), ("令和8年", False)],
    ids=["hyphens", "equal signs", "frame", "item", "empty", "words"],
)
def test_a_drawn_line_is_a_rule(text: str, *, is_drawn: bool) -> None:
    assert is_rule(text) is is_drawn


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [("公園", "計画", "公園計画"), ("park", "plan", "park plan"), ("公園", "plan", "公園plan"), ("", "計画", "計画")],
    ids=["Japanese", "Latin", "mixed", "nothing before"],
)
def test_halves_of_a_line_are_joined(left: str, right: str, joined: str) -> None:
    assert join(left, right) == joined


@pytest.mark.parametrize(
    ("text", "has_value"),
    [("発行 若葉市", True), ("日時：5月1日", True), ("若葉市は、計画を定めます。", False), ("発行", False)],
    ids=["gap", "colon", "sentence", "name only"],
)
def test_a_name_with_its_value_is_known(text: str, *, has_value: bool) -> None:
    assert is_key_value(text) is has_value


@pytest.mark.parametrize(
    ("texts", "positions"),
    [
        pytest.param(["目次", "目的……1", "期間……4", "体制……9"], [1, 2, 3], id="rising pages"),
        pytest.param(["目的……9", "期間……4", "体制……1"], [], id="falling figures"),
        pytest.param(["目的 1", "期間 4"], [], id="no leaders"),
    ],
)
def test_entries_of_contents_have_leader_dots(texts: list[str], positions: list[int]) -> None:
    assert dot_leader_entries([Line(n, text) for n, text in enumerate(texts, 1)]) == positions
