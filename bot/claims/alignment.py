"""Whether a claim is told of what the premise tells it of: the row, item, clause, venue or plan that it stands in.

That a passage holds a figure is not enough: its neighbours' stand beside it. Each clause that states a claim is held
against the clauses that state another of its kind: whichever shares more, and rarer, words with the statement is what
it speaks of (alignment as in MacCartney et al. 2008, "A Phrase-Based Alignment Model for Natural Language Inference",
with shared words in place of edits). Closeness, in the statement or in the passage, gains nothing (eval/LOG.md).
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

from bot.claims.contacts import contacts, digits, is_number
from bot.claims.figures import ANY_THING, Figure, figures
from bot.claims.founding import states_figure, states_time
from bot.claims.hypothesis import Hypothesis
from bot.claims.premise import Clause, Premise, content_words
from bot.claims.times import Time, times

# What keeps a lead of nearly nothing from counting as a whole one.
_SMALLEST_LEAD = 0.05
_ONLY_YEAR = re.compile(r".*年度?")


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
    days = [(t.start, t.end) for t in times(text) if t.day]
    free = [c for c in found if c.kind == "contact" or not any(a <= c.start < b for a, b in told)]
    free = [c for c in free if c.kind != "figure" or not any(a <= c.start < b for a, b in days)]
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
    return content_words(text) | said


def rarity(premises: Sequence[Premise]) -> Mapping[str, float]:
    """Return of each of the `things` in the premises how rare it is among their lines (0 to 1)."""
    counts: Counter[str] = Counter()
    for premise in premises:
        counts.update(_lines_with(premise))
    return {word: count**-0.5 for word, count in counts.items()}


@lru_cache(maxsize=256)
def _lines_with(premise: Premise) -> Counter[str]:
    """Return of each of the `things` in a premise how many of its lines have it."""
    lines = {clause.line for clause in premise.clauses} | {premise.heading}
    return Counter(word for line in lines for word in things(line))


def fit(clause: Clause, words: frozenset[str], rare: Mapping[str, float]) -> Mapping[str, float]:
    """Return of each of the `words` that the clause has, its line, or what stands over it, how rare it is."""
    had = things(clause.text) | things(clause.line) | things(" ".join(clause.heads))
    return {word: rare[word] for word in words & had if word in rare}


def lead_of_rival(claim: Claim, h: Hypothesis, told: Sequence[Claim]) -> float:
    """Return by how much the best rival fits better than each clause that states the claim (-1 to 1).

    Rivals are in the premises cited and in the other rows of their tables; 0 where no clause states the claim by
    itself. A clause that states another of the claims `told` in the reply is no rival: it is there for that one.
    """
    if isinstance(claim.value, Time) and _ONLY_YEAR.fullmatch(claim.written):
        return 0.0
    words, rare = things(claim.text) - things(claim.written), rarity((*h.cited, *h.others))
    own = [fit(c, words, rare) for p in h.cited for c in p.clauses if claim.states(c, p)]
    also = [c for c in told if c.kind == claim.kind and c.written != claim.written]
    tables = {(p.title, p.path) for p in h.cited if p.cells}
    beside = [p for p in h.others if p.cells and (p.title, p.path) in tables]
    rivals = (
        fit(c, words, rare)
        for p in (*h.cited, *beside)
        for c in p.clauses
        if own and claim.rivals(c) and not claim.states(c, p) and not any(other.states(c, p) for other in also)
    )
    whole = sum(rare.get(word, 0.0) for word in words) or 1.0
    return max((min(_lead(rival, one, whole) for one in own) for rival in rivals), default=0.0)


def _lead(rival: Mapping[str, float], own: Mapping[str, float], whole: float) -> float:
    gain = sum(max(0.0, value - own.get(word, 0.0)) for word, value in rival.items()) / whole
    loss = sum(max(0.0, value - rival.get(word, 0.0)) for word, value in own.items()) / whole
    return (gain - loss) / (gain + loss + _SMALLEST_LEAD)


@lru_cache(maxsize=64)
def lines_about(h: Hypothesis) -> Mapping[str, float]:
    """Return the lines of the premises that speak of what the statement does, with how much, the best first."""
    words, rare = things(h.text), rarity((*h.cited, *h.others))
    scored: dict[str, float] = {}
    for line, heads in dict.fromkeys((clause.line, clause.heads) for p in h.cited for clause in p.clauses):
        scored[line] = max(sum(fit(Clause(line, line, heads), words, rare).values()), scored.get(line, 0.0))
    return {line: scored[line] for line in sorted(scored, key=lambda line: -scored[line]) if scored[line] > 0}
