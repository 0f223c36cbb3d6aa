"""Fallback without a model: scores passages by the share of question terms they contain."""

from collections.abc import Sequence

from bot.question.query import Query
from bot.relevance.units import unit_spans
from bot.state import Hit, Reading, ScoredPassage, Unit
from ingest.japanese.tokenise import words

# Passages over which coverage tells whether anything answers (area under the curve .84 on the towns; decision 010).
_TOGETHER = 3


def read_by_overlap(query: Query, hits: Sequence[Hit]) -> Reading:
    """Return the hits in their order, each probability being the share of the terms covered.

    The headings cover for each unit below them, by half: they tell a passage from another, not its units.
    """
    weights = {term.text: term.weight for term in query.terms}
    total = sum(weights.values()) or 1.0
    held = [set(words("\n".join((*hit.passage.path, hit.passage.text)))) & weights.keys() for hit in hits]

    def share(terms: set[str]) -> float:
        return sum(weights[term] for term in terms) / total

    together = set[str]().union(*held[:_TOGETHER])
    read = [
        ScoredPassage(hit, share(terms), _units(hit, weights, total)) for hit, terms in zip(hits, held, strict=True)
    ]
    return Reading(tuple(read), share(together))


def _units(hit: Hit, weights: dict[str, float], total: float) -> tuple[Unit, ...]:
    passage = hit.passage
    heading = set(words("\n".join(passage.path)))
    found = []
    for start, end in unit_spans(passage):
        own = set(words(passage.text[start:end]))
        covered = sum(w * (1.0 if t in own else 0.5 * (t in heading)) for t, w in weights.items())
        found.append(Unit(start, end, covered / total))
    return tuple(found)
