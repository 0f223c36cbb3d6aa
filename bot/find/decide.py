"""Answer, ask back, or say that the documents do not tell."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from bot.answer import Status
from bot.find.confidence import Signals
from bot.find.evidence import asks, speaker_of, title_of
from bot.find.graded import over_grades
from bot.find.outcome import awaits
from bot.find.readings import equally_good
from bot.find.refusal import refusal
from bot.find.sought import Sought
from bot.find.supply import over_balance
from bot.find.targets import over_targets
from bot.find.valued import over_values
from bot.find.weigh import Scale, Weighed, weigh
from bot.turn import Draft, Turn
from bot.understand.asked import Kind
from bot.understand.reckoning import Operation
from ingest.documents import Document

# The probability from which on a piece is given as the answer (curve in eval/LOG.md, 2026-11-21).
ENOUGH = 0.5
# Share of the question's words, by weight, that a piece must hold which lacks what the question asks about: all else.
ALL_BUT = 0.7
# Weight from which on a word names something (a noun, a numeral; not a verb).
_NAMES = 0.35
# Verbs that together name a matter without a noun.
_DEEDS = 2
# Pieces that are looked at for an answer.
_BEST = 3
_OVER_TABLES = (over_targets, over_grades, over_balance, over_values)
_CLARIFY = "何についてのご質問でしょうか。計画や指標の名前を添えて、もう一度お尋ねください。"
_WHICH = "どれについてのご質問でしょうか。番号か言葉でお答えください。"
_SHORTEST_SUGGESTION, _LONGEST_SUGGESTION = 3, 40
_SAYS_WHAT = re.compile("[一-龥ぁ-んァ-ヶ]{2}")


class Decide:
    """Weighs the hits and ends the turn where no piece of them is an answer; `contact` is told with a refusal."""

    def __init__(self, scale: Scale, contact: str) -> None:
        self._scale = scale
        self._contact = contact

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its evidence, or finished with a question back or a refusal."""
        if turn.asked is None or turn.scope is None or turn.draft is not None:
            return turn
        sought = Sought(turn.asked, turn.scope, turn.hits)
        weighed = tuple(weigh(sought, turn.hits, self._scale))
        # What tables answer together, no piece of them need answer alone.
        if rows := next(filter(None, (over(sought, weighed) for over in _OVER_TABLES)), None):
            others = (w for w in weighed if w not in rows)
            return replace(turn, weighed=(*(replace(w, fits=True) for w in rows), *others))
        if is_vague(sought):
            return turn.finish(Draft(_CLARIFY, status=Status.CLARIFY, suggestions=suggestions(weighed)))
        turn = replace(turn, confidence=_confidence(sought, weighed))
        if not answers(sought, weighed):
            return replace(turn, weighed=weighed).finish(self._refusal(sought))
        if choices := equally_good(sought, weighed):
            return turn.finish(Draft(_which(choices), status=Status.CLARIFY, suggestions=choices))
        return replace(turn, weighed=weighed)

    def signals(self, turn: Turn) -> Signals | None:
        """Return what the decision is read from, comparisons aside, or None where no piece can answer."""
        if turn.asked is None or turn.scope is None:
            return None
        sought = Sought(turn.asked, turn.scope, turn.hits)
        return _signals(sought, weigh(sought, turn.hits, self._scale))

    def coverage(self, turn: Turn) -> float:
        """Return how well the documents answer the turn: the coverage of the best piece, 0 where none answers."""
        if turn.asked is None or turn.scope is None:
            return 0.0
        sought = Sought(turn.asked, turn.scope, turn.hits)
        weighed = weigh(sought, turn.hits, self._scale)
        if not answers(sought, weighed):
            return 0.0
        return max((w.coverage for w in weighed[:_BEST] if w.fits), default=0.0)

    def _refusal(self, sought: Sought) -> Draft:
        first = sorted((self._scale.documents[doc_id] for doc_id in sought.scope.preferred), key=_plans_first)
        titles = [document.title for document in first]
        return refusal(sought, self._scale.knows, titles, self._contact)


def _plans_first(document: Document) -> tuple[bool, str]:
    return document.kind != "plan", document.id


