"""Reading for the answer: from the passages found, the short stretch that tells it, and the answer proper in it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.extract.likely import likelihoods
from bot.extract.span import Text, key, phrases
from bot.extract.stretch import best_stretch
from bot.extract.wanted import want
from bot.find.evidence import title_of
from bot.turn import Hit
from bot.understand.asked import Asked
from ingest.documents import Passage

# Characters of an answer at most.
LONGEST = 120
# Passages that are read.
READ = 5
_BETWEEN = "："


@dataclass(frozen=True, slots=True)
class Extract:
    """An answer from one passage: `quote` is found in it letter for letter, `span` is the answer proper, as printed.

    `heading` is told where the question does not name it, for a passage speaks of it without naming it; the span may
    stand there. `probability` (0-1) is
    that of the span by the model's own reckoning.
    """

    passage: Passage
    quote: str
    span: str
    probability: float
    heading: str = ""

    @property
    def text(self) -> str:
        """The answer, at most LONGEST characters: the quote, its heading before it."""
        return self.heading + _BETWEEN + self.quote if self.heading else self.quote


def read(asked: Asked, hits: Sequence[Hit], rarity: Callable[[str], float]) -> Extract | None:
    """Return what answers `asked` in the best of `hits` (best first), or None where no passage holds any candidate.

    `rarity` weighs a word in normal form by its idf (`index.keyword.idf`).
    """
    read_hits = hits[:READ]
    texts = [phrases(title_of(hit.passage.section), hit.passage.text) for hit in read_hits]
    probabilities = likelihoods(want(asked, rarity), texts)
    found = [
        extract
        for hit, text, values in zip(read_hits, texts, probabilities, strict=True)
        if len(values)
        for extract in _extracts(asked, hit.passage, text, values)
    ]
    return max(found, key=lambda pair: pair[0], default=(0.0, None))[1]


def _extracts(
    asked: Asked, passage: Passage, text: Text, probabilities: NDArray[np.float64]
) -> Iterator[tuple[float, Extract]]:
    """Yield the best stretch of the passage with its probability, without its heading and with it."""
    heading = text.text[: text.body - 1]
    told = {"": 0.0}
    if key(heading) not in key(asked.text):
        told[heading] = float(probabilities[text.in_heading].sum())
    for before, probability in told.items():
        stretch = best_stretch(text, probabilities, LONGEST - len(before) - len(_BETWEEN))
        if stretch:
            inside = (text.starts >= stretch.start) & (text.ends <= stretch.end)
            inside |= text.in_heading & bool(before)
            quote = text.text[stretch.start : stretch.end]
            span, likely = _span(text, np.where(inside, probabilities, 0.0))
            yield stretch.probability + probability, Extract(passage, quote, span, likely, before)


def _span(text: Text, probabilities: NDArray[np.float64]) -> tuple[str, float]:
    """Return the likeliest answer proper and its probability: places with the same words count together."""
    together: dict[str, float] = {}
    for name, probability in zip(text.keys, probabilities, strict=True):
        together[name] = together.get(name, 0.0) + float(probability)
    best = max(together, key=lambda name: together[name])
    place = max((i for i, name in enumerate(text.keys) if name == best), key=lambda i: probabilities[i])
    return text.text[text.starts[place] : text.ends[place]], together[best]
