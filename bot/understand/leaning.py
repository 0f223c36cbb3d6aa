"""How a question leans on the talk before it: それは…, 目標は?, いつ策定された? — and how it reads made whole."""

import re
from collections.abc import Sequence

from bot.turn import Exchange
from bot.understand.asked import Asked, Kind
from bot.understand.kinds import INTERROGATIVE
from bot.understand.question import understand
from bot.understand.terms import content_terms
from ingest.normalise import dates, nfkc
from ingest.tokenise import morphemes

_LINK = re.compile(
    r"^(?:じゃあ?|では|それでは|それじゃあ?|で、|それで|あと(?:は|、)|ちなみに|なら|それなら|そしたら|ほな|ほんで|えっと)、?\s?(?=.)"
)
_POINTS_BACK = re.compile(r"^(?:それ|これ|あれ|その|この|同じ|そこ|そっち)(?:ら|の)?(?!以[外上下前後内])")
_PARTICLE = re.compile(r"^(?:って|では|は|が|を|の|に|も(?!う|っと))?、?\s?")
# The plan itself: who says no more than that names nothing of it.
PAPERS = frozenset({"計画", "プラン", "戦略", "指針", "方針"})
# Questions of the conversation that a follow-up may point back to.
_REMEMBERED = 2
_ALSO = re.compile(r"[^はがをので、]{2,20}も(?!う|っと)(?:、|教え|おしえ|お願い|知り|$)")
_ELSE = re.compile(r"(?:ほか|他|別)(?:に|の|は|$)")
_DATED = re.compile(r"\([^()]*\)$")
_SUBJECT_ENDS = re.compile(r"とは|って|について|には|[はをがでに?。、]")
_TOPIC_ENDS = re.compile(r"とは|って|について|は")
# Words from which on a subject is a full name.
_FULL_NAME = 3
_OF = re.compile(r"の(?!\S{0,3}(?:向上|利))")


def without_link(text: str) -> str:
    """Return the text without the word that only links it to what was said: じゃあ, で、."""
    return _LINK.sub("", text)


def points_back(text: str) -> bool:
    """Whether it begins with a word that points back: それ, その."""
    return bool(_POINTS_BACK.match(without_link(text)))


def depends(asked: Asked) -> bool:
    """Whether a question cannot be understood alone: it points back, or names nothing."""
    return points_back(asked.text) or not any(t.weight >= 1.0 for t in asked.terms)


def leans(asked: Asked) -> bool:
    """Whether a question may be about what was spoken of before: besides the plan it names one thing at most.

    What is asked for too (行動指針も教えて) stands beside what was spoken of, and is nothing of it.
    """
    if _ALSO.match(without_link(asked.text)):
        return False
    return depends(asked) or sum(t.weight >= 1.0 and t.text not in PAPERS for t in asked.terms) <= 1


def candidates(asked: Asked, history: Sequence[Exchange]) -> list[str]:
    """Return the text with what the last exchanges were about put in, nearest first."""
    if not leans(asked):
        return []
    rest = without_link(asked.text)
    rest = _PARTICLE.sub("", _POINTS_BACK.sub("", rest)) if _POINTS_BACK.match(rest) else rest
    topics = [topic for exchange in reversed(history[-_REMEMBERED:]) for topic in topics_of(exchange)]
    if asked.kind not in {Kind.WHEN, Kind.PERIOD}:  # 使用量(2019年度比較)の実績: no date is asked about
        topics = [_DATED.sub("", topic) if dates(nfkc(topic)) else topic for topic in topics]
    return list(dict.fromkeys(whole(topic, rest) for topic in topics))


def whole(topic: str, rest: str) -> str:
    """Return a question about `topic` of which `rest` was said: Xの目標は?, Xについて、いつ始まった?."""
    first = next((m for m in morphemes(rest) if m.pos[0] != "空白"), None)
    names = first is not None and first.is_noun and not INTERROGATIVE.match(rest) and not _ELSE.match(rest)
    return f"{topic}の{rest}" if names else f"{topic}について、{rest}"


def _subject(question: str) -> str:
    """Return what a question is about: what stands before its は and behind the で and に of its occasion."""
    before, *behind = _TOPIC_ENDS.split(question, maxsplit=1)
    parts = [part for part in _SUBJECT_ENDS.split(before) if part.strip()]
    if not parts:
        return ""
    return parts[-1 if behind else 0].strip()


def topics_of(exchange: Exchange) -> list[str]:
    """Return what an exchange was about, likeliest first: the subject of its answer, what its question names.

    A subject that holds little of what the question names (議事) is only the heading of the answer: it stands behind
    what the question names, or gives way to it.
    """
    subject = _subject(exchange.understood)
    named = [subject, _OF.split(subject, maxsplit=1)[0]] if content_terms(subject) else []
    topic = exchange.topic
    terms = understand(exchange.understood).terms
    said, words = {t.text for t in terms if t.is_strong}, content_terms(topic)
    held = words & said
    # 保育所等の定員数 for 応援プランの数値目標で、保育所の定員は?: what was asked about, by its full name.
    in_full = len(words) >= _FULL_NAME and any(t.asked and t.text in words for t in terms)
    first = in_full or len(held) * 2 >= len(said)
    found = [topic, *named] if first else [*named, topic if held or not named else ""]
    return [each for each in dict.fromkeys(found) if each]
