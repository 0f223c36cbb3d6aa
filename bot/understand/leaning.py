"""How a question leans on the talk before it: それは…, 目標は?, いつ策定された? — and how it reads made whole."""

import re
from collections.abc import Sequence

from bot.turn import Exchange
from bot.understand.asked import Asked, Kind
from bot.understand.kinds import INTERROGATIVE
from bot.understand.owned import OWNED
from bot.understand.question import understand
from bot.understand.terms import content_terms
from ingest.normalise import dates, nfkc
from ingest.tokenise import morphemes

_LINK = re.compile(
    r"^(?:じゃあ?|では|それでは|それじゃあ?|で、|それで|あと(?:は|、)|ちなみに|なら|それなら|そしたら|ほな|ほんで|えっと)、?\s?(?=.)"
)
# What every plan has.
_OF_PLANS = frozenset({"基本", "理念", "計画", "重点", "柱", "視点"})
# What asks for another thing than the topic's own.
_OF_OWNER = frozenset({Kind.WHO, Kind.WHERE, Kind.MONEY, Kind.CONTACT})
_POINTS_BACK = re.compile(r"^(?:それ|これ|あれ|その|この|同じ|そこ|そっち)(?:ら|の)?(?!以[外上下前後内])")
_PARTICLE = re.compile(r"^(?:って|では|は|が|を|の|に|も(?!う|っと))?、?\s?")
# The plan itself: who says no more than that names nothing of it.
PAPERS = frozenset({"計画", "プラン", "戦略", "指針", "方針"})
# Questions of the conversation that a follow-up may point back to.
_REMEMBERED = 2
_ALSO = re.compile(r"[^はがをので、]{2,20}も(?!う|っと)(?:、|教え|おしえ|お願い|知り|$)")
# A topic that breaks off: 未就学の子は?
_BARE_TOPIC = re.compile(r"[^はがをにで?。、]{1,12}(?:は|って)[?。]?")
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


def asks_also(text: str) -> bool:
    """Whether the text names another thing to be told beside the last: 行動指針も教えて."""
    return bool(_ALSO.match(text))


def leans(asked: Asked) -> bool:
    """Whether a question may be about what was spoken of before: besides the plan it names one thing at most.

    What is asked for too (行動指針も教えて) stands beside what was spoken of, and is nothing of it.
    """
    if asks_also(without_link(asked.text)):
        return False
    return depends(asked) or sum(t.weight >= 1.0 and t.text not in PAPERS for t in asked.terms) <= 1


def candidates(asked: Asked, history: Sequence[Exchange]) -> list[str]:
    """Return the text with what the last exchanges were about put in, nearest first."""
    return in_talk(asked, history) if leans(asked) else []


def lacks_owner(asked: Asked) -> bool:
    """Whether all that the question names is what something has: 場所は? is asked of what was spoken of."""
    named = [t.text for t in asked.terms if t.weight >= 1.0]
    return bool(named) and breaks_off(asked) and all(name in OWNED for name in named)


def breaks_off(asked: Asked) -> bool:
    """Whether the question is a topic and no more (未就学の子は?)."""
    return bool(_BARE_TOPIC.fullmatch(without_link(asked.text)))


def in_talk(asked: Asked, history: Sequence[Exchange]) -> list[str]:
    """Return the text with what the last exchanges were about put in, nearest first, whatever it names itself."""
    rest = without_link(asked.text)
    rest = _PARTICLE.sub("", _POINTS_BACK.sub("", rest)) if _POINTS_BACK.match(rest) else rest
    topics = [topic for exchange in reversed(history[-_REMEMBERED:]) for topic in topics_of(exchange)]
    if asked.kind in _OF_OWNER or lacks_owner(asked):  # who carries it out is asked of the plan, not of its period
        topics = [owner_of(topic) for topic in topics]
    elif asked.kind is Kind.PERIOD:  # いつまで may be asked of the plan whose idea was told
        topics = [each for topic in topics for each in dict.fromkeys((topic, owner_of(topic)))]
    if asked.kind not in {Kind.WHEN, Kind.PERIOD}:  # 使用量(2019年度比較)の実績: no date is asked about
        topics = [_DATED.sub("", topic) if dates(nfkc(topic)) else topic for topic in topics]
    return list(dict.fromkeys(whole(topic, rest) for topic in topics))


def owner_of(topic: str) -> str:
    """Return whose the topic is, where it is only what something has: Xの計画期間 -> X."""
    owner, _, last = topic.rpartition("の")
    said = [m.normal for m in morphemes(last) if m.is_noun]
    return (
        owner
        if _names_something(owner) and said and all(word in OWNED | PAPERS | _OF_PLANS for word in said)
        else topic
    )


def whole(topic: str, rest: str) -> str:
    """Return a question about `topic` of which `rest` was said: Xの目標は?, Xについて、いつ始まった?."""
    topic = topic.removesuffix("の内容")
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


def _names_something(text: str) -> bool:
    """Whether the text has a word that could be looked up: いま alone has none."""
    return any(t.is_strong for t in understand(text).terms)


def topics_of(exchange: Exchange) -> list[str]:
    """Return what an exchange was about, likeliest first: the subject of its answer, what its question names.

    A subject that holds little of what the question names (議事) is only the heading of the answer: it stands behind
    what the question names, or gives way to it.
    """
    subject = _subject(exchange.understood)
    named = [part for part in (subject, _OF.split(subject, maxsplit=1)[0]) if _names_something(part)]
    topic = exchange.topic
    terms = understand(exchange.understood).terms
    said, words = {t.text for t in terms if t.is_strong}, content_terms(topic)
    held = words & said
    # 保育所等の定員数 for 応援プランの数値目標で、保育所の定員は?: what was asked about, by its full name.
    in_full = len(words) >= _FULL_NAME and any(t.asked and t.text in words for t in terms)
    first = in_full or len(held) * 2 >= len(said)
    found = [topic, *named] if first else [*named, topic if held or not named else ""]
    return [each for each in dict.fromkeys(found) if each]
