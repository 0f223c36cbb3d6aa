"""What a question lacks that it must take from the one before: a subject, or what a word points back to."""

import re
from dataclasses import dataclass

import numpy as np

from bot.talk.phrases import WORDS, Phrase, Role, is_interrogative, phrases
from ingest.tokenise import Morpheme, morphemes, words
from ingest.words import shipped

# Behind a noun that is no subject: a condition (小人だと), a contrast (大人のほう), what comes besides (週末も) what
# was spoken of, or what that is (有料ですか). What is to be told besides (週末も教えて) is a subject of its own.
_NO_SUBJECT = re.compile(
    r"でも|だと|だったら|なら|の(?:方|ほう)|も(?!教え|知り|お|う|っと)|(?:です|でしょう|でした|なの)(?:か|[。?]|$)"
)
_THEME = re.compile(r"\s?(?:は|が|も|って|[。?]?$)")
# Who asks what something is takes nothing up.
_DEFINITION = re.compile(r"とは|って(?:何|なに|いう)|の意味")
# Importance of all its words below which a question is about what was spoken of; nobody knows how much an unknown word
# says. Of 43 follow-ups 35 are known at 1.6 (28 without, 38 at 2.0), of 1,250 first questions .980 stay as they are
# (.983, .962) (eval/LOG.md, 2026-11-21).
_LITTLE, _UNKNOWN = 1.6, 3.0
_POINTING_POS = frozenset({"代名詞", "連体詞", "副詞", "形状詞", "名詞"})
PLANS = ("計画", "プラン", "戦略", "指針", "方針", "ビジョン")
AGE = re.compile(
    r"(?:(?:一つ|ひとつ|1つ)?前|以前|旧|今|いま|現在|現行|次)の"
    rf"[^のは、]{{0,6}}(?:{'|'.join(PLANS)})(?:では)?[のは]?、?"
)
"""A plan named by its time: 次の戦略では."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """The `word` at `text[start:end]` that points back, and the morpheme `behind` it."""

    start: int
    end: int
    word: Morpheme
    behind: Morpheme | None


def lacks_subject(text: str) -> bool:
    """Whether normalised `text` names nothing that it could be about, or asks for a property of nothing named."""
    told = [p for p in phrases(text) if p.role in {Role.NAME, Role.PROPERTY}]
    named = [p for p in told if p.role is Role.NAME and not _NO_SUBJECT.match(p.behind) and not _is_standard(p, text)]
    if not named:
        return True
    property_asked = told[0].role is Role.PROPERTY and bool(_THEME.match(told[0].behind))
    return property_asked and not any(_THEME.match(p.behind) or p.behind.startswith("の") for p in named)


def names_nothing(text: str) -> bool:
    """Whether normalised `text` asks, or wishes, without a word of what: だれですか, あれはどこにありますか."""
    return not any(p.role in {Role.NAME, Role.PROPERTY} for p in phrases(text)) and says_little(text)


def says_little(text: str) -> bool:
    """Whether the words of normalised `text` are few and everyday, so that in a talk it is about what was spoken of.

    How much a word says is learned: the length of its vector (`ingest.words`). Proper names, members of a series,
    plans, and what is asked to be defined say enough.
    """
    ms = morphemes(text)
    telling = any(m.pos[1] in {"固有名詞", "数詞"} or m.normal in PLANS for m in ms if not is_interrogative(m))
    if telling or _DEFINITION.search(text):
        return False
    vectors = shipped()
    known = [word for word in dict.fromkeys(words(text)) if word in vectors.terms]
    importance = np.linalg.norm(vectors.rows(vectors.ids(known)), axis=1).sum()
    return bool(importance + _UNKNOWN * (len({*words(text)}) - len(known)) < _LITTLE)


def _is_standard(phrase: Phrase, text: str) -> bool:
    """Whether a phrase is another plan that something is held against: 旧の指針から, 今のビジョンより."""
    of_age = any(m.start() <= phrase.start < m.end() for m in AGE.finditer(text))
    return of_age and phrase.behind.startswith(("から", "より", "と"))


def pointer(text: str) -> Pointer | None:
    """Return the first word of normalised `text` that points to what was said before it; None where none does.

    What is named in an earlier clause of the text itself is what a later word points to.
    """
    ms = [m for m in morphemes(text) if m.pos[0] != "空白"]
    for m, behind in zip(ms, [*ms[1:], None], strict=True):
        sets_off = m is ms[0] and m.normal in WORDS["others"] and behind and behind.surface in {"の", "に", "は"}
        if sets_off or (_is_demonstrative(m) and not _is_idiom(m, behind)):
            return None if _names_before(text, m.start) else Pointer(m.start, m.end, m, behind)
    return None


def _is_demonstrative(m: Morpheme) -> bool:
    return m.normal in WORDS["demonstratives"] and m.pos[0] in _POINTING_POS and m.pos[1] != "助動詞語幹"


def _is_idiom(m: Morpheme, behind: Morpheme | None) -> bool:
    """Whether a demonstrative makes a word of its own with what follows: その他, これまで, この冬, あの、."""
    if behind is None or (m.pos[0] == "連体詞" and not behind.is_content):
        return m.pos[0] == "連体詞"
    adverb = {"副詞可能", *(["助数詞可能"] if m.normal == "此の" else [])} & {*behind.pos} and behind.normal != "うち"
    return behind.normal in WORDS["others"] or behind.surface in {"まで", "から"} or bool(adverb)


def _names_before(text: str, place: int) -> bool:
    """Whether something is named before `place` of the text, in another clause or coordinate to what stands there."""
    named = (p for p in phrases(text) if p.role is Role.NAME and p.end <= place)
    return any(re.search(r"[、。?!]|[とや]$|および|及び", text[p.end : place]) for p in named)
