"""Which words of a question a row stands for by its stretches: 2歳 in 3歳未満, 3人目 under 第3子以降."""

from collections.abc import Iterator

from bot.find.evidence import Evidence, content_terms_cached
from bot.understand.intervals import interval_of, measure_of
from bot.understand.ordinals import ordinals
from ingest.normalise import nfkc, quantities


def words_within(evidence: Evidence, question: str) -> frozenset[str]:
    """Return the words of the figures and ordinals of normalised `question` that a cell or head of the row takes in."""
    if evidence.kind != "row":
        return frozenset()
    return frozenset[str]().union(*(content_terms_cached(written) for written in _within(evidence, question)))


def _within(evidence: Evidence, question: str) -> Iterator[str]:
    figures = [q for q in quantities(question) if not q.unit.startswith("第")]
    places = ordinals(question)
    if not figures and not places:
        return
    cells = evidence.passage.cells
    labels = [nfkc(label) for cell in cells for label in (cell.column, cell.value)]
    stretches = [stretch for label in labels if (stretch := interval_of(label))]
    yield from (question[q.start : q.end] for q in figures if any(s.holds(*measure_of(q, question)) for s in stretches))
    told = [place for label in labels for place in ordinals(label)]
    yield from (question[p.start : p.end] for p in places if any(t.holds(p) for t in told))
