"""Follow-ups made whole: それはいつまで? becomes a question that can be understood alone."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.check.verify import CITED
from bot.turn import Exchange, Turn
from bot.understand.asked import Kind
from bot.understand.counted import chosen, counted
from bot.understand.leaning import (
    PAPERS,
    asks_also,
    breaks_off,
    candidates,
    depends,
    in_talk,
    leans,
    points_back,
    without_link,
)
from bot.understand.located import understood
from bot.understand.of_talk import Wish, said_simpler, wish_of_talk, without_reason, words_said
from bot.understand.question import understand
from bot.understand.same_plan import of_same
from bot.understand.scope import without_names
from ingest.documents import Document

_ELLIPTIC = re.compile(
    r"^(?P<about>[^?。]{1,30}?)(?:の(?:方|ほう)|について)?(?:は|って|も)?(?:どう(?:ですか|でしたか|なの|だった)?)?[?。]?$"
)
_NEW_TOPIC = re.compile(r"^(?:ところで|話は変わ|話変わ|別の(?:質問|話)|それとは別)")
# More of the same, or the reason for it: what has been told is not told again.
_MORE = re.compile(r"もっと|もう少し|くわしく|詳しく|例えば|たとえば|具体|(?:ほか|他|以外)(?:に|の|は)|それ以外")
_TELL_MORE = re.compile(
    r"^(?:もっと|もう少し)?、?(?:くわしく|詳しく|教えて|おしえて|知りたい|説明して)\S{0,8}$|^(?:ほか|他)(?:に)?(?:は|も)?[?。]?$"
    r"|^(?:例えば|たとえば|具体的に(?:は|言うと)?|具体例)(?:は|を)?(?:何|なに|どんな|どういう)?(?:もの|こと|の|取組|取り組み)?\S{0,8}$"
)
_ELSE = re.compile(r"ほか|他")
_ANOTHER = re.compile(r"(?:もう(?:一つ|1つ|ひとつ)|別|ほか|他)の(?!ほう|方)\S")
_OF_AGE = {"previous": "前の計画では、", "current": "今の計画では、", "next": "次の計画では、"}
_AGE_SAID = re.compile(r"(?:前|以前|旧|今|いま|現在|現行|次)の(?:\S{0,6}?)(?:計画|プラン|戦略)(?:では|の|は)?、?")
_ABOUT_NOTHING = frozenset({Status.SMALLTALK, Status.BLOCKED, Status.CLARIFY, Status.OUT_OF_SCOPE})
# Answers that are not told again where more is wanted.
_TOLD_REMEMBERED = 6
_MARKS = re.compile(r"[\s。?!]+")
# Coverage by which a question read with the talk may lie behind the same read alone: it has more words to cover.
_AS_WELL = 0.05

Probe = Callable[[Turn], float]


class FollowUp:
    """Makes a follow-up whole. `probe` tells how well (0–1) a turn is answered as it stands from `documents`.

    `defines` tells whether they say what a word means.
    """

    def __init__(
        self, probe: Probe, documents: Sequence[Document], defines: Callable[[str], bool] = lambda _: False
    ) -> None:
        self._probe = probe
        self._documents = documents
        self._defines = defines

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text made whole, where that is a better question than the text alone."""
        if turn.asked is None or not turn.history or _stands_alone(turn.text, turn.history[-1]):
            return turn
        if choice := chosen(turn.text, turn.history[-1]):
            return with_text(turn, choice)
        history = tuple(e for e in turn.history if e.status not in _ABOUT_NOTHING and not _asked_again(turn.text, e))
        if not history:
            return turn
        return self._taken_up(turn, history)

    def _taken_up(self, turn: Turn, history: tuple[Exchange, ...]) -> Turn:
        """Return the turn as one that goes on with `history`, of which there is some."""
        if text := counted(turn.text, history) or self._of_age(turn, history[-1]):
            return with_text(turn, text)
        if turn.asked and _ANOTHER.match(turn.text):
            return replace(turn, asked=replace(turn.asked, told=history[-1].answer))
        wish = wish_of_talk(without_link(turn.text))
        if wish in {Wish.SIMPLER, Wish.MEANING}:
            return self._explained(turn, history[-1], wish)
        whole = of_same(self._whole(replace(turn, history=history)), turn, history[-1], self._documents)
        beyond = _beyond(whole, turn, history)
        untold = wish is Wish.REASON and history[-1].status in CITED and not self._probe(beyond)
        return without_reason(turn, whole, history[-1]) if untold else beyond

    def _explained(self, turn: Turn, before: Exchange, wish: Wish) -> Turn:
        """Return the question for the meaning of what was spoken of, where a document tells it; else in easy words."""
        word = next(filter(self._defines, words_said(before) if wish is Wish.MEANING else ()), None)
        return with_text(turn, f"{word}とは何ですか?") if word else said_simpler(turn, before)

    def _whole(self, turn: Turn) -> Turn:
        """Return the best of the readings, where it is at least as well answered as the question alone."""
        asked = turn.asked
        if asked is None:
            return turn
        inherited = self._inherit(turn)
        names_document = without_names(turn.text, self._documents) != turn.text
        texts = [] if names_document else self._nearest(turn) or _readings(turn)
        if not texts and breaks_off(asked) and not self._probe(turn):
            texts = in_talk(asked, turn.history)
        readings = [with_text(turn, text) for text in texts]
        readings += [inherited] if inherited else []
        if not readings:
            return turn
        needy = depends(asked) or (inherited is not None and self._is_meant(inherited, turn))
        probed = [self._probe(reading) for reading in readings]
        best = max(probed)
        if needy or ((leans(asked) or breaks_off(asked)) and best > 0 and best >= self._probe(turn) - _AS_WELL):
            return self._newest([r for r, coverage in zip(readings, probed, strict=True) if coverage == best])
        return turn

    def _nearest(self, turn: Turn) -> list[str]:
        """Return what それは… means by the last answer alone, where that is answered."""
        if not points_back(turn.text) or len(turn.history) == 1:
            return []
        texts = _readings(replace(turn, history=turn.history[-1:]))
        return texts if any(self._probe(with_text(turn, text)) for text in texts) else []

    def _is_meant(self, inherited: Turn, turn: Turn) -> bool:
        """Whether what the last question asked for is asked again; a topic named by 〜も may stand by itself."""
        probed = self._probe(inherited)
        return probed > 0 and not (asks_also(without_link(turn.text)) and probed <= self._probe(turn) + _AS_WELL)

    def _newest(self, readings: Sequence[Turn]) -> Turn:
        """Return the reading, of those equally good, that is best answered by what the last answer has not told."""
        if len(readings) == 1:
            return readings[0]
        told = readings[0].history[-1].answer
        fresh = [self._probe(replace(r, asked=r.asked and replace(r.asked, told=told))) for r in readings]
        return readings[fresh.index(max(fresh))]

    def _inherit(self, turn: Turn) -> Turn | None:
        """Return an elliptic question (Xの方は?) as one for what the last question asked for."""
        if turn.asked is None or turn.asked.kind is not Kind.WHAT or depends(turn.asked):
            return None
        if _ELLIPTIC.match(without_link(turn.text)) is None:
            return None
        before = understand(without_names(turn.history[-1].understood, self._documents))
        asked = replace(turn.asked, kind=before.kind, aspects=before.aspects, hints=before.hints)
        return replace(turn, asked=asked)

    def _of_age(self, turn: Turn, before: Exchange) -> str | None:
        """Return the last question asked of another plan (前のプランは?); None where more than the plan is named."""
        if turn.asked is None or len(turn.asked.ages) != 1 or not _ELLIPTIC.match(without_link(turn.text)):
            return None
        if any(t.weight >= 1.0 and t.text not in PAPERS for t in turn.asked.terms) or turn.asked.kind is not Kind.WHAT:
            return None
        (age,) = turn.asked.ages
        question = _AGE_SAID.sub("", without_names(before.understood, self._documents)).lstrip("のはがを、 ")
        return f"{_OF_AGE[age]}{question}" if question else None


