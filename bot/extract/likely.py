"""How likely each candidate is the answer: a log-linear model over its clues.

Its weights stand in likely.json. `python -m eval spans` wrote them, from the questions of JaQuAD whose ids are in the
half `fit` (eval/runs/halves.py), by maximum likelihood of the true answers among the candidates of five passages, with
a penalty on squared weights (figures in eval/LOG.md). They weigh particles, counters, word classes and distances, no
words.
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.extract.clues import classes, numbers, table
from bot.extract.nearness import Nearness
from bot.extract.span import Clue, Text
from bot.extract.wanted import Wanted

# Share of the question's words by which a text may lie behind. By the weight of that share alone ("passage" in
# likely.json) a phrase in a text farther behind is about 9 times less likely; reading every text betters no figure.
_BEHIND = 0.4
_NONE: NDArray[np.float64] = np.zeros(0)
_FILE = Path(__file__).with_name("likely.json")


def likelihoods(wanted: Wanted, texts: Sequence[Text]) -> list[NDArray[np.float64]]:
    """Return for each text, best passage first, the probability of its candidates; together they sum to 1.

    A text that holds far fewer words of the question than another is not read: its array is empty.
    """
    of_clue = cache(lambda clue: _of_classes(wanted, clue))
    read = _promising(wanted, texts)
    scores = [_scores(wanted, text, rank, of_clue) if rank in read else _NONE for rank, text in enumerate(texts)]
    highest = max((float(values.max()) for values in scores if len(values)), default=0.0)
    weights = [np.exp(values - highest) for values in scores]
    total = sum(float(values.sum()) for values in weights) or 1.0
    return [values / total for values in weights]


def _scores(wanted: Wanted, text: Text, rank: int, of_clue: Callable[[Clue], float]) -> NDArray[np.float64]:
    """Return the weighted clues of each candidate, (candidates,)."""
    if not len(text):
        return _NONE
    of_numbers, _ = _weights()
    names = {name: column for column, name in enumerate(of_numbers)}
    weighed = table(numbers(wanted, text, rank), names, len(text)) @ np.array(list(of_numbers.values()))
    scores: NDArray[np.float64] = weighed + np.array([of_clue(clue) for clue in text.clues])
    return scores


def _promising(wanted: Wanted, texts: Sequence[Text]) -> set[int]:
    """Return the places of the texts that hold about as many words of the question as any."""
    covered = [Nearness(wanted.words, text).covered_anywhere() for text in texts]
    return {place for place, share in enumerate(covered) if share >= max(covered) - _BEHIND}


def _of_classes(wanted: Wanted, clue: Clue) -> float:
    weights = _weights()[1]
    return sum(weights[name] for name in classes(wanted, clue) if name in weights)


@cache
def _weights() -> tuple[dict[str, float], dict[str, float]]:
    weights: dict[str, Any] = json.loads(_FILE.read_text("utf-8"))
    return weights["numbers"], weights["classes"]
