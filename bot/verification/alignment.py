"""Checks that a claim is attributed to the same row, item or entry as in the source text.

A passage may contain a figure that belongs to a neighbouring entry. A claim is misattributed where a clause with a
rival value shares all the statement's words that the claim's own clause shares, and more (alignment as in MacCartney et
al. 2008, "A Phrase-Based Alignment Model for Natural Language Inference", with words in place of edits). Weights, leads
and closeness also reject correct replies (decision 031).
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

from bot.verification.grounding import states_figure, states_time
from bot.verification.hypothesis import Hypothesis
from bot.verification.source_text import Clause, SourceText, content_words
from ingest.japanese.contacts import contact_key, contacts, is_telephone_number
from ingest.japanese.figures import Figure, figures
from ingest.japanese.notation import BRACKETED_WEEKDAYS
from ingest.japanese.partial_dates import Time, times
from ingest.japanese.quantities import ANY_THING

_WEEKDAY = re.compile(BRACKETED_WEEKDAYS)
_ONLY_YEAR = re.compile(r".*年度?")


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure, date or contact at `text[start:end]` of a statement; `value` is its canonical form.

    `states` tests whether a clause has this value, `rivals` whether it has another value of the kind.
    """

    kind: Literal["figure", "date", "contact"]
    start: int
    end: int
    text: str
    value: Figure | Time | str
    states: Callable[[Clause, SourceText], bool]
    rivals: Callable[[Clause], bool]

    @property
    def written(self) -> str:
        """The claim as the statement writes it."""
        return self.text[self.start : self.end]


@lru_cache(maxsize=2048)
def claims(text: str) -> Sequence[Claim]:
    """Return the figures, dates and contacts of normalised `text`, in order."""
    contact_spans = contacts(text)
    all_claims = [_contact(text, *span) for span in contact_spans]
    all_claims += [
        Claim("figure", f.start, f.end, text, f, partial(_states_figure, f), partial(_has_unit, f))
        for f in figures(text)
        if not f.is_each
    ]
    all_claims += [
        Claim("date", t.start, t.end, text, t, partial(_states_time, t), partial(_is_dated, t)) for t in times(text)
    ]
    days = [(t.start, t.end) for t in times(text)]
    free = [c for c in all_claims if c.kind == "contact" or not any(a <= c.start < b for a, b in contact_spans)]
    free = [c for c in free if c.kind != "figure" or not any(a <= c.start < b for a, b in days)]
    return sorted(free, key=lambda claim: claim.start)


def _contact(text: str, start: int, end: int) -> Claim:
    written = text[start:end]
    rules = partial(_has_contact, contact_key(written)), partial(_has_other, is_telephone_number(written))
    return Claim("contact", start, end, text, contact_key(written), *rules)


def _has_contact(own: str, clause: Clause, _: SourceText) -> bool:
    return own in {contact_key(clause.text[a:b]) for a, b in contacts(clause.text)}


def _has_other(number: bool, clause: Clause) -> bool:  # noqa: FBT001 - bound by partial
    return any(is_telephone_number(clause.text[a:b]) == number for a, b in contacts(clause.text))


def _states_figure(figure: Figure, clause: Clause, _: SourceText) -> bool:
    return states_figure(clause.text, " ".join(clause.heads), figure)


def _has_unit(figure: Figure, clause: Clause) -> bool:
    return any(other.unit == figure.unit for other in figures(clause.text))


def _states_time(time: Time, clause: Clause, source: SourceText) -> bool:
    stated_times = times(clause.text)
    near = [*times(" ".join(clause.heads)), *times(clause.line), *times(source.heading)] if stated_times else []
    return any(states_time(time, stated, near, source.published) for stated in stated_times)


def _is_dated(time: Time, clause: Clause) -> bool:
    parts = (time.day is not None, time.month is not None)
    return any((t.day is not None, t.month is not None) == parts or (t.day and time.day) for t in times(clause.text))


@lru_cache(maxsize=16384)
def content_terms(text: str) -> frozenset[str]:
    """Return the content words of normalised `text`, and each of its figures and dates as one word."""
    literals = {f"{f.value.normalize():f}{f.unit}" for f in figures(text) if f.unit not in ANY_THING}
    literals |= {f"{t.month or ''}/{t.day or ''}" for t in times(text) if t.day or t.month}
    literals |= {f"{t.year}年" for t in times(text) if t.year}
    return content_words(_WEEKDAY.sub("", text)) | literals


