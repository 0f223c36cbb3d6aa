"""Answers greetings, thanks and requests for a person; strips courtesy from questions.

A question goes on without the courtesy around it.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.conversation.thanks import is_thanks
from bot.conversation.words import WORDS
from bot.state import Draft, Status, Turn, message, paragraph
from ingest.japanese.interrogatives import WHAT, WHO
from ingest.japanese.tokenise import Morpheme, morphemes

_GREETING, _WELCOME, _FAREWELL = ("hello", "looks_up", "write"), ("welcome", "more"), ("farewell",)
_ITSELF = ("itself", "for_example", "with_passages")
_FORMULAS = frozenset().union(
    *(WORDS[does] for does in ("thanking", "parting", "apologising", "announcing", "telling"))
)
# どう alone is どうも.
_GREETINGS = WORDS["greeting"] | {"どう"}
_TOLD = WORDS["telling"] - {"願う", "願い"}
_THANKED = WORDS["thanking"] | {"宜しく", "すむ", "失礼"}
# Fillers that are other words too; alone before a mark they are none.
_FILLERS = frozenset({"あの", "どう", "ちょっと"})
_ABOUT_ITSELF = re.compile(
    rf"(?:(?:あなた|君|きみ)は(?:{WHO}|{WHAT})|お?名前は(?:何)?|何ができ(?:る|ます)?|使い方(?:は|を教えて(?:ください)?)?)"
    r"(?:です|なの|の)?か?[。?!]*"
)
_WISHES = frozenset({"たい", "願う", "下さる", "欲しい", "ます", "貰う", "頂く"})
_NO_WISH = frozenset({"は", "た", "だ"})
_KANA, _SURE = re.compile(r"[ぁ-んァ-ヶー]"), 3  # letters of an interjection that is no beginning of another word
# A key that was held down asks nothing.
_ONE_LETTER = re.compile(r"(?:([^\W\d_])\1{4,}+[\W_]*+)++")
_ENDS = re.compile(r"[、。,.!?…~\n\s]")
# A request to be told is the question's own predicate behind a comma: 期間は、教えてください.
_SENTENCE_ENDS = re.compile(r"[。!?\n]")


def smalltalk(turn: Turn, contact: str = "") -> Turn:
    """End the turn where the whole text is small talk; take the courtesy off around what is asked.

    `contact` is told to who wants to speak with a person.
    """
    if is_thanks(turn.text):
        return _reply_with(turn, _WELCOME)
    if _ONE_LETTER.fullmatch(turn.text):
        return turn.finish(Draft((paragraph(message("of_what"), message("name_it")),), status=Status.CLARIFY))
    text = strip_courtesy(turn.text)
    if answer := _answer(text):
        return _reply_with(turn, answer)
    if wants_a_person(text):
        way = message("contact", contact=contact) if contact else message("office")
        return turn.finish(Draft((paragraph(message("no_clerk"), way),), status=Status.OUT_OF_SCOPE))
    return turn if text == turn.text else replace(turn, text=text)


def _reply_with(turn: Turn, keys: Sequence[str]) -> Turn:
    return turn.finish(Draft((paragraph(*map(message, keys)),), status=Status.SMALLTALK))


def strip_courtesy(text: str) -> str:
    """Return normalised `text` without the courtesy before and behind it; a text that is nothing else stays."""
    ms = morphemes(text)
    # Each way is read once: a text that is all courtesy has as many beginnings and ends that are.
    beginnings, ends = _courtesies(ms), _courtesies(ms, backward=True)
    if len(ms) in beginnings:
        return text
    start = next((i for i in reversed(beginnings) if _is_sentence_start(ms, i)), 0)
    end = next((i for i in reversed(ends) if i > start and _is_closing_courtesy(ms, i)), len(ms))
    return "".join(m.surface for m in ms[start:end]).strip(" \n、,") if (start, end) != (0, len(ms)) else text


def _answer(text: str) -> tuple[str, ...]:
    """Return what is said to a text that asks nothing, by the keys of the catalogue; nothing where it asks."""
    if _ABOUT_ITSELF.fullmatch(text):
        return _ITSELF
    ms = morphemes(text)
    said = {m.normal for m in ms if m.is_content}
    if not _is_courtesy(ms) or not said & (_GREETINGS | _FORMULAS - WORDS["telling"]):
        return ()
    if said & WORDS["thanking"]:
        return _WELCOME
    return _FAREWELL if said & WORDS["parting"] else _GREETING


def wants_a_person(text: str) -> bool:
    """Whether normalised `text` only wishes to speak with somebody: 担当者につないで, 人と話せますか."""
    ms = morphemes(text)
    said = {m.normal for m in ms if m.is_content}
    if not said & WORDS["persons"] or not said <= WORDS["persons"] | WORDS["reaching"]:
        return False
    # 担当者は? asks, and so does 職員は何人; 人に聞いた tells.
    wishes = any(m.normal in _WISHES or (m.pos[1] == "接続助詞" and m.surface in {"て", "で"}) for m in ms)
    return wishes and not any(m.surface in _NO_WISH for m in ms)


def is_interjection(m: Morpheme, following: Morpheme | None) -> bool:
    """Whether a morpheme is an interjection, and not the first letters of a word in kana: あつぎ, まーす."""
    return m.pos[0] == "感動詞" and not (following and len(m.surface) < _SURE and _KANA.match(following.surface))


def _is_courtesy(ms: Sequence[Morpheme]) -> bool:
    """Whether these are formulas of courtesy and no more."""
    return len(ms) in _courtesies(ms)


def _courtesies(ms: Sequence[Morpheme], *, backward: bool = False) -> list[int]:
    """Return the places up to which, from its beginning, a text is courtesy and no more; or from which, to its end.

    In the order in which they are come upon: `backward` that at the end first.
    """
    found: list[int] = []
    said: list[Morpheme] = []
    formal, helped, unknown, negated = False, True, False, False
    for place in range(len(ms) - 1, -1, -1) if backward else range(len(ms)):
        m = ms[place]
        negated = negated or m.normal in {"ず", "ない", "か"}
        if m.is_content:
            said.append(m)
            is_formal = m.pos[0] == "感動詞" or m.normal in _FORMULAS
            formal = formal or is_formal
            helped = helped and (is_formal or m.normal in WORDS["helping"])
            unknown = unknown or m.normal == "分かる"
        if len(said) > 1 and not helped:
            break  # nor will more of it be
        filler = len(said) == 1 and said[0].surface in _FILLERS and said[0] is not (ms[-1] if backward else m)
        if ((formal and helped) or filler) and not (unknown and negated):
            found.append(place if backward else place + 1)
    return found


def _is_sentence_start(ms: Sequence[Morpheme], place: int) -> bool:
    """Whether what begins at `place` is a sentence of its own: behind a mark, an interjection, or all of a formula."""
    last, first = ms[place - 1], ms[place]
    if first.pos[0] in {"補助記号", "空白"} or _SENTENCE_ENDS.fullmatch(last.surface):
        return first.pos[0] not in {"補助記号", "空白"}
    if first.pos[0] in {"助詞", "助動詞"} or first.normal in WORDS["helping"]:
        return False
    if _ENDS.fullmatch(last.surface) or is_interjection(last, first):
        return True
    return last.normal == "ず" or (last.surface in {"が", "けど", "けれど"} and last.pos[1] == "接続助詞")


def _is_closing_courtesy(ms: Sequence[Morpheme], place: int) -> bool:
    """Whether the courtesy from `place` on is added to a question that has ended before it."""
    before = ms[place - 1].surface
    if before != "、":
        return bool(_SENTENCE_ENDS.fullmatch(before))
    said = {m.normal for m in ms[place:]}
    return not said & _TOLD and bool(said & _THANKED)
