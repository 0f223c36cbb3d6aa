"""Whether a claim is told of what the premise tells it of: the row, item, clause, venue or plan that it stands in.

That a passage holds a figure is not enough: its neighbours' stand beside it. Each clause that states a claim is held
against the clauses that state another of its kind: whichever shares more, and rarer, words with the claim's
surroundings in the statement, near to it on either side, is what the statement speaks of (alignment as in MacCartney et
al. 2008, "A Phrase-Based Alignment Model for Natural Language Inference", with closeness in place of edits).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import pairwise
from typing import Literal

from bot.claims.contacts import contacts, digits, is_number
from bot.claims.figures import ANY_THING, Figure, figures
from bot.claims.founding import states_figure, states_time
from bot.claims.premise import Clause, Premise, content_words
from bot.claims.times import Time, times

_SEAM = re.compile(r"[、。]|(?<=[がでは])、|,(?!\d)")
# How much a word tells of a claim by where it stands: in the clause, its heads, its line, the passage's headings.
_OWN, _HEAD, _LINE, _HEADING = 1.0, 0.9, 0.9, 0.5
# ... and in the statement: before the claim's own clause, behind it; with another claim; around the statement.
_BEFORE, _BEHIND, _WITH_ANOTHER, _AROUND = 0.7, 0.4, 0.25, 0.3
# Of a word that stands in headings alone; what keeps a lead of nearly nothing from counting as a whole one.
_RARITY_OF_HEADINGS, _SMALLEST_LEAD = 0.3, 0.05
_ONLY_YEAR = re.compile(r".*年度?")
# What tables head a target and a result with.
_ROLES = {
    "〔目標〕": frozenset({"目標", "目安", "目途", "見込み", "想定"}),
    "〔実績〕": frozenset({"実績", "達成", "結果", "現状", "現況"}),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure, date or contact (`kind`) at `text[start:end]` of a statement; `value` is its canonical form.

    `states` tells whether a clause of a premise states it, `rivals` whether it states another of its kind.
    """

    kind: Literal["figure", "date", "contact"]
    start: int
    end: int
    text: str
    value: Figure | Time | str
    states: Callable[[Clause, Premise], bool]
    rivals: Callable[[Clause], bool]

    @property
    def written(self) -> str:
        """The claim as the statement writes it."""
        return self.text[self.start : self.end]


@lru_cache(maxsize=2048)
def claims(text: str) -> Sequence[Claim]:
    """Return the figures, dates and contacts of normalised `text`, in order."""
    told = contacts(text)
    found = [_contact(text, *span) for span in told]
    found += [
        Claim("figure", f.start, f.end, text, f, partial(_states_figure, f), partial(_has_unit, f))
        for f in figures(text)
    ]
    found += [
        Claim("date", t.start, t.end, text, t, partial(_states_time, t), partial(_is_dated, t)) for t in times(text)
    ]
    free = [c for c in found if c.kind == "contact" or not any(a <= c.start < b for a, b in told)]
    return sorted(free, key=lambda claim: claim.start)


def _contact(text: str, start: int, end: int) -> Claim:
    written = text[start:end]
    rules = partial(_has_contact, digits(written)), partial(_has_other, is_number(written))
    return Claim("contact", start, end, text, digits(written), *rules)


def _has_contact(own: str, clause: Clause, _: Premise) -> bool:
    return own in {digits(clause.text[a:b]) for a, b in contacts(clause.text)}


def _has_other(number: bool, clause: Clause) -> bool:  # noqa: FBT001 - bound by partial
    return any(is_number(clause.text[a:b]) == number for a, b in contacts(clause.text))


def _states_figure(figure: Figure, clause: Clause, _: Premise) -> bool:
    return states_figure(clause.text, " ".join(clause.heads), figure)


def _has_unit(figure: Figure, clause: Clause) -> bool:
    return any(other.unit == figure.unit for other in figures(clause.text))


def _states_time(time: Time, clause: Clause, premise: Premise) -> bool:
    said = times(clause.text)
    near = [*times(" ".join(clause.heads)), *times(clause.line), *times(premise.heading)] if said else []
    return any(states_time(time, stated, near, premise.published) for stated in said)


def _is_dated(time: Time, clause: Clause) -> bool:
    parts = (time.day is not None, time.month is not None)
    return any((t.day is not None, t.month is not None) == parts or (t.day and time.day) for t in times(clause.text))


@lru_cache(maxsize=16384)
def things(text: str) -> frozenset[str]:
    """Return the content words of normalised `text`, and each of its figures and dates as one word."""
    said = {f"{f.value.normalize():f}{f.unit}" for f in figures(text) if f.unit not in ANY_THING}
    said |= {f"{t.month or ''}/{t.day or ''}" for t in times(text) if t.day or t.month}
    said |= {f"{t.year}年" for t in times(text) if t.year}
    words = content_words(text) | said
    for role, alike in _ROLES.items():
        words = (words - alike) | {role} if words & alike else words
    return words


