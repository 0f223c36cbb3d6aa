"""A case as a form."""

from bot.http.form_fields import Fields
from eval.workbench.case_form import case_from_form, form_values, survives_form
from tests.eval.examples import make_case


def test_a_question_of_two_lines_stays_one_turn() -> None:
    known = {"id": "asked-1", "kind": "vague", "turns": ["子育て\n支援は?", "いつから?"], "behave": "clarify"}
    assert case_from_form(Fields(form_values(known).items())).turns == ("子育て 支援は?", "いつから?")


def test_a_case_that_the_form_would_change_does_not_fit() -> None:
    assert survives_form(make_case(note="覚え"))
    assert not survives_form(make_case(turns=["子育て\n支援は?"]))
    assert not survives_form(make_case(must=[["A|B"]]))
