"""The parts of an answer cite sources by number."""

import pytest

from bot.state import (
    AskedQuestions,
    Excerpt,
    Part,
    SourceLine,
    Statement,
    TableRows,
    cited_numbers,
    paragraph,
    renumber_citations,
    with_preceding,
)

LINE = SourceLine((Statement("若葉市総合計画"),))
EXCERPT = Excerpt(2, LINE, "本文です。", (0, 5))
PRECEDING = Excerpt(2, LINE, "前の文です。", (0, 0))
TABLE = TableRows(
    LINE, ("室",), (("和室",),), cited=(3, 4), lines=(Statement("和室", (3,)),), notes=Statement("注", (4,))
)


@pytest.mark.parametrize(
    ("part", "numbers"),
    [
        pytest.param(paragraph(Statement("a", (1, 2)), Statement("b", (2, 5))), {1, 2, 5}, id="paragraph"),
        pytest.param(paragraph(LINE), set(), id="source line only"),
        pytest.param(EXCERPT, {2}, id="excerpt"),
        pytest.param(TABLE, {3, 4}, id="table"),
        pytest.param(AskedQuestions(("定員は？",), ("answered",)), set(), id="asked questions"),
    ],
)
def test_citations_are_renumbered_in_every_kind_of_part(part: Part, numbers: set[int]) -> None:
    assert cited_numbers(part) == numbers
    assert cited_numbers(renumber_citations(part, lambda n: n + 10)) == {n + 10 for n in numbers}


def test_rows_and_notes_of_a_table_are_renumbered_with_it() -> None:
    renumbered = renumber_citations(TABLE, lambda n: n - 2)
    assert isinstance(renumbered, TableRows)
    assert renumbered.lines[0].cited == (1,)
    assert renumbered.notes is not None
    assert renumbered.notes.cited == (2,)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param((EXCERPT, PRECEDING, TABLE), [(EXCERPT, PRECEDING), (TABLE, None)], id="with what precedes it"),
        pytest.param((EXCERPT, EXCERPT), [(EXCERPT, None), (EXCERPT, None)], id="alone"),
        pytest.param((), [], id="no parts"),
    ],
)
def test_an_excerpt_comes_with_what_precedes_it(parts: tuple[Part, ...], expected: list[tuple[Part, Part]]) -> None:
    assert list(with_preceding(parts)) == expected
