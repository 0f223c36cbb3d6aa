"""Tests of turns, the parts of an answer and its citation marks."""

from dataclasses import replace
from datetime import date

import pytest

from bot.state import (
    AskedQuestions,
    Excerpt,
    Part,
    Question,
    SourceLine,
    Statement,
    TableRows,
    Turn,
    cited_numbers,
    paragraph,
    renumber_citations,
    to_read_turn,
    with_preceding,
)
from bot.state.citation_marks import add_marks, escape_marks, read_marks, remove_marks
from bot.state.query import AnswerType, Query, Scope
from bot.state.turn import StepOrderError

REQUESTED, NAMED = date(2026, 8, 1), date(2025, 4, 1)
QUERY = Query("定員は?", "定員は?", "ja", AnswerType.OTHER, Scope(NAMED, frozenset(), frozenset()))
TURN = Turn(Question(question="定員は？"), REQUESTED)


def test_the_day_in_the_question_replaces_that_of_the_request() -> None:
    assert TURN.effective_day == REQUESTED
    assert replace(TURN, query=QUERY).effective_day == NAMED


def test_a_completed_follow_up_keeps_what_was_typed() -> None:
    texts = TURN.with_completed_text("和室の定員は?", typed="定員は?", alternative="茶室の定員は?").texts
    wordings = [text.text for text in (texts.searched, texts.typed_follow_up, texts.alternative)]
    assert wordings == ["和室の定員は?", "定員は?", "茶室の定員は?"]


@pytest.mark.parametrize(
    ("turn", "message"),
    [
        pytest.param(TURN, "has not been parsed", id="without query"),
        pytest.param(replace(TURN, query=QUERY), "have not been scored", id="without scores"),
    ],
)
def test_an_answerer_gets_no_unread_turn(turn: Turn, message: str) -> None:
    with pytest.raises(StepOrderError, match=message):
        to_read_turn(turn)


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


@pytest.mark.parametrize(
    ("sentence", "numbers", "marked"),
    [
        pytest.param("定員は20人です。", (1,), "定員は20人です[1]。", id="before the full stop"),
        pytest.param("よいですか？", (1, 2), "よいですか[1][2]？", id="before a question mark"),
        pytest.param("定員 20人", (3,), "定員 20人[3]", id="without full stop"),
        pytest.param("定員は20人です。", (), "定員は20人です。", id="no numbers"),
    ],
)
def test_marks_are_added_before_the_end_and_read_again(sentence: str, numbers: tuple[int, ...], marked: str) -> None:
    assert add_marks(sentence, numbers) == marked
    assert read_marks(marked) == numbers
    assert remove_marks(marked) == sentence


@pytest.mark.parametrize(
    ("words", "escaped"),
    [
        pytest.param("表[1]を見る", "表［1］を見る", id="like a mark"),
        pytest.param("令和[1234]年", "令和[1234]年", id="too long for a mark"),
        pytest.param("[注]", "[注]", id="no number"),
    ],
)
def test_words_of_a_document_cite_nothing(words: str, escaped: str) -> None:
    assert escape_marks(words) == escaped
    assert read_marks(escape_marks(words)) == ()
