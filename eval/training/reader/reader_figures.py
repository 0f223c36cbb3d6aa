"""Measures the reader: facts shown, and separation of answerable from unanswerable questions."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.answers.length_budget import MAX_ANSWER_LENGTH, TARGET_EXCERPT_LENGTH
from bot.relevance.overlap import read_by_overlap
from eval.dataset.matching import contains_words
from eval.metrics.statistics import standard_error
from eval.training.reader.reading_examples import ReadingExample

# Rates of answered unanswerable questions at which the rate of answered answerable ones is reported.
ANSWERED_WRONGLY = (0.05, 0.12)

Array = NDArray[np.float32]
Scores = tuple[Array, Array, float]


def score_by_overlap(example: ReadingExample) -> Scores:
    """Return the scores of the overlap baseline, in the format of the model's."""
    read = read_by_overlap(example.query, example.hits)
    units = [unit.probability for passage in read.passages for unit in passage.units]
    order = -np.arange(len(example.hits), dtype=np.float32)
    return np.array(units, np.float32), order, read.confidence


def reader_figures(examples: Sequence[ReadingExample], scores: Sequence[Scores]) -> dict[str, Any]:
    """Return the rates over the complete examples, with standard errors; rates without questions are left out."""
    complete = [(e, s) for e, s in zip(examples, scores, strict=True) if e.complete]
    facts = [(e, s) for e, s in complete if e.question.must]
    visible: dict[str, list[float]] = {
        "first": [_has_all_facts(e, _best_passage_text(e, s)) for e, s in facts],
        "two stretches": [_has_all_facts(e, "\n".join(_best_snippets(e, s))) for e, s in facts],
        "500 characters": [_has_all_facts(e, "\n".join(_best_units(e, s))) for e, s in facts],
    }
    rates = {name: (float(np.mean(values)), standard_error(values)) for name, values in visible.items() if values}
    confidences = [s[2] for e, s in complete if e.question.grade], [s[2] for e, s in complete if not e.question.grade]
    return {"n": len(facts), **rates, **_answerability_rates(*map(np.array, confidences))}


def _answerability_rates(answerable: Array, unanswerable: Array) -> dict[str, float]:
    if not len(answerable) or not len(unanswerable):
        return {}
    area = (answerable[:, None] > unanswerable).mean() + (answerable[:, None] == unanswerable).mean() / 2
    thresholds = {share: np.quantile(unanswerable, 1 - share, method="higher") for share in ANSWERED_WRONGLY}
    rates: dict[str, float] = {"unanswerable": len(unanswerable), "area": float(area)}
    for share, threshold in thresholds.items():
        rates |= {
            f"answered at {share:.2f}": float((answerable > threshold).mean()),
            f"from {share:.2f}": float(threshold),
        }
    return rates


def _has_all_facts(example: ReadingExample, text: str) -> float:
    return float(all(any(contains_words(text, wording) for wording in group) for group in example.question.must))


def _best_passage_text(example: ReadingExample, scores: Scores) -> str:
    return example.hits[int(scores[1].argmax())].passage.text


def _best_snippets(example: ReadingExample, scores: Scores) -> Iterator[str]:
    evidence = example.evidence
    sums = np.concatenate([[0], np.cumsum(scores[0])])
    candidates = []
    for first, (start, _) in enumerate(evidence.bounds):
        for last in range(first, len(evidence.bounds)):
            if evidence.owners[last] != evidence.owners[first]:
                break
            if last == first or evidence.bounds[last][1] - start <= TARGET_EXCERPT_LENGTH:
                candidates.append((sums[last + 1] - sums[first], first, last))
    candidates.sort(key=lambda each: -each[0])
    for _, first, last in candidates[:1]:
        yield _unit_text(example, first, last)[:TARGET_EXCERPT_LENGTH]
        for _, other, end in candidates[1:]:
            if evidence.owners[other] != evidence.owners[first] or other == last + 1 or end == first - 1:
                yield _unit_text(example, other, end)[:TARGET_EXCERPT_LENGTH]
                return


def _best_units(example: ReadingExample, scores: Scores) -> Iterator[str]:
    budget = MAX_ANSWER_LENGTH
    for unit in np.argsort(-scores[0], kind="stable").tolist():
        text = _unit_text(example, unit, unit)[:MAX_ANSWER_LENGTH]
        if len(text) <= budget:
            budget -= len(text)
            yield text


def _unit_text(example: ReadingExample, first: int, last: int) -> str:
    evidence = example.evidence
    text = example.hits[int(evidence.owners[first])].passage.text
    return text[evidence.bounds[first][0] : evidence.bounds[last][1]]
