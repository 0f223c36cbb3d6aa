"""Whether a claim is told of what the premise tells it of: the row, item or entry that it stands in.

That a passage holds a figure is not enough: its neighbours' stand beside it. A claim is another's where some clause of
its passage that states another of its kind has each word of the statement that its own clause has, and more (alignment
as in MacCartney et al. 2008, "A Phrase-Based Alignment Model for Natural Language Inference", with words in place of
edits). Weights, leads and closeness stop right replies too (eval/LOG.md).
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from math import fsum

from bot.claims.figures import ANY_THING, figures
from bot.claims.founding import Claim, is_rival, states
from bot.claims.premise import Clause, Hypothesis, Premise, content_words
from bot.claims.times import Time, times

_WEEKDAY = re.compile("\\([月火水木金土日祝・]+\\)")
_ONLY_YEAR = re.compile(r".*年度?")


@lru_cache(maxsize=16384)
def things(text: str) -> frozenset[str]:
    """Return the content words of normalised `text`, and each of its figures and dates as one word."""
    said = {f"{f.value.normalize():f}{f.unit}" for f in figures(text) if f.unit not in ANY_THING}
    said |= {f"{t.month or ''}/{t.day or ''}" for t in times(text) if t.day or t.month}
    said |= {f"{t.year}年" for t in times(text) if t.year}
    return content_words(_WEEKDAY.sub("", text)) | said


@lru_cache(maxsize=16384)
def _had(clause: Clause) -> frozenset[str]:
    return things(clause.text) | things(clause.line) | things(" ".join(clause.heads))


def of_another(claim: Claim, h: Hypothesis, told: Sequence[Claim]) -> bool:
    """Whether each passage that states the claim states another of its kind of what the statement speaks of.

    With and without the words of the question. A clause that states another of the claims `told` in the reply is there
    for that one. Years alone are not held: they head columns and stand for whole documents.
    """
    if isinstance(claim.value, Time) and _ONLY_YEAR.fullmatch(claim.written):
        return False
    others = [c for c in told if c.kind == claim.kind and c.written != claim.written]
    said = things(claim.text) - things(claim.written)
    stating = [p for p in h.cited if any(states(c, claim, p) for c in p.clauses)]
    wide = said | things(h.question)
    return bool(stating) and all(_fits_better(claim, p, words, others) for p in stating for words in (said, wide))


def _fits_better(claim: Claim, premise: Premise, words: frozenset[str], others: Sequence[Claim]) -> bool:
    own = [_had(c) & words for c in premise.clauses if states(c, claim, premise)]
    rivals = (
        _had(c) & words
        for c in premise.clauses
        if is_rival(c, claim) and not any(states(c, one, premise) for one in (claim, *others))
    )
    return any(all(one < rival for one in own) for rival in rivals)


def swapped(claim: Claim, h: Hypothesis, told: Sequence[Claim]) -> bool:
    """Whether the statement gives the claim and another of its kind to each other's things, by the words before."""
    beside = [c for c in told if c.text == claim.text]
    own, *labels = (_label(c, beside) for c in (claim, *beside))
    return any(
        _closeness(own, other, h) > _closeness(own, claim, h)
        and _closeness(label, claim, h) > _closeness(label, other, h)
        for other, label in zip(beside, labels, strict=True)
        if (other.kind, other.unit) == (claim.kind, claim.unit) and other.written != claim.written
    )


def _label(claim: Claim, beside: Sequence[Claim]) -> frozenset[str]:
    """Return the words between the claim before and this one."""
    return content_words(claim.text[max((c.end for c in beside if c.end <= claim.start), default=0) : claim.start])


def _closeness(label: frozenset[str], claim: Claim, h: Hypothesis) -> int:
    stating = (c for p in h.cited for c in p.clauses if states(c, claim, p))
    return max((len(content_words(" ".join((c.text, *c.heads))) & label) for c in stating), default=0)


@lru_cache(maxsize=64)
def lines_about(h: Hypothesis) -> Sequence[str]:
    """Return the lines of the premises, those first that share most and rarest words with the statement."""
    words = things(h.text)
    had: dict[str, frozenset[str]] = {}
    for clause in (clause for premise in h.cited for clause in premise.clauses):
        had[clause.line] = had.get(clause.line, frozenset()) | (_had(clause) & words)
    common = Counter(word for some in had.values() for word in some)
    weight = {line: fsum(common[word] ** -0.5 for word in some) for line, some in had.items()}
    return sorted(had, key=lambda line: -weight[line])
