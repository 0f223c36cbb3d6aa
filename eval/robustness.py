"""Asks a question again, unchanged or in another wording, and compares the answers."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bot.state.citation_marks import remove_marks
from eval.dataset.case import Case
from eval.dataset.variants import make_variants
from eval.errors import RefusedError
from eval.systems.asking import Ask, ask_case
from ingest.japanese import dates, nfkc
from ingest.japanese.figures import figures

Answer = Mapping[str, Any]
"""An Answer of the API, as JSON."""
Sameness = Callable[[Answer, Answer], bool]


def is_identical(answer: Answer, other: Answer) -> bool:
    """Tell whether status, text and sources with their quotes are equal."""
    return _exact_content(answer) == _exact_content(other)


def is_same_answer(answer: Answer, other: Answer) -> bool:
    """Tell whether two answers to one question in two wordings agree.

    They do if status, cited passages, figures and dates are equal; the text may repeat the wording of the question.
    """
    return _stated_facts(answer) == _stated_facts(other)


def _exact_content(answer: Answer) -> tuple[Any, ...]:
    return (
        answer["status"],
        answer["answer"],
        [(c["doc_id"], c["section"], c.get("quote")) for c in answer["citations"]],
    )


def _stated_facts(answer: Answer) -> tuple[Any, ...]:
    sources = {(c["doc_id"], c["section"], c.get("passage_id")) for c in answer["citations"]}
    # Without sources, figures are those of the question.
    text = remove_marks(nfkc(answer["answer"])) if sources else ""
    stated = {(figure.value, figure.unit) for figure in figures(text)}
    return answer["status"], sources, stated, {mention.key for mention in dates(text)}


def repeat_question(ask: Ask, case: Case, answer: Answer) -> list[dict[str, Any]]:
    """Return for each conversation, `new` and `same`, whether the answer there is identical to `answer`.

    In the same conversation only a first question is repeated; a follow-up would refer to itself.
    """
    again = [{"conversation": "new", **_ask_and_compare(ask, case, answer, is_identical)}]
    if len(case.turns) == 1:

        def continue_conversation(body: dict[str, Any]) -> dict[str, Any]:
            return ask(body | {"conversation_id": answer["conversation_id"]})

        again.append({"conversation": "same", **_ask_and_compare(continue_conversation, case, answer, is_identical)})
    return again


def ask_variants(ask: Ask, case: Case, answer: Answer) -> list[dict[str, Any]]:
    """Return for each variant of the last turn its `variety`, its `question`, and whether its answer is the same.

    Each variant is asked in a new conversation after the unchanged earlier turns.
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
    try:
        repeated = ask_case(ask, case)
    except RefusedError as error:
        return {"same": False, "status": None, "answer": str(error)}
    if same(answer, repeated):
        return {"same": True}
    return {"same": False, "status": repeated["status"], "answer": repeated["answer"]}


def _with_last_turn(case: Case, last: str) -> Case:
    return case.model_copy(update={"turns": (*case.turns[:-1], last)})


REPETITIONS: dict[str, Callable[[Ask, Case, Answer], Any]] = {"again": repeat_question, "variants": ask_variants}
"""How a question can be asked again, by the name of the result in a row."""


def repeat_case(names: Iterable[str], ask: Ask, case: Case, answer: Answer) -> dict[str, Any]:
    """Return the results of the named `REPETITIONS`, as JSON."""
    return {name: REPETITIONS[name](ask, case, answer) for name in names}
