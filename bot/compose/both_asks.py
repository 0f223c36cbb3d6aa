"""Two questions in one: what the ordinary answer leaves open of them is answered too, from the same section first."""

import re
from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import TypeGuard

from bot.answer import Status
from bot.check.verify import CITED
from bot.compose.corpus import Corpus
from bot.find.evidence import Evidence
from bot.find.holds import answers_alone
from bot.find.sought import Sought
from bot.turn import Draft, Hit, Source, Step, Turn
from bot.understand.asked import Asked, Kind
from bot.understand.located import understood
from bot.understand.two_asks import two_asks
from ingest.documents import Document, Passage
from ingest.normalise import nfkc

_MARK = re.compile(r"\[(\d{1,3})\]")
# Kinds of answers of which a text can be seen to hold one.
_SEEN = frozenset({Kind.MONEY, Kind.QUANTITY, Kind.WHEN, Kind.PERIOD, Kind.CONTACT})
# How long before or behind: 何日前まで, 14日前.
_DISTANCE_ASKED = re.compile(r"何(?:日|週間|か月|年|時間|分)(?:前|後|以内)")
_DISTANCE = re.compile(r"\d(?:日|週間|か月|年|時間|分)(?:前|後|以内)|前日|当日|翌日")
# Shares are told in other ways too: 費用の3分の2, 全額.
_SHARE = re.compile(r"分の|割|倍|全額|半額|\d/\d")
# What a sum of money is called, which the sum need not be.
_PAYMENTS = frozenset({"使用", "利用", "料金", "費用", "代金", "金額", "値段", "負担", "手数", "金", "額"})
# The probability that at least one of two questions is about the section in which both find what they ask for.
_BORNE_OUT = 0.6
_ABSENT = "「{ask}」については、登録されている文書には書かれていません。"


class BothAsks:
    """Answers a question that asks two things; `retrieve` finds passages, `decide` and `say` answer from them."""

    def __init__(
        self, passages: Sequence[Passage], documents: Sequence[Document], retrieve: Step, decide: Step, say: Step
    ) -> None:
        self._corpus = Corpus(passages, documents)
        self._retrieve, self._decide, self._say = retrieve, decide, say

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with a draft that answers both, or as it is where it asks one thing or neither is found."""
        asked = turn.asked
        asks = two_asks(asked.text) if asked and turn.draft is None else None
        if asked is None or asks is None or asked.told or asked.located or asked.compares:
            return turn
        turns = [replace(turn, text=ask, asked=understood(ask, turn.as_of), hits=(), weighed=()) for ask in asks]
        whole = self._answer(turn)
        drafts = self._complete(whole, turns) if _is_answer(whole.draft) else self._each(turns)
        return replace(whole, draft=_joined(drafts, asks), finished=False) if any(drafts) else turn

    def _answer(self, turn: Turn) -> Turn:
        """Return the turn as it is answered by itself."""
        decided = self._decide(turn)
        return decided if decided.finished else self._say(decided)

    def _complete(self, whole: Turn, turns: Sequence[Turn]) -> list[Draft | None]:
        """Return the ordinary answer at the place of the question that it answers, for the other what is found of it.

        Where it cannot be seen whether the other is answered, what is not found is no sign that it is not.
        """
        told = whole.draft
        if told is None or whole.scope is None:
            return [None, None]
        seen = [_holds(told, Sought(turn.asked, whole.scope)) for turn in turns if turn.asked]
        if all(seen) or not {True, False} & {*seen}:
            return [told, told]
        open_at = seen.index(False) if False in seen else seen.index(None)
        found = self._beside(turns[open_at], turns[1 - open_at], told.sources[0].passage)
        if found is None and seen[open_at] is None:
            found = told
        return [found if n == open_at else told for n in range(len(turns))]

    def _each(self, turns: Sequence[Turn]) -> list[Draft | None]:
        """Return what is found for each question by itself; for one alone not found, what stands beside the other's."""
        answers = [self._answer(self._retrieve(turn)) for turn in turns]
        drafts = [answer.draft if _is_answer(answer.draft) else None for answer in answers]
        if not any(drafts) and _bear_out(answers):
            says = [self._say(_as_found(answers[n], answers[1 - n])).draft for n in range(len(answers))]
            return says if all(map(_is_answer, says)) else [None, None]
        for n, other in enumerate(reversed(drafts)):
            if drafts[n] is None and other is not None:
                drafts[n] = self._open(answers[n], answers[1 - n], other)
        # One alone is told where its answer can be seen in it: else what is missing tells that nothing was found.
        alone = [answer.asked for answer, draft in zip(answers, drafts, strict=True) if draft and answer.asked]
        return drafts if len(alone) == len(drafts) or all(map(_is_seen, alone)) else [None, None]

    def _open(self, turn: Turn, other: Turn, told: Draft) -> Draft | None:
        """Return what answers a question beside the one that `told` answers; that itself where it may tell both."""
        if turn.asked is None or turn.scope is None:
            return None
        if _holds(told, Sought(turn.asked, turn.scope)):
            return told
        found = self._beside(turn, other, told.sources[0].passage)
        return found if found or _is_seen(turn.asked) else told

    def _beside(self, turn: Turn, other: Turn, passage: Passage) -> Draft | None:
        """Return the answer from the section of a passage: there the two belong together."""
        section = [p for p in self._corpus.passages_of(passage.doc_id) if p.path == passage.path]
        again = replace(self._retrieve(turn), hits=tuple(Hit(p, 1.0) for p in section), draft=None, finished=False)
        found = self._decide(again)
        if found.finished:
            found = _as_found(found, other)
        said = found if found.finished else self._say(found)
        return said.draft if _is_answer(said.draft) else None


