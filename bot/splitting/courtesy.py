"""The courtesy around a question: greetings, thanks and announcements before and after it."""

import re
from collections.abc import Sequence

from bot.question.subject_words import CONVERSATION_WORDS
from ingest.japanese.tokenise import Morpheme, morphemes

FORMULAS = frozenset().union(
    *(CONVERSATION_WORDS[does] for does in ("thanking", "parting", "apologising", "announcing", "telling"))
)
_REQUESTING_WORDS = CONVERSATION_WORDS["telling"] - {"願う", "願い"}
_CLOSING_WORDS = CONVERSATION_WORDS["thanking"] | {"宜しく", "すむ", "失礼"}
# Fillers that are other words too; directly before punctuation they are not fillers.
_FILLER_WORDS = frozenset({"あの", "どう", "ちょっと"})
_KANA = re.compile(r"[ぁ-んァ-ヶー]")
# A shorter interjection in kana may be the start of another word.
_MIN_INTERJECTION_LENGTH = 3
_PAUSE = re.compile(r"[、。,.!?…~\n\s]")
# After a comma, a request is the question's own predicate: 期間は、教えてください.
_SENTENCE_END = re.compile(r"[。!?\n]")


def strip_courtesy(text: str) -> str:
    """Return normalised `text` without the courtesy before and after it; unchanged if it is nothing else."""
    tokens = morphemes(text)
    openings = _opening_ends(tokens)
    if len(tokens) in openings:
        return text
    start = next((end for end in reversed(openings) if _is_sentence_start(tokens, end)), 0)
    closings = (begin for begin in reversed(_closing_starts(tokens)) if begin > start)
    end = next((begin for begin in closings if _is_closing(tokens, begin)), len(tokens))
    if (start, end) == (0, len(tokens)):
        return text
    return "".join(token.surface for token in tokens[start:end]).strip(" \n、,")


def is_courtesy(tokens: Sequence[Morpheme]) -> bool:
    """Whether the morphemes are only formulas of courtesy."""
    return len(tokens) in _opening_ends(tokens)


def is_interjection(token: Morpheme, following: Morpheme | None) -> bool:
    """Whether a morpheme is an interjection, and not the start of a word in kana: あつぎ, まーす."""
    if token.pos[0] != "感動詞":
        return False
    is_short = len(token.surface) < _MIN_INTERJECTION_LENGTH
    return not (following and is_short and _KANA.match(following.surface))


class _CourtesyCheck:
    """Reads morphemes one after another, and tells whether those read so far are only courtesy."""

    def __init__(self) -> None:
        self._content: list[Morpheme] = []
        self._has_formula = False
        self._has_only_helping_words = True
        self._is_not_understood = False
        self._has_negation = False

    @property
    def is_hopeless(self) -> bool:
        return len(self._content) > 1 and not self._has_only_helping_words

    def read(self, token: Morpheme) -> None:
        self._has_negation = self._has_negation or token.normal in {"ず", "ない", "か"}
        if not token.is_content:
            return
        self._content.append(token)
        is_formula = token.pos[0] == "感動詞" or token.normal in FORMULAS
        self._has_formula = self._has_formula or is_formula
        is_helping = is_formula or token.normal in CONVERSATION_WORDS["helping"]
        self._has_only_helping_words = self._has_only_helping_words and is_helping
        self._is_not_understood = self._is_not_understood or token.normal == "分かる"

    def is_courtesy(self, edge: Morpheme) -> bool:
        if self._is_not_understood and self._has_negation:
            return False
        is_filler = len(self._content) == 1 and self._content[0].surface in _FILLER_WORDS
        is_formula = self._has_formula and self._has_only_helping_words
        return is_formula or (is_filler and self._content[0] is not edge)


def _opening_ends(tokens: Sequence[Morpheme]) -> list[int]:
    ends = list[int]()
    check = _CourtesyCheck()
    for position, token in enumerate(tokens):
        check.read(token)
        if check.is_hopeless:
            break
        if check.is_courtesy(edge=token):
            ends.append(position + 1)
    return ends


def _closing_starts(tokens: Sequence[Morpheme]) -> list[int]:
    starts = list[int]()
    check = _CourtesyCheck()
    for position in range(len(tokens) - 1, -1, -1):
        check.read(tokens[position])
        if check.is_hopeless:
            break
        if check.is_courtesy(edge=tokens[-1]):
            starts.append(position)
    return starts


def _is_sentence_start(tokens: Sequence[Morpheme], position: int) -> bool:
    last = tokens[position - 1]
    first = tokens[position]
    if first.pos[0] in {"補助記号", "空白"}:
        return False
    if _SENTENCE_END.fullmatch(last.surface):
        return True
    if first.pos[0] in {"助詞", "助動詞"} or first.normal in CONVERSATION_WORDS["helping"]:
        return False
    if _PAUSE.fullmatch(last.surface) or is_interjection(last, first):
        return True
    return last.normal == "ず" or (last.surface in {"が", "けど", "けれど"} and last.pos[1] == "接続助詞")


def _is_closing(tokens: Sequence[Morpheme], position: int) -> bool:
    last = tokens[position - 1].surface
    if last == "、" and position > 1 and tokens[position - 2].normal == "か":
        return True
    if last != "、":
        return bool(_SENTENCE_END.fullmatch(last))
    normal_forms = {token.normal for token in tokens[position:]}
    return not normal_forms & _REQUESTING_WORDS and bool(normal_forms & _CLOSING_WORDS)
