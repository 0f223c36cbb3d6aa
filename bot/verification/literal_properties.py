"""Literal properties of a statement that its supporting words must share: polarity, end, exclusion, order.

No meaning is inferred: a statement fails if it has a word of such a small class and its supporting words have none
(decision 052).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ingest.japanese.characters import KANJI
from ingest.japanese.lexicon import load_lexicon
from ingest.japanese.notation import BRACKETED_WEEKDAYS
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


# A source with one of these may be put in the negative: 休館日 as 開いていません.
_NEGATIVE = re.compile(
    r"休|除[くいきか]|禁|断[りっわ]|欠|のみ|だけ|限|以外|[対圏市町村区県校]外|遠慮|[中停]止|廃止|終了|閉|しか|専用|×|ほか|ただし|困難"
    r"|難し|失効|締め?切|まで|期限|対象|資格|以[上下内前降]|未満|歳|平日|一部|[無不未非][^料]"
)
_ENDED = re.compile(
    r"(?:廃止|撤廃|中止|休止|停止|閉鎖|閉館|閉校|解散|打ち切|終了|終わ|完了)(?=し(?!な)|さ[れせ]|で|とな|[りっ]|。|$)"
)
_ENDED_SOURCE = re.compile(r"廃止|撤廃|[中休停]止|閉|解散|打ち切|終了|終わ|終え|完了|完成|済|締め?切|なくな|やめ")
_UNTIL = re.compile("まで|期限|期間|~")
_PAST = re.compile(r"[^。]*?[^だ]た(?:$|[。、が])")
_PLANNED = re.compile(r"予定|検討|目指|めざ|見込|方針|計画(?:して|中)|こととし|努め|想定|準備")
_EXCLUSIVE = re.compile(
    r"(?:のみ(?!な)|だけ(?![でをは])|しか(?=[^。]{0,20}(?:な[いくか]|ません)))|に限(?:り|る|っ|定|られ)|限定|以外|を除[いくき]"
)
_EXCLUSIVE_SOURCE = re.compile(
    r"のみ|だけ|限|しか|以外|除|専用|不可|外|ません|ない|ほか|ただし|唯一|一部|\([^()]+は[^()]+\)"
)
_NUMBER = rf"\d+[年月日時分歳人円回号階%]*(?:{BRACKETED_WEEKDAYS})?"
_POINT = rf"[^\s~、。・()]{{0,8}}?{_NUMBER}(?:{_NUMBER})*"
_RANGE = re.compile(rf"(?P<first>{_POINT})\s?(?:~|から)\s?(?P<last>{_POINT})")
_WEEKDAY = re.compile(BRACKETED_WEEKDAYS)


def find_property_faults(text: str, quotes: Sequence[str], *, has_passed: bool = False) -> Iterator[tuple[str, str]]:
    """Yield (words, Japanese message) for each property of a normalised statement that the `quotes` for it lack.

    What `has_passed` on the day of the question has ended.
    """
    quoted = "\n".join(quotes)
    if not quotes:
        return
    for words in _added_negations(text, quoted):
        yield words, f"「{words}」と打ち消す言葉が、出典のその文にありません"
    for words in _dropped_negations(text, quoted):
        yield words, f"「{words}」は、出典では打ち消されています"
    ended = None if has_passed else _ENDED.search(text)
    if ended and not (_ENDED_SOURCE.search(quoted) or (_UNTIL.search(quoted) and not _PAST.match(text, ended.end()))):
        yield ended[0], f"「{ended[0]}」とは、出典のその文にありません"
    if _PAST.match(text) and not _PLANNED.search(text) and _PLANNED.search(quoted) and not _PAST.match(quoted):
        yield text, f"「{text}」は、出典では行われたこととされていません"
    if (only := _EXCLUSIVE.search(text)) and not _EXCLUSIVE_SOURCE.search(quoted):
        words = text[max(0, only.start() - 8) : only.end()]
        yield words, f"「{words}」と限る言葉が、出典のその文にありません"
    for words in _reversed_ranges(text, quoted):
        yield words, f"「{words}」は、出典と順序が逆です"


def _added_negations(text: str, quoted: str) -> Iterator[str]:
    stated = predicates(quoted)
    if any(p.is_negated for p in stated) or _NEGATIVE.search(quoted):
        return
    affirmed = {p.key for p in stated}
    yield from (text[p.start : p.start + 14] for p in predicates(text) if p.is_negated and p.key in affirmed)


def _dropped_negations(text: str, quoted: str) -> Iterator[str]:
    asserted, stated = predicates(text), predicates(quoted)
    if any(p.is_negated for p in asserted) or _NEGATIVE.search(text):
        return
    affirmed = {p.key for p in stated if not p.is_negated}
    negated = {p.key for p in stated if p.is_negated} - affirmed
    yield from (text[p.start : p.start + 14] for p in asserted if p.key in negated)


def _reversed_ranges(text: str, quoted: str) -> Iterator[str]:
    stated = {_range_ends(match) for match in _RANGE.finditer(quoted)}
    for match in _RANGE.finditer(text):
        first, last = _range_ends(match)
        if first != last and (last, first) in stated and (first, last) not in stated:
            yield match[0]


def _range_ends(match: re.Match[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    first, last = (tuple(re.findall(r"\d+", _WEEKDAY.sub("", match[end]))) for end in ("first", "last"))
    return (*last[: -len(first)], *first), (*first[: -len(last)], *last)
