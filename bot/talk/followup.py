"""A follow-up made whole: what a question lacks, it takes from the one before."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Status
from bot.languages import joined, say
from bot.query.query import JAPANESE
from bot.query.scope import Issuers
from bot.talk.choices import chosen, in_series, member
from bot.talk.phrases import (
    AGE,
    PLANS,
    WORDS,
    Pointer,
    Role,
    asks,
    lacks_subject,
    names,
    names_nothing,
    phrases,
    pointer,
    says_little,
    times,
)
from bot.talk.topic import Topic, topic_of
from bot.turn import Draft, Exchange, Turn
from ingest.documents import Document
from ingest.normalise import nfkc
from ingest.tokenise import Morpheme, morphemes, words

_NOTHING_SAID = frozenset({Status.SMALLTALK, Status.BLOCKED, Status.OUT_OF_SCOPE})
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]|^\W*\d{1,2}\W*$")
# What turns to something else.
_TURNING = re.compile(
    r"(?:ところで|さて|別の(?:話|件|質問)(?:です|だ)?(?:が|けど)?|話は?(?:変わ|変え)[^、。]{0,8})[、。\s]*"
)
# Conjunctions that Sudachi reads as something else.
_LINK = re.compile(r"(?:では|それでは|それと(?=、)|ちなみに|ついでに|あと(?:は)?)(?:、|(?=[^、。?]))")
_AGES = {"前": "前", "以前": "前", "旧": "前", "今": "今", "いま": "今", "現在": "今", "現行": "今", "次": "次"}
_WHEN = frozenset({"時", "頃", "場合"})
# Behind a subject of which nothing more is said: the mark of a contrast, of a condition, of a topic.
_TAIL = re.compile(
    r"(?P<contrast>の(?:方|ほう))?(?P<mark>(?:だけ)?(?:では|だと|なら|は|も))?"
    r"、?(?:どう|いかが)?(?:です|でした|でしょう|だった|なの|なる(?:の|ん)?(?:です)?|なります|なりました)?か?[。?]*$"
)
# Behind a town: what makes it the place of the question, and what sets it against another.
_OF_PLACE = r"(?:に(?:ついて|関して)は?|では|でも|には|にも|だと|なら|の|で|に|は|も)?、?\s*"
_AGAINST = re.compile(r"の?(?:方|ほう)が|より|と(?!は)")
_SAYING = frozenset({"動詞", "形容詞", "形状詞", "代名詞"})


class FollowUp:
    """The step that makes follow-ups whole, by rules of the language alone; `documents` are known by their names."""

    def __init__(self, documents: Sequence[Document] = ()) -> None:
        found = {nfkc(name) for document in documents for name in (document.title, *document.aliases)}
        self._names = sorted(found, key=len, reverse=True)
        self._issuers = Issuers(documents)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text made whole; one that stands alone, or stands first, is left as it is.

        One that stands first and names nothing is asked back.
        """
        history = [exchange for exchange in turn.history if exchange.status not in _NOTHING_SAID]
        if not _JAPANESE.search(turn.text):
            return turn
        if not history:
            return turn.finish(_asked_back()) if names_nothing(turn.text) else turn
        if turned := _TURNING.match(turn.text):
            return replace(turn, text=turn.text[turned.end() :] or turn.text)
        text, before = _without_link(turn.text), history[-1]
        if wants_easy(text):
            question = turn.question.model_copy(update={"style": "easy"})
            return replace(turn, question=question, text=before.understood, made_whole=True, tell=None)
        whole = self._whole(text, before)
        return turn if whole is None else replace(turn, text=whole, made_whole=True)

    def _whole(self, text: str, before: Exchange) -> str | None:
        """Return the question that `text` means after `before`; None where it stands alone."""
        if before.status is Status.CLARIFY and (told := _told(text, before)):
            return told
        if elsewhere := self._elsewhere(text, before):
            return elsewhere
        topic = topic_of(before.understood)
        if topic is None or text in {before.understood, *before.suggestions}:  # asked again, or a choice word for word
            return None
        if not phrases(text) and not any(m.pos[0] in _SAYING for m in morphemes(text)):
            return before.understood  # つまり?
        if age := _age(text):
            return f"{age}の計画では、{self._without_plan(before.understood)}"
        named = "「" in text or self._is_named(text)
        return (
            member(text, before.understood, topic.text, before.answer)
            or _exchanged(text, before.understood, topic)
            or _taken_up(text, topic, named=named)
        )

    def _elsewhere(self, text: str, before: Exchange) -> str | None:
        """Return the question that `text` means where it names a town, of what was spoken of before, but of that town.

        None where it asks of something else; a town that is only set against the other (X市より) changes no place.
        """
        there, places = self._issuers.within(text)
        if len(places) != 1 or self._is_named(text) or _AGAINST.match(text, places[0][1]):
            return None
        start, end = places[0]
        town = text[start:end].removesuffix("の")
        moved = self._moved(before.understood, town)
        rest = text[:start] + text[start + len(town) :]
        if _TAIL.fullmatch(rest):
            return moved
        if self._issuers.within(before.understood)[0] == there:  # who names it again begins anew
            return None
        rest = text[:start] + re.sub(rf"^{_OF_PLACE}", "", rest[start:])
        return self._whole(rest, replace(before, understood=moved, suggestions=())) if rest.strip() else None

    def _is_named(self, text: str) -> bool:
        """Whether the text names a document."""
        return any(name in text for name in self._names)

    def _moved(self, question: str, town: str) -> str:
        """Return the question of `town` in the place of those that it names, or before all."""
        _, places = self._issuers.within(question)
        if not places:
            return f"{town}の{question}"
        for start, end in sorted(places, reverse=True):
            question = question[:start] + town + question[start + len(question[start:end].removesuffix("の")) :]
        return question

    def _without_plan(self, question: str) -> str:
        """Return the question without the document that it names, by its name or by its time (前の計画)."""
        for name in self._names:
            question = question.replace(name, "", 1)
        return re.sub(r"^(?:で)?[のはが、]+", "", AGE.sub("", question))


