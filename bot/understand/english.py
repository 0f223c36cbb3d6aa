"""Questions in English, in the words of a municipality's papers (When is the next meeting? -> 次回の会議はいつ?).

A glossary of asking and of administration (`english.toml`), no translator: what it does not hold stays as it is
written, and so does a text that it cannot put as a question.
"""

import re

from bot.understand.english_words import all_known, glossary, joined, parts_of
from ingest.tokenise import morphemes

_TELL = "教えて"
_ASKING = (
    (r"how much(?: money)?", "いくら"),
    (r"how many", "どれくらい"),
    (r"how long", "何年間"),
    (r"how old", "何歳"),
    (r"since when|from when", "いつから"),
    (r"until when|by when|till when", "いつまで"),
    (r"what time", "何時"),
    (r"what year|which year", "何年度"),
    (r"when", "いつ"),
    (r"where", "どこ"),
    (r"who(?:m|se)?", "だれ"),
    (r"why", "なぜ"),
    (r"how", "どのように"),
    (r"what|which", "何"),
    (r"list(?: all)?|tell me(?: about)?|show(?: me)?|explain|describe|give me", _TELL),
)
_VERB = re.compile(r"の?(始まる|終わる|続く|開く)$")
_ENGLISH = re.compile(
    r"\b(?:what|when|where|who|why|how|which|tell me|list|show me|explain|is|are|was|were|do|does|the|of)\b",
    re.IGNORECASE | re.ASCII,
)
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
_GRAMMAR = frozenset({"助詞", "助動詞", "動詞"})
_YES_NO = re.compile(r"(?:is|are|was|were|do|does|did|has|have|will|can)\b", re.IGNORECASE | re.ASCII)
_EXISTS = re.compile(r"(?:(?:is|are|was|were) there|do you have)\b", re.IGNORECASE | re.ASCII)
# What a plan is about it says as the purpose for which it was made.
_PLAN = re.compile(r"(?:計画|プラン|戦略|ビジョン|方針)(?:[\d.]+)?$")
_ABOUT = re.compile(r"what(?:'s|\s(?:is|are|was|were))\s(.+?)\sabout\s?\??$", re.IGNORECASE | re.ASCII)


def in_japanese(text: str) -> str:
    """Return a question that asks in English with the words of asking and of administration in Japanese.

    Normalised text stays as it is where it asks in Japanese (The Sound of Musicの公演日), names may be Japanese; and
    where it holds words that the glossary lacks and asks nothing.
    """
    if not _ENGLISH.search(text) or _speaks_japanese(text):
        return text
    if purpose := _purpose(text):
        return purpose
    asking, rest = _asking(text)
    if not asking and _YES_NO.match(text):
        return _yes_or_no(text) or text
    parts = parts_of(rest)
    subject = joined(parts)
    if not subject or not asking:
        return subject if subject and all_known(parts) else text
    if verb := _VERB.search(subject):
        return f"{_VERB.sub('', subject)}は{asking}{verb[1]}?"
    return f"{subject}を{asking}" if asking == _TELL else f"{subject}は{asking}?"


def _speaks_japanese(text: str) -> bool:
    """Whether the text holds Japanese grammar, not only names."""
    if not _JAPANESE.search(text):
        return False
    return any(m.pos[0] in _GRAMMAR and _JAPANESE.search(m.surface) for m in morphemes(text))


def _asking(text: str) -> tuple[str, str]:
    """Return the Japanese interrogative of an English question, and the text without the English one."""
    counters = glossary("counters")
    counted = re.search(rf"\bhow many (?P<what>{'|'.join(counters)})\b", text, re.IGNORECASE | re.ASCII)
    if counted:
        return f"何{counters[counted['what'].casefold()]}", text.replace(counted[0], " ", 1)
    for pattern, japanese in _ASKING:
        if match := re.search(rf"\b(?:{pattern})\b", text, re.IGNORECASE | re.ASCII):
            return japanese, text.replace(match[0], " ", 1)
    return "", text


def _purpose(text: str) -> str:
    """Return the question for a plan's purpose where the text asks what a plan is about, else ""."""
    about = _ABOUT.match(text)
    subject = joined(parts_of(about[1])) if about else ""
    return f"{subject}を策定した目的は何?" if _PLAN.search(subject) else ""


def _yes_or_no(text: str) -> str:
    """Return a question for yes or no, or "" where the glossary lacks what it says of its subject."""
    if exists := _EXISTS.match(text):
        subject = joined(parts_of(text[exists.end() :]))
        return f"{subject}はありますか?" if subject else ""
    states = glossary("states")
    said = re.search(rf"\b({'|'.join(states)})\s?\??$", text, re.IGNORECASE | re.ASCII)
    subject = joined(parts_of(text[: said.start()])) if said else ""
    return f"{subject}は{states[said[1].casefold()]}?" if said and subject else ""
