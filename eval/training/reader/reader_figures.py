"""Measures the reader: facts shown, and separation of answerable from unanswerable questions."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.relevance.overlap import read_by_overlap
from eval.dataset.matching import contains_words
from eval.metrics.statistics import standard_error
from eval.training.reader.reading_examples import ReadingExample

# Characters that are shown: of each of two stretches, and of the best units together.
STRETCH, SHOWN = 240, 500
# Shares of the unanswerable that are answered, at which the answerable that are answered are counted.
ANSWERED_WRONGLY = (0.05, 0.12)

Array = NDArray[np.float32]
Said = tuple[Array, Array, float]


def score_by_overlap(example: ReadingExample) -> Said:
    """Return what overlap says of an example, in the form of the model's."""
    read = read_by_overlap(example.query, example.hits)
    units = [unit.probability for passage in read.passages for unit in passage.units]
    order = -np.arange(len(example.hits), dtype=np.float32)
    return np.array(units, np.float32), order, read.confidence


def reader_figures(examples: Sequence[ReadingExample], said: Sequence[Said]) -> dict[str, Any]:
    """Return the rates over the complete examples, with standard errors; none for what no question asks."""
    whole = [(e, s) for e, s in zip(examples, said, strict=True) if e.complete]
    facts = [(e, s) for e, s in whole if e.question.must]
    shown: dict[str, list[float]] = {
        "first": [_has_all_facts(e, _best_passage_text(e, s)) for e, s in facts],
        "two stretches": [_has_all_facts(e, "\n".join(_best_snippets(e, s))) for e, s in facts],
        "500 characters": [_has_all_facts(e, "\n".join(_best_units(e, s))) for e, s in facts],
    }
    found = {name: (float(np.mean(values)), standard_error(values)) for name, values in shown.items() if values}
    told = [s[2] for e, s in whole if e.question.grade], [s[2] for e, s in whole if not e.question.grade]
    return {"n": len(facts), **found, **_answerability_rates(*map(np.array, told))}


def _answerability_rates(answerable: Array, unanswerable: Array) -> dict[str, float]:
    if not len(answerable) or not len(unanswerable):
        return {}
    above = (answerable[:, None] > unanswerable).mean() + (answerable[:, None] == unanswerable).mean() / 2
    limits = {share: np.quantile(unanswerable, 1 - share, method="higher") for share in ANSWERED_WRONGLY}
    rates: dict[str, float] = {"unanswerable": len(unanswerable), "area": float(above)}
    for share, limit in limits.items():
        rates |= {f"answered at {share:.2f}": float((answerable > limit).mean()), f"from {share:.2f}": float(limit)}
    return rates


def _has_all_facts(example: ReadingExample, text: str) -> float:
    return float(all(any(contains_words(text, wording) for wording in group) for group in example.question.must))


def _best_passage_text(example: ReadingExample, said: Said) -> str:
    return example.hits[int(said[1].argmax())].passage.text


def _best_snippets(example: ReadingExample, said: Said) -> Iterator[str]:
    """Yield the best two stretches of whole units, of one passage each and not of the same, but where they touch."""
    evidence = example.evidence
    sums = np.concatenate([[0], np.cumsum(said[0])])
    found = []
    for first, (start, _) in enumerate(evidence.bounds):
        for last in range(first, len(evidence.bounds)):
            if evidence.owners[last] != evidence.owners[first]:
                break
            if last == first or evidence.bounds[last][1] - start <= STRETCH:
                found.append((sums[last + 1] - sums[first], first, last))
    found.sort(key=lambda each: -each[0])
    for _, first, last in found[:1]:
        yield _unit_text(example, first, last)[:STRETCH]
        for _, other, end in found[1:]:
            if evidence.owners[other] != evidence.owners[first] or other == last + 1 or end == first - 1:
                yield _unit_text(example, other, end)[:STRETCH]
                return


def _best_units(example: ReadingExample, said: Said) -> Iterator[str]:
    """Yield the likeliest units that find room."""
    room = SHOWN
    for unit in np.argsort(-said[0], kind="stable").tolist():
        text = _unit_text(example, unit, unit)[:SHOWN]
        if len(text) <= room:
            room -= len(text)
            yield text


def _unit_text(example: ReadingExample, first: int, last: int) -> str:
    evidence = example.evidence
    text = example.hits[int(evidence.owners[first])].passage.text
    return text[evidence.bounds[first][0] : evidence.bounds[last][1]]