def with_text(turn: Turn, text: str) -> Turn:
    """Return the turn as if `text` had been asked."""
    return replace(turn, text=text, asked=understood(text, turn.as_of))


def _stands_alone(text: str, before: Exchange) -> bool:
    """Whether the text says itself that it takes nothing up, or is the question before it once more."""
    return bool(_NEW_TOPIC.match(text)) or _asked_again(text, before)


def _asked_again(text: str, before: Exchange) -> bool:
    """Whether the text is what was asked before, letter for letter: it is no follow-up of itself."""
    return _MARKS.sub("", text) == _MARKS.sub("", before.understood)


def _readings(turn: Turn) -> list[str]:
    if turn.asked is None:
        return []
    said = without_link(turn.text)
    if _TELL_MORE.match(said):
        turn = with_text(turn, "内容を教えて")
    return candidates(turn.asked, turn.history) if turn.asked else []


def _beyond(turn: Turn, said: Turn, history: Sequence[Exchange]) -> Turn:
    """Return the turn that asks for what the last answers have not told, where more or a reason was asked for."""
    if turn.asked is None or said.asked is None or turn.text == said.text:
        return turn
    wants_more = _MORE.search(said.text) or (said.asked.kind is Kind.WHY and depends(said.asked))
    told = "\n".join(exchange.answer for exchange in history[-_TOLD_REMEMBERED:])
    more = _TELL_MORE.match(without_link(said.text)) and not _ELSE.match(without_link(said.text))
    beside = history[-1].passages if more else frozenset[str]()
    return replace(turn, asked=replace(turn.asked, told=told, beside=beside)) if wants_more else turn
