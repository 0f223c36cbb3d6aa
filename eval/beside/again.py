"""A question asked again, and what is answered then."""

from typing import Any

from eval.asking.ask import Ask, converse
from eval.beside.same_answer import Answer, Sameness, identical, same_answer
from eval.dataset.case import Case
from eval.errors import RefusedError
from eval.variants.varieties import variants


def asked_again(ask: Ask, case: Case, answer: Answer) -> list[dict[str, Any]]:
    """Return for each conversation, `new` and `same`, whether the answer there is identical to `answer`.

    In the same one only a question is said again that has no turn before it: what leans on one would lean on itself.
    """
    again = [{"conversation": "new", **_told(ask, case, answer, identical)}]
    if len(case.turns) == 1:

        def going_on(body: dict[str, Any]) -> dict[str, Any]:
            return ask(body | {"conversation_id": answer["conversation_id"]})

        again.append({"conversation": "same", **_told(going_on, case, answer, identical)})
    return again


def asked_otherwise(ask: Ask, case: Case, answer: Answer) -> list[dict[str, Any]]:
    """Return for each variant of the last turn its `variety` and `question`, and whether it gets the same answer.

    Each is asked in a conversation of its own; the turns before it stay as they are.
    """
    return [
        {"variety": variant.variety, "question": variant.text, **_told(ask, _reworded(case, variant.text), answer)}
        for variant in variants(case.turns[-1])
    ]


def _told(ask: Ask, case: Case, answer: Answer, same: Sameness = same_answer) -> dict[str, Any]:
    """Return whether what is answered is the `same`, and what it is where it is not; a refusal never is."""
    try:
        told = converse(ask, case)
    except RefusedError as error:
        return {"same": False, "status": None, "answer": str(error)}
    return {"same": True} if same(answer, told) else {"same": False, "status": told["status"], "answer": told["answer"]}


def _reworded(case: Case, last: str) -> Case:
    return case.model_copy(update={"turns": (*case.turns[:-1], last)})