@lru_cache(maxsize=16384)
def _clause_terms(clause: Clause) -> frozenset[str]:
    return content_terms(clause.text) | content_terms(clause.line) | content_terms(" ".join(clause.heads))


def is_misattributed(claim: Claim, h: Hypothesis, reply_claims: Sequence[Claim]) -> bool:
    """Whether every passage with the claim has a rival value that matches the statement better.

    Tested with and without the words of the question. Clauses with other claims of the reply are ignored, and so are
    bare years: they head columns and refer to complete documents.
    """
    if isinstance(claim.value, Time) and _ONLY_YEAR.fullmatch(claim.written):
        return False
    others = [c for c in reply_claims if c.kind == claim.kind and c.written != claim.written]
    own_terms = content_terms(claim.text) - content_terms(claim.written)
    stating = [p for p in h.cited if any(claim.states(c, p) for c in p.clauses)]
    wide = own_terms | content_terms(h.question)
    return bool(stating) and all(_fits_better(claim, p, words, others) for p in stating for words in (own_terms, wide))


def is_contradicted_by_quotes(claim: Claim, h: Hypothesis, reply_claims: Sequence[Claim]) -> bool:
    """Whether the quotes have a rival value that the reply does not state, and not the claim."""
    if isinstance(claim.value, Time) and _ONLY_YEAR.fullmatch(claim.written):
        return False
    if any(claim.states(Clause(quote, quote), p) for quote in h.quotes for p in h.cited):
        return False
    values = (Clause(one.written, quote) for quote in h.quotes for one in claims(quote) if one.kind == claim.kind)
    return any(claim.rivals(v) and not any(c.states(v, p) for c in reply_claims for p in h.cited) for v in values)


def is_swapped(claim: Claim, h: Hypothesis, reply_claims: Sequence[Claim]) -> bool:
    """Whether the statement exchanges the claim with another of its kind, judged by the words before each."""
    own = _label(claim, reply_claims)
    return any(
        _closeness(own, other, h) > _closeness(own, claim, h)
        and _closeness(label, claim, h) > _closeness(label, other, h)
        for other in reply_claims
        if other.text == claim.text and other.written != claim.written and _is_rival(claim, other)
        for label in [_label(other, reply_claims)]
    )


def _is_rival(first: Claim, second: Claim) -> bool:
    units = [claim.value.unit if isinstance(claim.value, Figure) else "" for claim in (first, second)]
    return first.kind == second.kind and units[0] == units[1]


def _label(claim: Claim, reply_claims: Sequence[Claim]) -> frozenset[str]:
    """Return the words between the claim before and this one."""
    ends = [other.end for other in reply_claims if other.text == claim.text and other.end <= claim.start]
    return content_words(claim.text[max(ends, default=0) : claim.start])


def _closeness(label: frozenset[str], claim: Claim, h: Hypothesis) -> int:
    stating = (c for p in h.cited for c in p.clauses if claim.states(c, p))
    return max((len(content_words(" ".join((c.text, *c.heads))) & label) for c in stating), default=0)


def _fits_better(claim: Claim, source: SourceText, words: frozenset[str], others: Sequence[Claim]) -> bool:
    own = [_clause_terms(c) & words for c in source.clauses if claim.states(c, source)]
    rivals = (
        _clause_terms(c) & words
        for c in source.clauses
        if claim.rivals(c) and not claim.states(c, source) and not any(o.states(c, source) for o in others)
    )
    return any(all(one < rival for one in own) for rival in rivals)


@lru_cache(maxsize=64)
def find_related_lines(h: Hypothesis, text: str = "") -> Sequence[str]:
    """Return the source lines that share words with `text` (default: the statement), best match first.

    Rare shared words count more.
    """
    words = content_terms(text or h.text)
    shared_words: dict[str, frozenset[str]] = {}
    for clause in (clause for source in h.cited for clause in source.clauses):
        shared_words[clause.line] = shared_words.get(clause.line, frozenset()) | (_clause_terms(clause) & words)
    common = Counter(word for shared in shared_words.values() for word in shared)
    weight = {line: sum(common[word] ** -0.5 for word in shared) for line, shared in shared_words.items()}
    return sorted((line for line in shared_words if weight[line]), key=lambda line: -weight[line])