def _bear_out(answers: Sequence[Turn]) -> bool:
    """Whether the best pieces for both hold what is asked for and stand in one section: that it is about both."""
    best = [answer.weighed[0] for answer in answers if answer.weighed and answer.asked and _is_seen(answer.asked)]
    if len(best) < len(answers) or not all(w.fits for w in best):
        return False
    one, other = (w.evidence.passage for w in best)
    doubt = prod(1 - (answer.confidence or 0.0) for answer in answers)
    return (one.doc_id, one.path) == (other.doc_id, other.path) and 1 - doubt >= _BORNE_OUT


def _as_found(turn: Turn, other: Turn) -> Turn:
    """Return a turn that was refused with those of its pieces that hold the kind asked for and a word of its own."""
    if turn.asked is None or other.asked is None or not _is_seen(turn.asked):
        return turn
    shared = {t.text for t in other.asked.terms} | (_PAYMENTS if turn.asked.kind is Kind.MONEY else frozenset())
    own = {t.text for t in turn.asked.terms if t.weight >= 1.0 and t.text not in shared}
    weighed = tuple(w for w in turn.weighed if w.fits and not (own and own <= {t.text for t in w.missing}))
    return replace(turn, weighed=weighed, draft=None, finished=False) if weighed else turn


def _is_answer(draft: Draft | None) -> TypeGuard[Draft]:
    return draft is not None and draft.status in CITED


def _is_seen(asked: Asked) -> bool:
    if asked.kind is Kind.QUANTITY:
        return bool(asked.unit or _DISTANCE_ASKED.search(asked.text))
    return asked.kind in _SEEN


def _holds(draft: Draft, sought: Sought) -> bool | None:
    """Whether the draft tells something of the kind asked for; None where that cannot be seen."""
    asked, text = sought.asked, nfkc(_MARK.sub("", draft.text))
    if not _is_seen(asked):
        return None
    if asked.kind is Kind.QUANTITY and not asked.unit:
        return bool(_DISTANCE.search(text))
    if asked.unit == "%" and _SHARE.search(text):
        return True
    return answers_alone(Evidence(draft.sources[0].passage, "sentence", text), sought)


def _joined(drafts: Sequence[Draft | None], asks: Sequence[str]) -> Draft:
    """Return one draft that tells each once, in order, and says of one not found that no document tells it."""
    found = list(dict.fromkeys(draft for draft in drafts if draft))
    sources = tuple(dict.fromkeys(source for draft in found for source in draft.sources))
    texts: list[str] = []
    shared = next((n for n, (a, b) in enumerate(zip(*asks, strict=False)) if a != b), 0)
    for draft, ask in zip(drafts, asks, strict=True):
        text = _ABSENT.format(ask=ask[shared:].rstrip("?。")) if draft is None else _renumbered(draft, sources)
        texts += [text] if text not in texts else []
    status = Status.PARTIAL if None in drafts else found[0].status
    return replace(found[0], text="\n".join(texts), sources=sources, status=status)


def _renumbered(draft: Draft, sources: Sequence[Source]) -> str:
    return _MARK.sub(lambda mark: f"[{sources.index(draft.sources[int(mark[1]) - 1]) + 1}]", draft.text)