def _which(choices: Sequence[str]) -> str:
    """Return the question back that numbers the choices, so that a number answers it."""
    numbered = "\n".join(f"{n}. {choice}" for n, choice in enumerate(choices, start=1))
    return f"{_WHICH}\n{numbered}"


def is_vague(sought: Sought) -> bool:
    """Whether the question names nothing that could be looked up (目標は?, 何人ですか?)."""
    asked = sought.asked
    # What happened in a year can be told; which target or result of that year is meant cannot.
    if sought.scope.consumed or (asked.dates and not asked.aspects) or asked.ages or asked.quoted:
        return False
    deeds = [t for t in asked.terms if t.is_strong]  # 返すのが遅れると: what is done names the matter too
    return not any(t.weight >= _NAMES for t in asked.terms) and len(deeds) < _DEEDS


def answers(sought: Sought, weighed: Sequence[Weighed]) -> bool:
    """Whether a piece that fits what is asked holds enough of the question, its proper names and what it asks about."""
    if sought.asked.compares and (_names_members(sought, weighed) or _holds_in_two(weighed)):
        return True
    if _reckons_with_two(sought) and _holds_in_two(weighed):
        return True
    if awaits(sought, [(w.evidence, w.coverage, w.fits) for w in weighed]):
        return False
    return _confidence(sought, weighed) >= ENOUGH


def _confidence(sought: Sought, weighed: Sequence[Weighed]) -> float:
    found = _signals(sought, weighed)
    return found.confidence if found else 0.0


def _signals(sought: Sought, weighed: Sequence[Weighed]) -> Signals | None:
    coverage = max((w.coverage for w in weighed[:_BEST] if w.fits and not _lacks(w, sought)), default=None)
    if coverage is None:
        return None
    first = weighed[0].evidence
    found = {hit.passage.id: hit.score for hit in sought.hits}
    other = next((w.score for w in weighed if w.evidence.passage.id != first.passage.id), 0.0)
    return Signals(
        first.passage,
        weighed[0].score,
        coverage,
        found=found[first.passage.id],
        behind=max(found.values()) - found[first.passage.id],
        ahead=weighed[0].score - other,
        said=float(bool(speaker_of(first))),
    )


def _names_members(sought: Sought, weighed: Sequence[Weighed]) -> bool:
    """Whether the question compares members of a series (視点1と視点2) each of which some piece is about."""
    about = [w.evidence.own | w.evidence.near for w in weighed if w.fits]
    return len(sought.numbered) > 1 and all(any(name in words for words in about) for name in sought.numbered)


def _reckons_with_two(sought: Sought) -> bool:
    """Whether two things are added, or the larger of two is asked for."""
    reckoning = sought.reckoning
    return reckoning is not None and (reckoning.of_two or reckoning.operation is Operation.SUM)


def _holds_in_two(weighed: Sequence[Weighed]) -> bool:
    """Whether two rows hold together what neither holds alone: a question for two things (AとBはそれぞれ)."""
    best = [set(w.missing) for w in weighed[:_BEST] if w.fits and w.evidence.kind == "row"]
    return any(a - b and b - a and not any(t.is_strong for t in a & b) for a, b in combinations(best, 2))


def _lacks(weighed: Weighed, sought: Sought) -> bool:
    """Whether a word is missing that nothing can stand in for: a proper name, or all that is asked about."""
    if any(t.proper and not (sought.asked.compares and t.text in sought.numbered) for t in weighed.missing):
        return True
    wanted = [t for t in sought.terms if t.asked and t.weight >= 1.0]
    lacking = bool(wanted) and all(t in weighed.missing for t in wanted) and weighed.coverage < ALL_BUT
    return lacking and sought.asked.kind not in {Kind.WHY, Kind.HOW}


def suggestions(weighed: Sequence[Weighed], most: int = 3) -> tuple[str, ...]:
    """Return questions about the headings of what lies nearest, as a person would ask them.

    A heading that asks is a question as it stands; one that only numbers (Stage 3) tells nobody what it is about.
    """
    titles = dict.fromkeys(title_of(w.evidence.passage.section) for w in weighed[:20])
    fitting = [t for t in titles if _SHORTEST_SUGGESTION <= len(t) <= _LONGEST_SUGGESTION and _SAYS_WHAT.search(t)]
    return tuple(title if asks(title) else f"{title}について教えてください" for title in fitting[:most])
