"""Weighing evidence: how much of the question a piece covers, whether it can answer, how well its form suits."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.find.evidence import Evidence, content_terms_cached, pieces
from bot.find.fit import fits
from bot.find.form import gain
from bot.find.likeness import Likeness
from bot.find.sought import Sought
from bot.turn import Hit
from bot.understand.asked import Kind, Term
from bot.understand.thesaurus import same_meaning
from ingest.documents import Document

# What a term counts for by where it stands: the piece itself, the line or heading that introduces it, an outer heading,
# the document's title, elsewhere in the passage. All constants of this package were chosen on the cases of 2026-11-20
# (eval/LOG.md).
_OWN, _NEAR, _FAR, _TITLE, _ELSEWHERE = 1.0, 0.95, 0.8, 0.4, 0.4
# A word that no document has is likelier another word for something than one which only this passage lacks.
_UNKNOWN = 0.5
# A word that only means nearly the same counts by its likeness and this share.
_LIKE = 0.9
# What a piece gains that can be the answer (and loses if it cannot), that is in force, that is of the best passage.
_FITS, _IN_FORCE, _RANK = 0.3, 0.12, 0.15
# Coverage by which a document in force may lie behind and still come first.
_AS_WELL = 0.12
# … where the question says which plan it means by its age: the one before, the one in force.
_WHEN_AGE_IS_SAID = 0.4


# Words from other languages are joined without a seam; shorter ones stand in others by chance.
_LOAN = re.compile(r"[ァ-ヶー]{4,}")


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
    alike = [term for term in sought.terms if _may_be_alike(term, sought)]
    if alike:
        around = [word for _, evidences in read for evidence in evidences for word in evidence.around]
        scale.likeness.learn([*around, *(term.text for term in alike)])
    found = []
    for hit, evidences in read:
        rank = (hit.score - worst) / (best - worst) if best > worst else 1.0
        document = scale.documents[hit.passage.doc_id]
        for evidence in evidences:
            weighed = _weigh(evidence, sought, document, scale)
            found.append(replace(weighed, score=weighed.score + _RANK * rank))
    return sorted(_in_force_first(found, sought), key=lambda w: -w.score)


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


def _weigh(evidence: Evidence, sought: Sought, document: Document, scale: Scale) -> Weighed:
    covers = _covers(evidence, document)
    total = held = 0.0
    missing = []
    for term in sought.terms:
        cover = covers(term.text) or _by_likeness(term, evidence, sought, scale.likeness)
        weight = term.weight * scale.idf(term.text)
        if not cover:
            missing.append(term)
            if not term.asked and not scale.knows(term.text):
                weight *= _UNKNOWN
        total += weight
        held += weight * cover
    coverage = held / total if total else 1.0
    suits = fits(evidence, sought, document)
    score = coverage + (_FITS if suits else -_FITS) + gain(evidence, sought, document)
    return Weighed(evidence, score, coverage, tuple(missing), suits)


def _covers(evidence: Evidence, document: Document) -> Callable[[str], float]:
    """Return a function that tells what a word counts for by the best place where it, or one of its meaning, stands."""
    places = (
        (_OWN, evidence.own),
        (_NEAR, evidence.near),
        (_FAR, evidence.far),
        (_TITLE, content_terms_cached(" ".join((document.title, *document.aliases)))),
        (_ELSEWHERE, content_terms_cached(evidence.passage.text)),
    )
    return lambda word: next((value for value, words in places if _is_among(word, words)), 0.0)


def _is_among(word: str, words: frozenset[str]) -> bool:
    """Whether the word is among the words, or another of its meaning, or one that ends in it (…コーディネーター)."""
    if not same_meaning(word).isdisjoint(words):
        return True
    return bool(_LOAN.fullmatch(word)) and any(other.endswith(word) for other in words)


def _by_likeness(term: Term, evidence: Evidence, sought: Sought, likeness: Likeness) -> float:
    """Return what a word counts for that is not there itself, by the most alike of the words around."""
    return _LIKE * likeness.best(term.text, evidence.around) if _may_be_alike(term, sought) else 0.0


def _may_be_alike(term: Term, sought: Sought) -> bool:
    """Whether another word may stand in for this one: none does for a name, a role or an affix."""
    is_role = term.asked and sought.asked.kind is Kind.WHO  # 会長 is no 社長
    return term.is_strong and not term.proper and not is_role
