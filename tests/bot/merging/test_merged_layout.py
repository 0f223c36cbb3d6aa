"""Tests of the layout of answers to several questions, which share the length of one answer."""

from bot.answers.source_line import PRECEDING
from bot.merging.merged_layout import MergedAnswer, lay_out
from bot.rendering.answer_text import render_text
from bot.state import Excerpt, SourceLine, Status, service_message

LINE = SourceLine((service_message("lead", title="公民館だより", heading="講座"),))
ANSWER = "申込みは公民館の窓口で受け付けます。"


def merged_answer(n: int, question: str, passage_id: str, *, after: int, before: int = 0) -> MergedAnswer:
    """Return an answer with so many characters after and before the answering sentence."""
    parts = [Excerpt(n, LINE, ANSWER + "後" * after + "。", (0, len(ANSWER)))]
    if before:
        parts.append(Excerpt(n, PRECEDING, "前" * before + "。", (0, 0)))
    return MergedAnswer((question,), Status.ANSWERED, tuple(parts), "ja", passage_id)


def lay_out_as_text(*answers: MergedAnswer) -> str:
    """Return the answers as plain text."""
    return render_text(lay_out(answers))


def test_all_is_shown_where_it_fits() -> None:
    one, other = (merged_answer(n, f"問{n}", f"p{n}", after=90, before=20) for n in (1, 2))
    text = lay_out_as_text(one, other)
    assert text.count("後" * 90) == 2
    assert text.count("前" * 20) == 2
    assert len(text) <= 500


def test_passage_of_two_questions_is_shown_once() -> None:
    one, other = (merged_answer(n, f"問{n}", "p", after=150, before=60) for n in (1, 2))
    text = lay_out_as_text(one, other)
    assert "「問1」\n「問2」\n" in text
    assert text.count("後" * 150) == 1
    assert text.count("前" * 60) == 1
    assert len(text) <= 500


def test_preceding_text_gives_way_before_details() -> None:
    one, other = (merged_answer(n, f"問{n}", f"p{n}", after=120, before=100) for n in (1, 2))
    text = lay_out_as_text(one, other)
    assert text.count("後" * 120) == 2
    assert "前" not in text
    assert len(text) <= 500


def test_answer_without_details_keeps_its_source_line() -> None:
    one, other = (merged_answer(n, f"問{n}", f"p{n}", after=420) for n in (1, 2))
    text = lay_out_as_text(one, other)
    assert text.count(ANSWER) == 2
    assert text.endswith("出典: 「公民館だより」の「講座」[1][2]")
    assert len(text) <= 500
