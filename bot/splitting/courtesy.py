"""The courtesy around a question: greetings, thanks and announcements before and after it."""

import re
from collections.abc import Sequence

from bot.question.subject_words import CONVERSATION_WORDS
from ingest.japanese.tokenise import Morpheme, morphemes

FORMULAS = frozenset().union(
    *(CONVERSATION_WORDS[does] for does in ("thanking", "parting", "apologising", "announcing", "telling"))
)
_TOLD = CONVERSATION_WORDS["telling"] - {"願う", "願い"}
_THANKED = CONVERSATION_WORDS["thanking"] | {"宜しく", "すむ", "失礼"}
# Fillers that are other words too; directly before punctuation they are not fillers.
_FILLERS = frozenset({"あの", "どう", "ちょっと"})
_KANA = re.compile(r"[ぁ-んァ-ヶー]")
# A shorter interjection in kana may be the start of another word.
_MIN_INTERJECTION_LENGTH = 3
_ENDS = re.compile(r"[、。,.!?…~\n\s]")
# After a comma, a request is the question's own predicate: 期間は、教えてください.
_SENTENCE_ENDS = re.compile(r"[。!?\n]")


def strip_courtesy(text: str) -> str:
    """Return normalised `text` without the courtesy before and after it; unchanged where it is nothing else."""
    ms = morphemes(text)
    openings, closings = _courtesies(ms), _courtesies(ms, backward=True)
    if len(ms) in openings:
        return text
    start = next((i for i in reversed(openings) if _is_sentence_start(ms, i)), 0)
    end = next((i for i in reversed(closings) if i > start and _is_closing_courtesy(ms, i)), len(ms))
    return "".join(m.surface for m in ms[start:end]).strip(" \n、,") if (start, end) != (0, len(ms)) else text


def is_interjection(m: Morpheme, following: Morpheme | None) -> bool:
    """Whether a morpheme is an interjection, and not the start of a word in kana: あつぎ, まーす."""
    return m.pos[0] == "感動詞" and not (following and _is_short(m) and _KANA.match(following.surface))


def _is_short(m: Morpheme) -> bool:
    return len(m.surface) < _MIN_INTERJECTION_LENGTH


def is_courtesy(ms: Sequence[Morpheme]) -> bool:
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
            is_formal = m.pos[0] == "感動詞" or m.normal in FORMULAS
            formal = formal or is_formal
            helped = helped and (is_formal or m.normal in CONVERSATION_WORDS["helping"])
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
    if first.pos[0] in {"助詞", "助動詞"} or first.normal in CONVERSATION_WORDS["helping"]:
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
