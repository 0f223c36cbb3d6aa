"""Weighing evidence: how much of the question a piece covers, whether it can answer, how well its form suits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.find.covering import covering
from bot.find.evidence import Evidence, asks, content_terms_cached, speaker_of, title_of
from bot.find.fit import fits
from bot.find.form import gains
from bot.find.likeness import Alike, Likeness
from bot.find.outcome import is_yet_to_come
from bot.find.pieces import pieces
from bot.find.sought import Sought
from bot.find.stand_in import stand_in
from bot.turn import Hit
from bot.understand.asked import Kind, Term
from ingest.documents import Document

# All constants of this package were chosen on the cases of 2026-11-20 (eval/LOG.md).
# A word that no document has is likelier another word for something than one which only this passage lacks.
_UNKNOWN = 0.5
# A word that only means nearly the same counts by its likeness and this share.
_LIKE = 0.9
# What a piece gains that can be the answer (and loses if it cannot), that is in force, that is of the best passage.
_FITS, _IN_FORCE, _RANK = 0.3, 0.12, 0.15
# An entry of a FAQ is found by what it asks, and its answer need not repeat it: it gains by its place among all found,
# and loses by what the ranker's score is behind the best.
_ENTRY_FOUND, _ENTRY_BEHIND = 0.3, 0.4
# What a speech loses where a document says as much of what is asked.
_SAID = 0.1
# Coverage by which a document in force may lie behind and still come first.
_AS_WELL = 0.12
# What a superseded piece lies behind one in force at the least, where both stand under the heading that is asked for.
_BEHIND = 0.01
# … where the question says which plan it means by its age: the one before, the one in force.
_WHEN_AGE_IS_SAID = 0.4


@dataclass(frozen=True, slots=True)
class Weighed:
    """A piece with its weight: `coverage` is the share (0–1) of the question's words that it holds, by their weight.

    The words `missing` stand nowhere in it. `fits` is False where it cannot be the answer (no figure with the unit
    asked for, another year …).
    """

    evidence: Evidence
    score: float
    coverage: float
    missing: tuple[Term, ...]
    fits: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """What weighing needs besides the question: rarity and likeness of words, which there are, the documents by id."""

    idf: Callable[[str], float]
    knows: Callable[[str], bool]
    likeness: Likeness
    documents: Mapping[str, Document]


def weigh(sought: Sought, hits: Sequence[Hit], scale: Scale) -> list[Weighed]:
    """Return the pieces of the passages found, heaviest first."""
    best = max((hit.score for hit in hits), default=0.0)
    worst = min((hit.score for hit in hits), default=0.0)
    read = [(hit, pieces(hit.passage)) for hit in hits]
    around = frozenset[str]().union(*(evidence.around for _, evidences in read for evidence in evidences))
    question = _Weighing(sought, scale, scale.likeness.among(_replaceable(sought), around))
    found = []
    for place, (hit, evidences) in enumerate(read):
        found_by = _RANK * ((hit.score - worst) / (best - worst) if best > worst else 1.0)
        if asks(title_of(hit.passage.section)):
            found_by += _ENTRY_FOUND / (1 + place) - _ENTRY_BEHIND * (best - hit.score)
        document = scale.documents[hit.passage.doc_id]
        found += [question.weigh(evidence, document, found_by) for evidence in evidences]
    ruled = _behind_successor(_written_first(_in_force_first(found, sought), sought), sought)
    return sorted(_before_its_like(ruled, sought), key=lambda w: -w.score)


def _behind_successor(found: Sequence[Weighed], sought: Sought) -> list[Weighed]:
    """Put what is of no plan in force behind what one says under a heading that is what the question names."""
    asked = sought.strong | sought.asked.hints
    ruling = [
        w
        for w in found
        if w.fits
        and w.evidence.passage.doc_id in sought.scope.preferred
        and asked
        and asked <= content_terms_cached(title_of(w.evidence.passage.section))
    ]
    best = max(ruling, key=lambda w: w.score, default=None)
    if best is None or sought.scope.named or sought.dates or sought.asked.excepted:
        return list(found)
    return [
        replace(w, score=min(w.score, best.score - _BEHIND))
        if w.evidence.passage.doc_id not in sought.scope.preferred and w.coverage <= best.coverage + _AS_WELL
        else w
        for w in found
    ]


def _before_its_like(found: Sequence[Weighed], sought: Sought) -> list[Weighed]:
    """Put what a plan in force says before the same words of one that is not, whatever stands around them there."""
    if sought.scope.named or sought.dates:
        return list(found)
    preferred = sought.scope.preferred
    said: dict[str, float] = {}
    for w in found:
        if w.evidence.passage.doc_id not in preferred:
            words = w.evidence.squashed
            said[words] = max(w.score, said.get(words, w.score))
    return [
        replace(w, score=max(w.score, said.get(w.evidence.squashed, w.score) + _BEHIND))
        if w.fits and w.evidence.passage.doc_id in preferred
        else w
        for w in found
    ]


def _in_force_first(found: Sequence[Weighed], sought: Sought) -> list[Weighed]:
    """Prefer documents in force where they cover the question about as well as any other."""
    most = max((w.coverage for w in found if w.fits), default=0.0)
    margin = _WHEN_AGE_IS_SAID if len(sought.asked.ages) == 1 else _AS_WELL
    return [
        replace(w, score=w.score + _IN_FORCE + (margin - _AS_WELL))
        if w.evidence.passage.doc_id in sought.scope.preferred and w.coverage >= most - margin
        else w
        for w in found
    ]


def _written_first(found: Sequence[Weighed], sought: Sought) -> list[Weighed]:
    """Prefer what a document lays down to what was said of it in a meeting, where it covers as much: that may change.

    Who asks for a speaker, or for a reason, is told what was said.
    """
    if sought.asks_speaker or sought.asked.kind is Kind.WHY:
        return list(found)
    most = max((w.coverage for w in found if w.fits and not speaker_of(w.evidence)), default=0.0)
    return [replace(w, score=w.score - _SAID) if speaker_of(w.evidence) and w.coverage <= most else w for w in found]


class _Weighing:
    """One question, as each piece is held against it."""

    def __init__(self, sought: Sought, scale: Scale, alike: Alike) -> None:
        self._sought = sought
        self._alike = alike
        self._gain = gains(sought)
        # What a word weighs where it stands, and where it does not.
        self._held = [term.weight * scale.idf(term.text) for term in sought.terms]
        known = [term.asked or scale.knows(term.text) for term in sought.terms]
        self._lacked = [w if k else w * _UNKNOWN for w, k in zip(self._held, known, strict=True)]

    def weigh(self, evidence: Evidence, document: Document, found_by: float) -> Weighed:
        """Return the piece of `document` with its weight; `found_by` is what its passage's place among all adds."""
        covers = covering(evidence, self._sought, document)
        total = held = 0.0
        missing = []
        for term, weight, lacked in zip(self._sought.terms, self._held, self._lacked, strict=True):
            alone = covers(term.text) or self._by_likeness(term, evidence)
            cover = max(alone, stand_in(term, evidence, covers))
            if not cover:
                missing.append(term)
            total += weight if cover else lacked
            held += weight * cover
        coverage = held / total if total else 1.0
        suits = fits(evidence, self._sought, document) and not is_yet_to_come(evidence, self._sought)
        score = coverage + (_FITS if suits else -_FITS) + self._gain(evidence, document)
        return Weighed(evidence, score + found_by, coverage, tuple(missing), suits)

    def _by_likeness(self, term: Term, evidence: Evidence) -> float:
        """Return what a word counts for that is not there itself, by the most alike of the words around."""
        near = self._alike.get(term.text, ())
        return _LIKE * next((cosine for word, cosine in near if word in evidence.around), 0.0)


def _replaceable(sought: Sought) -> list[str]:
    """Return the words that another may stand in for: none does for a name, a role or an affix."""
    is_role = sought.asked.kind is Kind.WHO  # 会長 is no 社長
    return [t.text for t in sought.terms if t.is_strong and not t.proper and not (t.asked and is_role)]
