"""Compares two answers: identical, or with the same status, sources, figures and dates."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.verification import MARK, figures
from ingest.japanese import dates, nfkc

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
