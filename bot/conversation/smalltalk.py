"""Answers greetings, thanks and requests for a person; strips courtesy from questions."""

import re
from collections.abc import Sequence

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
# Fillers that are other words too; directly before punctuation they are not fillers.
_FILLERS = frozenset({"あの", "どう", "ちょっと"})
_ABOUT_ITSELF = re.compile(
    rf"(?:(?:あなた|君|きみ)は(?:{WHO}|{WHAT})|お?名前は(?:何)?|何ができ(?:る|ます)?|使い方(?:は|を教えて(?:ください)?)?)"
    r"(?:です|なの|の)?か?[。?!]*"
)
_REQUEST_WORDS = frozenset({"たい", "願う", "下さる", "欲しい", "ます", "貰う", "頂く"})
_NOT_IN_REQUESTS = frozenset({"は", "た", "だ"})
_KANA = re.compile(r"[ぁ-んァ-ヶー]")
# A shorter interjection in kana may be the start of another word.
_MIN_INTERJECTION_LENGTH = 3
# A key that was held down.
_REPEATED_LETTER = re.compile(r"(?:([^\W\d_])\1{4,}+[\W_]*+)++")
_ENDS = re.compile(r"[、。,.!?…~\n\s]")
# After a comma, a request is the question's own predicate: 期間は、教えてください.
_SENTENCE_ENDS = re.compile(r"[。!?\n]")


def smalltalk(turn: Turn, contact: str = "") -> Turn:
    """Return the turn with a reply where the whole text is small talk, else with its text without courtesy.

    `contact` is shown to a citizen who wants to speak with a person.
    """
    if is_thanks(turn.texts.searched):
        return _reply_with(turn, _WELCOME)
    if _REPEATED_LETTER.fullmatch(turn.texts.searched):
        return turn.with_draft(Draft((paragraph(message("of_what"), message("name_it")),), status=Status.CLARIFY))
    text = strip_courtesy(turn.texts.searched)
    if answer := _answer(text):
        return _reply_with(turn, answer)
    if wants_a_person(text):
        how = message("contact", contact=contact) if contact else message("office")
        return turn.with_draft(Draft((paragraph(message("no_clerk"), how),), status=Status.OUT_OF_SCOPE))
    return turn if text == turn.texts.searched else turn.with_searched_text(text)


def _reply_with(turn: Turn, keys: Sequence[str]) -> Turn:
    return turn.with_draft(Draft((paragraph(*map(message, keys)),), status=Status.SMALLTALK))


def strip_courtesy(text: str) -> str:
    """Return normalised `text` without the courtesy before and after it; unchanged where it is nothing else."""
    ms = morphemes(text)
    openings, closings = _courtesies(ms), _courtesies(ms, backward=True)
    if len(ms) in openings:
        return text
    start = next((i for i in reversed(openings) if _is_sentence_start(ms, i)), 0)
    end = next((i for i in reversed(closings) if i > start and _is_closing_courtesy(ms, i)), len(ms))
    return "".join(m.surface for m in ms[start:end]).strip(" \n、,") if (start, end) != (0, len(ms)) else text


def _answer(text: str) -> tuple[str, ...]:
    """Return the message keys of the reply to small talk; empty for any other text."""
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
    """Whether normalised `text` only asks to speak with a person: 担当者につないで, 人と話せますか."""
    ms = morphemes(text)
    said = {m.normal for m in ms if m.is_content}
    if not said & WORDS["persons"] or not said <= WORDS["persons"] | WORDS["reaching"]:
        return False
    # 担当者は? and 職員は何人 are questions, 人に聞いた is a statement.
    wishes = any(m.normal in _REQUEST_WORDS or (m.pos[1] == "接続助詞" and m.surface in {"て", "で"}) for m in ms)
    return wishes and not any(m.surface in _NOT_IN_REQUESTS for m in ms)


def is_interjection(m: Morpheme, following: Morpheme | None) -> bool:
    """Whether a morpheme is an interjection, and not the start of a word in kana: あつぎ, まーす."""
    return m.pos[0] == "感動詞" and not (following and _is_short(m) and _KANA.match(following.surface))


def _is_short(m: Morpheme) -> bool:
    return len(m.surface) < _MIN_INTERJECTION_LENGTH


def _is_courtesy(ms: Sequence[Morpheme]) -> bool:
    """Whether the morphemes are only formulas of courtesy."""
    return len(ms) in _courtesies(ms)


def _courtesies(ms: Sequence[Morpheme], *, backward: bool = False) -> list[int]:
    """Return the positions up to which the start of a text is only courtesy, or `backward` from which its end is.

    The order is that of reading, so that `backward` lists the end of the text first.
    """
    positions: list[int] = []
    content: list[Morpheme] = []
    formal, helped, unknown, negated = False, True, False, False
    for position in range(len(ms) - 1, -1, -1) if backward else range(len(ms)):
        m = ms[position]
        negated = negated or m.normal in {"ず", "ない", "か"}
        if m.is_content:
            content.append(m)
            is_formal = m.pos[0] == "感動詞" or m.normal in _FORMULAS
            formal = formal or is_formal
            helped = helped and (is_formal or m.normal in WORDS["helping"])
            unknown = unknown or m.normal == "分かる"
        if len(content) > 1 and not helped:
            break  # further morphemes cannot make it courtesy
        filler = len(content) == 1 and content[0].surface in _FILLERS and content[0] is not (ms[-1] if backward else m)
        if ((formal and helped) or filler) and not (unknown and negated):
            positions.append(position if backward else position + 1)
    return positions


def _is_sentence_start(ms: Sequence[Morpheme], position: int) -> bool:
    """Whether a sentence starts at `position`: after punctuation, an interjection or a complete formula."""
    last, first = ms[position - 1], ms[position]
    if first.pos[0] in {"補助記号", "空白"} or _SENTENCE_ENDS.fullmatch(last.surface):
        return first.pos[0] not in {"補助記号", "空白"}
    if first.pos[0] in {"助詞", "助動詞"} or first.normal in WORDS["helping"]:
        return False
    if _ENDS.fullmatch(last.surface) or is_interjection(last, first):
        return True
    return last.normal == "ず" or (last.surface in {"が", "けど", "けれど"} and last.pos[1] == "接続助詞")


def _is_closing_courtesy(ms: Sequence[Morpheme], position: int) -> bool:
    """Whether the question ends before the courtesy that starts at `position`: いくらですか、ご教示ください."""
    before = ms[position - 1].surface
    if before == "、" and position > 1 and ms[position - 2].normal == "か":
        return True
    if before != "、":
        return bool(_SENTENCE_ENDS.fullmatch(before))
    said = {m.normal for m in ms[position:]}
    return not said & _TOLD and bool(said & _THANKED)
