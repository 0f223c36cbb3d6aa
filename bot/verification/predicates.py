"""The content words of a sentence, each affirmed or negated, by Sudachi's morphemes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.japanese.characters import KANJI
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.tokenise import DENIALS, NEGATING_PREFIXES, Morpheme, morphemes

_WORDS = load_lexicon("polarity")
_NEEDING = re.compile("要..+")  # 要予約
_KANJI = re.compile(f"[{KANJI}々]")
# Negative in form alone: 届け出なければなりません, だけでなく, かもしれません.
_NEGATIVE_IN_FORM_ALONE = re.compile(
    r"なければ(?:なり|なら|いけ)(?:ません|ない|ず)?|な(?:いと|くては)(?:なり|なら|いけ)(?:ません|ない)|ざるを得(?:ません|ない)"
    r"|かもしれ(?:ません|ない)|(?:だけ|ばかり)で(?:は|も)?な[くい]|のみならず|とは限(?:りません|らない)|[にを]限らず"
    r"|を問(?:わず|いません|わない)|にかかわらず|少なからず|少なくとも|間もなく|まもなく|なく(?:なり|な)次第|ないで(?=くださ)"
    r"|(?:ません|ない)か|[もは]れなく|漏れなく|ほかな(?:りません|らない)|すぎ(?:ません|ない)|とんでもない|構(?:いません|わない)"
    r"|かまいません|欠かせ(?:ません|ない)|変わ(?:りません|らず|らな[いか]|ってい(?:ません|ない))|に関わらず|に?とどまら(?:ず|ない)"
)
# Twice negative is positive: 予約がなければ相談できません.
_DOUBLE_NEGATION = re.compile(
    r"(?:なければ|ないと|なくては|なしで?は|な(?:しの|い)(?:方|人|場合|とき)は)(?P<rest>[^。]*?)(?:ません|ない)"
)
# Words with a negative prefix that negate nothing.
_NOT_NEGATED = frozenset(_WORDS["not_negated"])
# Words that negate the noun before them: 申込み:不要, 予約なし.
_NEGATING_NOUNS = frozenset(_WORDS["negating_nouns"])
# Function words, whose polarity is that of the word before them.
_FUNCTION_WORDS = frozenset(_WORDS["function_words"])
# Words back from a negative word that it may apply to.
_MAX_GOVERNED = 9
_SAME_WORD = {"必要": "要", "いる": "要"}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A content word by the kanji of its normal form, where it starts, and whether it is negated."""

    key: str
    start: int
    is_negated: bool = False


def _key(word: Morpheme) -> str:
    key = "".join(_KANJI.findall(word.normal)) or word.normal
    return _SAME_WORD.get(key, key) if word.pos[1] != "非自立可能" else key


def _is_negative(word: Morpheme) -> bool:
    return (word.pos[0] == "助動詞" and word.normal in DENIALS) or word.normal in _NEGATING_NOUNS


@lru_cache(maxsize=4096)
def predicates(text: str) -> tuple[Predicate, ...]:
    """Return the content words of normalised `text` in order."""
    plain = _NEGATIVE_IN_FORM_ALONE.sub(lambda m: "、" * len(m[0]), text)
    plain = _DOUBLE_NEGATION.sub(
        lambda m: f"{'、' * (m.start('rest') - m.start())}{m['rest']}{'、' * (m.end() - m.end('rest'))}", plain
    )
    plain = re.sub(r"は(?=いり?ら?(?:ません|ない))", "、", plain)  # 申し込みはいりません is no はいる
    words = morphemes(plain, "C")
    negated = set[int]()
    for position, word in enumerate(words):
        if _is_negative(word):
            negated.update(_governed(words, position))
    stated = list[Predicate]()
    for position, word in enumerate(words):
        if not word.is_content or word.pos[1] == "数詞" or (_is_negative(word) and word.surface[:1] != "不"):
            continue
        prefix = words[position - 1].surface if position and words[position - 1].pos[0] == "接頭辞" else ""
        if word.surface[:1] in NEGATING_PREFIXES and len(word.surface) > 1 and word.surface not in _NOT_NEGATED:
            stated.append(Predicate(word.surface[1:], word.start, is_negated=True))
        elif _NEEDING.fullmatch(word.surface):
            stated += [Predicate("要", word.start), Predicate(word.surface[1:], word.start)]
        elif word.pos[0] != "接頭辞":
            stated.append(Predicate(_key(word), word.start, position in negated or prefix in NEGATING_PREFIXES))
    return tuple(p for p in stated if p.key not in _FUNCTION_WORDS)


def _governed(words: Sequence[Morpheme], position: int) -> Iterator[int]:
    for i in range(position - 1, max(-1, position - _MAX_GOVERNED - 1), -1):
        word = words[i]
        if word.pos[0] == "補助記号" and word.surface not in (":", "「", "」", "(", ")"):
            return
        if word.is_content:
            yield i
            if _key(word) not in _FUNCTION_WORDS:
                return
