"""Follow-ups made whole: それはいつまで? becomes a question that can be understood alone."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.turn import Exchange, Turn
from bot.understand.asked import Asked, Kind
from bot.understand.question import understand
from bot.understand.scope import without_names
from ingest.documents import Document

_POINTS_BACK = re.compile(
    r"^(?:じゃあ|では|で、|あと|それで|ちなみに|なら)?、?\s?(?:それ|これ|あれ|その|この|同じ|そこ|そっち)(?:ら|の)?"
)
_ELLIPTIC = re.compile(
    r"^(?:じゃあ|では|それでは|で、|あと)?、?\s?(?P<about>[^?。]{1,30}?)(?:の(?:方|ほう)|について)?(?:は|って)?(?:どう(?:ですか|でしたか|なの|だった)?)?[?。]?$"
)
_NEW_TOPIC = re.compile(r"^(?:ところで|話は変わ|別の(?:質問|話)|それとは別)")
_PAPERS = frozenset({"計画", "プラン", "戦略", "指針", "方針"})
_ABOUT_NOTHING = frozenset({Status.SMALLTALK, Status.BLOCKED, Status.CLARIFY, Status.OUT_OF_SCOPE})
# Questions of the conversation that a follow-up may point back to.
_REMEMBERED = 2

Probe = Callable[[Turn], float]


class FollowUp:
    """Makes a follow-up whole. `probe` tells how well (0–1) a turn is answered as it stands from `documents`."""

    def __init__(self, probe: Probe, documents: Sequence[Document]) -> None:
        self._probe = probe
        self._documents = documents

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text made whole, where that is a better question than the text alone."""
        history = tuple(e for e in turn.history if e.status not in _ABOUT_NOTHING)
        asked = turn.asked
        if asked is None or not history or _NEW_TOPIC.match(turn.text):
            return turn
        turn = replace(turn, history=history)
        readings = [with_text(turn, text) for text in candidates(asked, history)]
        inherited = self._inherit(turn)
        if inherited:
            readings.insert(0, inherited)
        if not readings:
            return turn
        needy = depends(asked) or (inherited is not None and self._probe(inherited) > 0)
        scored = [(self._probe(reading), -i) for i, reading in enumerate(readings)]
        best, place = max(scored)
        if needy or best > self._probe(turn) + 0.15:
            return readings[-place]
        return turn

    def _inherit(self, turn: Turn) -> Turn | None:
        """Return an elliptic question (Xの方は?) as one for what the last question asked for."""
        match = _ELLIPTIC.match(turn.text)
        if (
            match is None
            or turn.asked is None
            or turn.asked.kind is not Kind.WHAT
            or (depends(turn.asked) and not turn.asked.ages)
        ):
            return None
        before = understand(without_names(turn.history[-1].understood, self._documents))
        if turn.asked.ages and not any(t.weight >= 1.0 and t.text not in _PAPERS for t in turn.asked.terms):
            return replace(turn, asked=replace(before, text=turn.text, ages=turn.asked.ages))  # 前のプランは?
        asked = replace(turn.asked, kind=before.kind, aspects=before.aspects, hints=before.hints)
        return replace(turn, asked=asked)


def with_text(turn: Turn, text: str) -> Turn:
    """Return the turn as if `text` had been asked."""
    return replace(turn, text=text, asked=understand(text, turn.as_of))


def depends(asked: Asked) -> bool:
    """Whether a question cannot be understood alone: it points back, or names nothing."""
    return bool(_POINTS_BACK.match(asked.text)) or not any(t.weight >= 1.0 for t in asked.terms)


def candidates(asked: Asked, history: Sequence[Exchange]) -> list[str]:
    """Return the text with what the last exchanges were about put in, nearest first."""
    if not depends(asked):
        return []
    rest = _POINTS_BACK.sub("", asked.text).lstrip("はがをにのも、 ") if _POINTS_BACK.match(asked.text) else asked.text
    found = []
    for exchange in reversed(history[-_REMEMBERED:]):
        found += [f"{topic}の{rest}" for topic in _topics(exchange)]
    return list(dict.fromkeys(found))


def _topics(exchange: Exchange) -> list[str]:
    """Return what an exchange was about: the subject of its answer, then the first thing that its question names."""
    question = re.split(
        r"(?:の(?!\S{0,3}(?:向上|利))|は|って|とは|を|に|で)", exchange.understood.rstrip("?。"), maxsplit=1
    )[0]
    return [topic for topic in dict.fromkeys((exchange.topic, question)) if topic]
