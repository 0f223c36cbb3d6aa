"""The content words of a sentence, each affirmed or negated, by Sudachi's morphemes."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.japanese.characters import KANJI
from ingest.japanese.tokenise import DENIALS, NEGATING_PREFIXES, Morpheme, morphemes

_NEEDING = re.compile("要..+")  # 要予約
_KANJI = re.compile(f"[{KANJI}々]")
# Negative in form alone: 届け出なければなりません, だけでなく, かもしれません.
_NOT_NEGATIVE = re.compile(
    r"なければ(?:なり|なら|いけ)(?:ません|ない|ず)?|な(?:いと|くては)(?:なり|なら|いけ)(?:ません|ない)|ざるを得(?:ません|ない)"
    r"|かもしれ(?:ません|ない)|(?:だけ|ばかり)で(?:は|も)?な[くい]|のみならず|とは限(?:りません|らない)|[にを]限らず"
    r"|を問(?:わず|いません|わない)|にかかわらず|少なからず|少なくとも|間もなく|まもなく|なく(?:なり|な)次第|ないで(?=くださ)"
    r"|(?:ません|ない)か|[もは]れなく|漏れなく|ほかな(?:りません|らない)|すぎ(?:ません|ない)|とんでもない|構(?:いません|わない)"
    r"|かまいません|欠かせ(?:ません|ない)|変わ(?:りません|らず|らな[いか]|ってい(?:ません|ない))|に関わらず|に?とどまら(?:ず|ない)"
)
# Twice negative is positive: 予約がなければ相談できません.
_TWICE = re.compile(
    r"(?:なければ|ないと|なくては|なしで?は|な(?:しの|い)(?:方|人|場合|とき)は)(?P<rest>[^。]*?)(?:ません|ない)"
)
# Words with a negative prefix that negate nothing.
_NO_PREFIX_TEXT = """
未来 不動産 無線 非常 不審 無事 不思議 不安 無理 非行 未満 不満 不足 無視 不慮
"""
_NO_PREFIX = frozenset(_NO_PREFIX_TEXT.split())
# Words that negate the noun before them: 申込み:不要, 予約なし.
_DENIES_TEXT = """
無い なし 無し 不可 不要
"""
_DENIES = frozenset(_DENIES_TEXT.split())
# Function words, whose polarity is that of the word before them.
_LIGHT_TEXT = """
出来 居 有 成 頂 下 御座 為 行 実施 可能 物 事 訳 言 致 参 置 来 見 方 令和 平成 昭和 こと もの わけ の おる
いく よう ため 様 そう 中 御 お
"""
_LIGHT = frozenset(_LIGHT_TEXT.split())
_SAME_WORD = {"必要": "要", "いる": "要"}


@dataclass(frozen=True, slots=True)
class Predicate:
    """A content word by the kanji of its normal form, where it starts, and whether it is negated."""

    key: str
    start: int
    is_negated: bool = False


def _key(m: Morpheme) -> str:
    key = "".join(_KANJI.findall(m.normal)) or m.normal
    return _SAME_WORD.get(key, key) if m.pos[1] != "非自立可能" else key


def _is_negative(m: Morpheme) -> bool:
    return (m.pos[0] == "助動詞" and m.normal in DENIALS) or m.normal in _DENIES


@lru_cache(maxsize=4096)
def predicates(text: str) -> tuple[Predicate, ...]:
    """Return the content words of normalised `text` in order."""
    plain = _NOT_NEGATIVE.sub(lambda m: "、" * len(m[0]), text)
    plain = _TWICE.sub(
        lambda m: f"{'、' * (m.start('rest') - m.start())}{m['rest']}{'、' * (m.end() - m.end('rest'))}", plain
    )
    plain = re.sub(r"は(?=いり?ら?(?:ません|ない))", "、", plain)  # 申し込みはいりません is no はいる
    read = morphemes(plain, "C")
    negated = {n for at, m in enumerate(read) if _is_negative(m) for n in _governed(read, at)}
    found = list[Predicate]()
    for at, m in enumerate(read):
        if not m.is_content or m.pos[1] == "数詞" or (_is_negative(m) and m.surface[:1] != "不"):
            continue
        prefix = read[at - 1].surface if at and read[at - 1].pos[0] == "接頭辞" else ""
        if m.surface[:1] in NEGATING_PREFIXES and len(m.surface) > 1 and m.surface not in _NO_PREFIX:
            found.append(Predicate(m.surface[1:], m.start, is_negated=True))
        elif _NEEDING.fullmatch(m.surface):
            found += [Predicate("要", m.start), Predicate(m.surface[1:], m.start)]
        elif m.pos[0] != "接頭辞":
            found.append(Predicate(_key(m), m.start, at in negated or prefix in NEGATING_PREFIXES))
    return tuple(p for p in found if p.key not in _LIGHT)


def _governed(read: Sequence[Morpheme], at: int) -> Iterator[int]:
    """Yield the words that a negative at a place applies to: those before it, up to the first with a meaning."""
    for n in range(at - 1, max(-1, at - 10), -1):
        m = read[n]
        if m.pos[0] == "補助記号" and m.surface not in (":", "「", "」", "(", ")"):
            return
        if m.is_content:
            yield n
            if _key(m) not in _LIGHT:
                return
