"""Noun phrases of questions: whether they name something or an attribute of it, and the question for them."""

import re
from collections.abc import Sequence
from itertools import zip_longest

from bot.question.answer_type import detect_answer_type
from bot.question.query import AnswerType
from bot.question.subject_words import CONVERSATION_WORDS
from ingest.japanese.tokenise import Morpheme, morphemes

# Nouns that end a condition (転入した場合) or a selection (指標のうち) rather than name what is requested.
_CONDITION_NOUNS = frozenset(
    {"場合", "時", "とき", "際", "前", "後", "為", "ため", "中", "内", "うち", "方", "の", "事", "所", "わけ", "筈"}
)
# Last characters of nouns for measures, amounts, days and places, and nouns that ask whether.
_ATTRIBUTE_END = re.compile(r"(?:[数率量額料費代金日先さ]|有無|可否|要否|是非|締切)$")
_BRACKETED = re.compile(r"\([^()]*\)$")
# Amounts and places are found by their interrogative more often than by a request.
_INTERROGATIVES = {AnswerType.MONEY: "はいくらですか", AnswerType.PLACE: "はどこですか"}
_REQUEST = "を教えてください"
# How questions for what a noun phrase names end.
NOUN_ENDINGS = (_REQUEST, *_INTERROGATIVES.values())


def names_something(text: str) -> bool:
    """Whether a text is a noun phrase, also one with a relative clause: 届出に必要な書類; not a condition."""
    text = _BRACKETED.sub("", text.strip())
    if is_noun_phrase(text):
        return True
    phrase = _read(text)
    if _ends_in_manner(phrase):
        return True
    if not phrase or not phrase[-1].is_noun or _is_condition_or_number(phrase):
        return False
    return not any(m.surface in {"は", "、"} or _ends_clause(phrase, position) for position, m in enumerate(phrase))


def is_noun_phrase(text: str) -> bool:
    """Whether a text is one noun phrase that names something: 公園の数, 橋の名前; not 来年 or 3つ."""
    phrase = _read(text)
    is_manner = _ends_in_manner(phrase)
    if not phrase or not (phrase[-1].is_noun or is_manner) or (_is_condition_or_number(phrase) and not is_manner):
        return False
    if not all(_is_part_of_name(m, following) for m, following in zip_longest(phrase, phrase[1:])):
        return False
    return any(m.pos[0] == "名詞" and m.pos[1] != "数詞" and m.pos[2] != "副詞可能" for m in phrase)


def _read(text: str) -> list[Morpheme]:
    return [m for m in morphemes(text.strip()) if m.pos[0] != "空白"]


def _ends_in_manner(phrase: Sequence[Morpheme]) -> bool:
    return len(phrase) > 1 and phrase[-1].surface == "方" and phrase[-2].pos[0] == "動詞"


def _is_part_of_name(m: Morpheme, following: Morpheme | None) -> bool:
    is_verb_of_manner = m.pos[0] == "動詞" and following is not None and following.surface == "方"
    is_link = m.surface in {"の", "な", "や", "と", "・"}
    return m.is_noun or is_verb_of_manner or is_link


def _is_condition_or_number(phrase: Sequence[Morpheme]) -> bool:
    is_number = len(phrase) > 1 and phrase[-2].pos[1] == "数詞" and phrase[-1].pos[2] == "助数詞可能"
    return phrase[-1].normal in _CONDITION_NOUNS or is_number


def _ends_clause(phrase: Sequence[Morpheme], position: int) -> bool:
    m = phrase[position]
    following = phrase[position + 1 : position + 2]
    is_before_auxiliary = m.surface in {"て", "で"} and bool(following) and following[0].pos[1] == "非自立可能"
    return m.pos[1] == "接続助詞" and not is_before_auxiliary


def ends_in_label(noun: str) -> bool:
    """Whether a noun names an attribute that notices state (料金, 受付時間), which belongs to something else."""
    nouns = [m for m in morphemes(noun.strip()) if m.is_noun]
    return bool(nouns) and nouns[-1].normal in CONVERSATION_WORDS["labels"]


def ends_in_attribute(noun: str) -> bool:
    """Whether a noun names an attribute of any kind, also a measure or whether something exists: 席数, 補助の有無."""
    plain = _BRACKETED.sub("", noun.strip())
    return ends_in_label(plain) or bool(_ATTRIBUTE_END.search(plain))


def ask_for(noun: str) -> str:
    """Return the question for a noun phrase: how much for an amount, when for a date, a request for all others."""
    answer_type, _ = detect_answer_type(noun + _REQUEST)
    return noun + _INTERROGATIVES.get(answer_type, _REQUEST)
