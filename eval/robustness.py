"""Repeats a question, unchanged or in another wording, and compares the answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.verification import MARK
from eval.dataset.case import Case
from eval.dataset.variants import make_variants
from eval.errors import RefusedError
from eval.systems.ask import Ask, ask_case
from ingest.japanese import dates, nfkc
from ingest.japanese.figures import figures

Answer = Mapping[str, Any]
"""An Answer of the API, as JSON."""
Sameness = Callable[[Answer, Answer], bool]


def is_identical(one: Answer, other: Answer) -> bool:
    """Tell whether status, text and sources with their quotes are the same, letter for letter."""
    return _exact_content(one) == _exact_content(other)


def is_same_answer(one: Answer, other: Answer) -> bool:
    """Tell whether two answers to a question in two wordings say the same: an answer may repeat the wording.

    They do where they are of one status, cite the same passages, and tell the same figures and dates.
    """
    return _stated_facts(one) == _stated_facts(other)


def _exact_content(answer: Answer) -> tuple[Any, ...]:
    return (
        answer["status"],
        answer["answer"],
        [(c["doc_id"], c["section"], c.get("quote")) for c in answer["citations"]],
    )


def _stated_facts(answer: Answer) -> tuple[Any, ...]:
    sources = {(c["doc_id"], c["section"], c.get("passage_id")) for c in answer["citations"]}
    # Without sources nothing is told of the documents: figures there are those of the question.
    text = MARK.sub("", nfkc(answer["answer"])) if sources else ""
    told = {(figure.value, figure.unit) for figure in figures(text)}
    return answer["status"], sources, told, {mention.key for mention in dates(text)}


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


Look = Callable[[Ask, Case, Answer], Any]

LOOKS: dict[str, Look] = {"again": repeat_question, "variants": ask_variants}
"""Name in the row -> what is looked at, as JSON; it may ask further questions."""


def run_looks(names: Iterable[str], ask: Ask, case: Case, answer: Answer) -> dict[str, Any]:
    """Return what the looks called `names` tell of the answer to a case."""
    return {name: LOOKS[name](ask, case, answer) for name in names}
