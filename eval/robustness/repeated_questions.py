"""Asks a question again, unchanged or reworded, and compares the answers."""

from typing import Any

from eval.dataset.case import Case
from eval.dataset.variants.varieties import make_variants
from eval.errors import RefusedError
from eval.robustness.same_answer import Answer, Sameness, is_identical, is_same_answer
from eval.systems.ask import Ask, ask_case


def repeat_question(ask: Ask, case: Case, answer: Answer) -> list[dict[str, Any]]:
    """Return for each conversation, `new` and `same`, whether the answer there is identical to `answer`.

    In the same one only a question is said again that has no turn before it: what leans on one would lean on itself.
    """
    again = [{"conversation": "new", **_ask_and_compare(ask, case, answer, is_identical)}]
    if len(case.turns) == 1:

        def going_on(body: dict[str, Any]) -> dict[str, Any]:
            return ask(body | {"conversation_id": answer["conversation_id"]})

        again.append({"conversation": "same", **_ask_and_compare(going_on, case, answer, is_identical)})
    return again


def ask_variants(ask: Ask, case: Case, answer: Answer) -> list[dict[str, Any]]:
    """Return for each variant of the last turn its `variety` and `question`, and whether it gets the same answer.

    Each is asked in a conversation of its own; the turns before it stay as they are.
    """
    return [
        {
            "variety": variant.variety,
            "question": variant.text,
            **_ask_and_compare(ask, _with_last_turn(case, variant.text), answer),
        }
        for variant in make_variants(case.turns[-1])
    ]


def _ask_and_compare(ask: Ask, case: Case, answer: Answer, same: Sameness = is_same_answer) -> dict[str, Any]:
    """Return whether what is answered is the `same`, and what it is where it is not; a refusal never is."""
    try:
        told = ask_case(ask, case)
    except RefusedError as error:
        return {"same": False, "status": None, "answer": str(error)}
    return {"same": True} if same(answer, told) else {"same": False, "status": told["status"], "answer": told["answer"]}


def _with_last_turn(case: Case, last: str) -> Case:
    return case.model_copy(update={"turns": (*case.turns[:-1], last)})