def _asked_back() -> Draft:
    return Draft(joined([say("of_what"), say("name_it")], JAPANESE), status=Status.CLARIFY)


def _told(text: str, before: Exchange) -> str | None:
    """Return what was asked before it was asked back, with the choice or the name that `text` tells; else None."""
    if choice := chosen(text, before.suggestions):
        return choice
    topic = None if asks(text) else topic_of(text)
    return _taken_up(before.understood, topic, named=False) if topic and names_nothing(before.understood) else None


def wants_easy(text: str) -> bool:
    """Whether normalised `text` only wants what was said in easier words."""
    said = {m.normal for m in morphemes(text) if m.is_content and m.pos[0] != "接尾辞"}
    return bool(said & WORDS["easy"]) and said <= WORDS["easy"] | WORDS["wishing"]


def _without_link(text: str) -> str:
    """Return the text without the conjunctions and interjections that only link it to what was said: では, ちなみに."""
    start = 0
    for m in morphemes(text):
        if m.pos[0] not in {"接続詞", "感動詞", "空白"} and not (start and m.surface in "、。"):
            break
        start = m.end
    return _LINK.sub("", text[start:], count=1) if _LINK.match(text[start:]) else text[start:] or text


def _age(text: str) -> str | None:
    """Return how another plan is named, where the text names that and no more: 前のは?, 今の計画では?."""
    ms = morphemes(_TAIL.sub("", text))
    first, *more = [m.normal for m in ms if m.is_content and "数詞" not in m.pos[1] + m.pos[-4]] or [""]
    age = _AGES.get(first) if {*more} <= _WHEN | {*PLANS} else None
    return age if more or age != "次" else None


def _exchanged(text: str, question: str, topic: Topic) -> str | None:
    """Return the last question of another subject, where the text names one and asks nothing of it: Xのほうは?."""
    tail = _TAIL.search(text)
    other = text[: tail.start()] if tail else ""
    found = phrases(other)
    marked = tail is not None and bool(tail["contrast"] or tail["mark"])
    if not (marked and tail and found and found[-1].end == len(other)) or asks(other) or pointer(other):
        return None
    if told := in_series(other, question) or (_at_time(other, question) if found[-1].role is Role.TIME else None):
        return told
    alone = len(found) == 1 and found[0].start == 0 and tail["mark"] != "も"
    return _of_other(other, tail, topic) if names(other) and (tail["contrast"] or alone) else None


def _of_other(other: str, tail: re.Match[str], topic: Topic) -> str:
    """Return the question about `other` in the place of its subject, where the two are alike; else as a case of it."""
    if tail["contrast"] or {*words(other)} & {*words(topic.owner)}:
        return topic.before + topic.name.replace(topic.owner, other, 1) + topic.behind
    asked = topic.behind.removeprefix("は") if topic.behind.startswith("は") else "?"
    return f"{topic.name}について、{other}{tail['mark']}{asked}"


def _at_time(other: str, question: str) -> str:
    """Return the question of another time: in the place of the one that it names, or before all."""
    told = times(question)
    if told and times(other):
        return question[: told[0][0]] + other + question[told[-1][1] :]
    return f"{other}の{question}"


def _taken_up(text: str, topic: Topic, *, named: bool) -> str | None:
    """Return the text about the topic where it points back or lacks a subject; None where it stands alone."""
    if pointed := pointer(text):
        return _put_in(text, pointed, topic)
    return about(topic, text) if not named and (lacks_subject(text) or says_little(text)) else None


def _put_in(text: str, pointed: Pointer, topic: Topic) -> str:
    """Return the text with the topic in the place of the word that points to it, or before all."""
    rest, behind = text[pointed.end :], pointed.behind
    if text[: pointed.start].strip() or behind is None or pointed.word.normal in WORDS["others"]:
        return about(topic, text)
    if pointed.word.pos[0] == "連体詞":
        return _put_before_noun(text, rest, behind, topic)
    if behind.surface in {"は", "を", "が", "に", "で", "も", "って"}:
        return topic.text + rest
    return about(topic, re.sub(r"^[の、\s]", "", rest) if pointed.word.pos[0] == "代名詞" else text)


def _put_before_noun(text: str, rest: str, behind: Morpheme, topic: Topic) -> str:
    """Return the text that begins with その and goes on with `rest` as one about the topic."""
    first = next((p for p in phrases(rest) if p.start == 0), None)
    if first and topic.text.endswith(first.text):
        return topic.text + rest[first.end :]
    if behind.normal == "うち":
        return f"{topic.text}の{rest}"
    return about(topic, rest if first and first.role is Role.PROPERTY else text)


def about(topic: Topic, text: str) -> str:
    """Return a question about the topic of which `text` was said: Xの費用は?, Xについて、いつまで?."""
    first = next(iter(phrases(text)), None)
    asked = first is not None and first.start == 0 and first.role is Role.PROPERTY and first.behind[:1] != "な"
    return f"{topic.owner}の{text}" if asked else f"{topic.name}について、{text}"
