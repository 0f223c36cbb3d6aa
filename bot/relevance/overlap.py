"""Fallback without a model: scores passages by the weighted share of question terms that they contain."""

from collections.abc import Mapping, Sequence

from bot.relevance.units import unit_spans
from bot.state import Hit, Reading, ScoredPassage, Unit
from bot.state.query import Query
from ingest.japanese.tokenise import words

# Passages whose joint coverage is the confidence (area under the curve .84 on the towns; decision 010).
_CONFIDENCE_PASSAGES = 3


def read_by_overlap(query: Query, hits: Sequence[Hit]) -> Reading:
    """Return the hits in their order, each with its weighted share of the terms as the probability.

    A term in the headings counts half for each unit below them, because it does not distinguish these units.
    """
    weights = query.term_weights
    total = sum(weights.values()) or 1.0
    covered = [set(words("\n".join((*hit.passage.path, hit.passage.text)))) & weights.keys() for hit in hits]

    def share(terms: set[str]) -> float:
        return sum(weights[term] for term in terms) / total

    covered_jointly = set[str]().union(*covered[:_CONFIDENCE_PASSAGES])
    passages = tuple(
        ScoredPassage(hit, share(terms), _score_units(hit, weights, total))
        for hit, terms in zip(hits, covered, strict=True)
    )
    return Reading(passages, share(covered_jointly))


def _score_units(hit: Hit, weights: Mapping[str, float], total: float) -> tuple[Unit, ...]:
    passage = hit.passage
    heading = set(words("\n".join(passage.path)))
    units = []
    for start, end in unit_spans(passage):
        unit_terms = set(words(passage.text[start:end]))
        covered = sum(
            weight * (1.0 if term in unit_terms else 0.5 * (term in heading)) for term, weight in weights.items()
        )
        units.append(Unit(start, end, covered / total))
    return tuple(units)