def rarity(premises: Sequence[Premise]) -> Mapping[str, float]:
    """Return of each of the `things` in the premises how rare it is among their lines (0 to 1)."""
    counts: dict[str, int] = {}
    for premise in premises:
        for line in {clause.line for clause in premise.clauses} | {premise.heading}:
            for word in things(line):
                counts[word] = counts.get(word, 0) + 1
    return {word: count**-0.5 for word, count in counts.items()}


def surroundings(claim: Claim, around: str) -> Mapping[str, float]:
    """Return the words that tell what a claim is told of, and how much each tells of it (0 to 1)."""
    weights: dict[str, float] = {}
    text, others = claim.text, [c for c in claims(claim.text) if c.kind == claim.kind]
    seams = [0, *(match.end() for match in _SEAM.finditer(text)), len(text)]
    stretches = [(around, _AROUND)]
    for start, end in pairwise(seams):
        if start <= claim.start < end:
            stretches.append((f"{text[start : claim.start]} {text[claim.end : end]}", 1.0))
        elif any(start <= other.start < end for other in others):
            stretches.append((text[start:end], _WITH_ANOTHER))
        else:
            stretches.append((text[start:end], _BEFORE if end <= claim.start else _BEHIND))
    for stretch, weight in stretches:
        weights |= {word: max(weight, weights.get(word, 0.0)) for word in things(stretch)}
    own = things(claim.written)
    return {word: weight for word, weight in weights.items() if word not in own}


def fit(
    clause: Clause, premise: Premise, weights: Mapping[str, float], rare: Mapping[str, float]
) -> Mapping[str, float]:
    """Return of each of the weighted words that the clause, or what stands over it, has, how much it counts there."""
    own, line, heading = things(clause.text), things(clause.line), things(premise.heading)
    heads = frozenset[str]().union(*map(things, clause.heads))
    layers = ((own, _OWN), (heads, _HEAD), (line, _LINE), (heading, _HEADING))
    found: dict[str, float] = {}
    for word, weight in weights.items():
        near = next((near for words, near in layers if word in words), 0.0)
        if near:
            found[word] = weight * near * rare.get(word, _RARITY_OF_HEADINGS)
    return found


def lead_of_rivals(
    claim: Claim, around: str, cited: Sequence[Premise], others: Sequence[Premise], told: Sequence[Claim]
) -> tuple[float, float]:
    """Return by how much the best rival fits better than each clause that states the claim (-1 to 1).

    That of the cited premises and the other rows of their tables, and that of `others`, which were offered too; 0 where
    no clause states the claim by itself. A clause that states another of the claims `told` in the reply is no rival: it
    is there for that one.
    """
    if isinstance(claim.value, Time) and _ONLY_YEAR.fullmatch(claim.written):
        return 0.0, 0.0
    weights, rare = surroundings(claim, around), rarity((*cited, *others))
    whole = sum(weight * rare.get(word, 0.0) for word, weight in weights.items()) or 1.0
    own = [fit(c, p, weights, rare) for p in cited for c in p.clauses if claim.states(c, p)]
    if not own:
        return 0.0, 0.0
    also = [c for c in told if c.kind == claim.kind and c.written != claim.written]
    rows = {(p.title, p.path) for p in cited if p.cells}
    beside = [p for p in others if p.cells and (p.title, p.path) in rows]
    leads = []
    for premises in ([*cited, *beside], [p for p in others if p not in beside]):
        rivals = (
            fit(c, p, weights, rare)
            for p in premises
            for c in p.clauses
            if claim.rivals(c) and not claim.states(c, p) and not any(other.states(c, p) for other in also)
        )
        leads.append(max((min(_lead(rival, one, whole) for one in own) for rival in rivals), default=0.0))
    return leads[0], leads[1]


def _lead(rival: Mapping[str, float], own: Mapping[str, float], whole: float) -> float:
    gain = sum(max(0.0, value - own.get(word, 0.0)) for word, value in rival.items()) / whole
    loss = sum(max(0.0, value - rival.get(word, 0.0)) for word, value in own.items()) / whole
    return (gain - loss) / (gain + loss + _SMALLEST_LEAD)


def coverage_elsewhere(text: str, cited: Sequence[Premise], others: Sequence[Premise]) -> float:
    """Return how much more of the words of `text`, by rarity (0 to 1), another premise has than those cited."""
    rare, words = rarity((*cited, *others)), things(text)
    whole = sum(rare.get(word, 0.0) for word in words) or 1.0
    had = frozenset[str]().union(*(things(p.body) | things(p.heading) for p in cited))
    own = sum(rare.get(word, 0.0) for word in words & had)
    had_by = (words & (things(p.body) | things(p.heading)) for p in others)
    return max([0.0, *(sum(rare.get(word, 0.0) for word in some) - own for some in had_by)]) / whole
