"""Follow-ups made whole: それはいつまで? becomes a question that can be understood alone."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.answer import Status
from bot.turn import Exchange, Turn
from bot.understand.asked import Kind
from bot.understand.leaning import PAPERS, candidates, depends, leans, without_link
from bot.understand.members import by_place, choice, members_of
from bot.understand.question import understand
from bot.understand.scope import without_names
from ingest.documents import Document

_ELLIPTIC = re.compile(
    r"^(?P<about>[^?。]{1,30}?)(?:の(?:方|ほう)|について)?(?:は|って|も)?(?:どう(?:ですか|でしたか|なの|だった)?)?[?。]?$"
)
_NEW_TOPIC = re.compile(r"^(?:ところで|話は変わ|話変わ|別の(?:質問|話)|それとは別)")
_AGAIN = re.compile(r"^(?:つまり|要するに|ようするに|もう(?:一|1)度|もっかい)[^。?]{0,12}[?。]?$")
# More of the same, or the reason for it: what has been told is not told again.
_MORE = re.compile(r"もっと|もう少し|くわしく|詳しく|(?:ほか|他|以外)(?:に|の|は)|それ以外")
_TELL_MORE = re.compile(
    r"^(?:もっと|もう少し)?、?(?:くわしく|詳しく|教えて|おしえて|知りたい|説明して)\S{0,8}$|^(?:ほか|他)(?:に)?(?:は|も)?[?。]?$"
)
_ANOTHER = re.compile(r"(?:もう(?:一つ|1つ|ひとつ)|別|ほか|他)の(?!ほう|方)\S")
_OF_AGE = {"previous": "前の計画では、", "current": "今の計画では、", "next": "次の計画では、"}
_AGE_SAID = re.compile(r"(?:前|以前|旧|今|いま|現在|現行|次)の(?:\S{0,6}?)(?:計画|プラン|戦略)(?:では|の|は)?、?")
_NUMBER_ALONE = re.compile(r"^(\d{1,2})(?:の(?:方|ほう))?(?:は|って)?[?。]?$")
_ABOUT_NOTHING = frozenset({Status.SMALLTALK, Status.BLOCKED, Status.CLARIFY, Status.OUT_OF_SCOPE})
# Exchanges among which a list is looked for that 二つ目 counts in.
_LISTS_REMEMBERED = 3
# Coverage by which a question read with the talk may lie behind the same read alone: it has more words to cover.
_AS_WELL = 0.05

Probe = Callable[[Turn], float]


class FollowUp:
    """Makes a follow-up whole. `probe` tells how well (0–1) a turn is answered as it stands from `documents`."""

    def __init__(self, probe: Probe, documents: Sequence[Document]) -> None:
        self._probe = probe
        self._documents = documents

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text made whole, where that is a better question than the text alone."""
        if turn.asked is None or not turn.history or _NEW_TOPIC.match(turn.text):
            return turn
        if chosen := _chosen(turn.text, turn.history[-1]):
            return with_text(turn, chosen)
        history = tuple(e for e in turn.history if e.status not in _ABOUT_NOTHING)
        if not history:
            return turn
        if text := _counted(turn.text, history) or self._of_age(turn, history[-1]):
            return with_text(turn, text)
        if _ANOTHER.match(turn.text):
            return replace(turn, asked=replace(turn.asked, told=history[-1].answer))
        return _beyond(self._whole(replace(turn, history=history)), turn, history[-1])

    def _whole(self, turn: Turn) -> Turn:
        """Return the best of the readings, where it is at least as well answered as the question alone."""
        asked = turn.asked
        if asked is None:
            return turn
        inherited = self._inherit(turn)
        names_document = without_names(turn.text, self._documents) != turn.text
        readings = [] if names_document else [with_text(turn, text) for text in _readings(turn)]
        readings += [inherited] if inherited else []
        if not readings:
            return turn
        needy = depends(asked) or (inherited is not None and self._probe(inherited) > 0)
        probed = [self._probe(reading) for reading in readings]
        best = max(probed)
        if needy or (leans(asked) and best > 0 and best >= self._probe(turn) - _AS_WELL):
            return self._newest([r for r, coverage in zip(readings, probed, strict=True) if coverage == best])
        return turn

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
    return replace(turn, text=text, asked=understand(text, turn.as_of))


def _chosen(text: str, before: Exchange) -> str | None:
    """Return the suggestion that answers a question back, or that is named by its place."""
    if before.status is Status.CLARIFY:
        return choice(text, before.suggestions)
    return by_place(text, before.suggestions) and choice(text, before.suggestions)


def _counted(text: str, history: Sequence[Exchange]) -> str | None:
    """Return the question about a member of the last list (二つ目は?), or another of a series (2は? after 視点1)."""
    said = without_link(text)
    if _AGAIN.match(said):
        return history[-1].understood
    if (alone := _NUMBER_ALONE.match(said)) and (other := _renumbered(history[-1].understood, alone[1])):
        return other
    for exchange in reversed(history[-_LISTS_REMEMBERED:]):
        if members := members_of(exchange.answer):
            return by_place(said, members, told=history[-1].understood)
    return None


def _renumbered(question: str, number: str) -> str | None:
    """Return the question with another number behind the member of a series that it names (視点1は? -> 視点2は?)."""
    named = next((t.text for t in understand(question).terms if t.proper and t.text[-1].isdigit()), None)
    if named is None:
        return None
    name = re.escape(re.sub(r"\d+$", "", named))
    renumbered = re.sub(rf"({name}\s?)\d+", rf"\g<1>{number}", question, flags=re.IGNORECASE)
    return renumbered if renumbered != question else None


def _readings(turn: Turn) -> list[str]:
    if turn.asked is None:
        return []
    said = without_link(turn.text)
    if _TELL_MORE.match(said):
        turn = with_text(turn, "内容を教えて")
    return candidates(turn.asked, turn.history) if turn.asked else []


def _beyond(turn: Turn, said: Turn, before: Exchange) -> Turn:
    """Return the turn that asks for what the last answer has not told, where more or a reason was asked for."""
    if turn.asked is None or said.asked is None or turn.text == said.text:
        return turn
    wants_more = _MORE.search(said.text) or (said.asked.kind is Kind.WHY and depends(said.asked))
    return replace(turn, asked=replace(turn.asked, told=before.answer)) if wants_more else turn
