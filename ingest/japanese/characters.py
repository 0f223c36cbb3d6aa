"""Normalises characters and parses numerals: 12,345 · 1万2千 · 三十五."""

import re
import unicodedata
from decimal import Decimal

from ingest.japanese.notation import KANJI_DIGITS

KANJI = "\u3400-\u9fff"
"""The range of kanji, for a character class: `f"[{KANJI}々]"`."""
# Circled numbers, which NFKC would merge with following digits: ①5分野 is not 15分野.
_ENCLOSED = re.compile(r"[①-⑳㉑-㉟㊱-㊿⓪❶-❿⓫-⓴⓵-⓾]")
# Leaders, which NFKC would turn into full stops before a figure: 入場料…500円.
_LEADERS = re.compile(r"([…‥]+)")
# Invisible characters: soft hyphen, zero-width marks, direction marks, tags, variation selectors (葛󠄀).
_INVISIBLE = re.compile(
    r"[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    r"\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
# Radicals used for characters in PDF text, which NFKC does not replace (CJK Radicals Supplement).
_RADICALS = str.maketrans("⻁⻄⻆⻑⻘⻝⻣⻤⻨⻩⻫⻭⻯⻲⺠", "虎西角長青食骨鬼麦黄斉歯竜亀民")
# Simplified Chinese characters outside Shift_JIS with one Japanese equivalent: 副市长.
_SIMPLIFIED = str.maketrans(
    "长东时间门车见问开发业务计设议员财费资质购险难电实对导师应张录总战护报择术权构标样检测济满环现产监种积"
    "约级线组经结给统继绩续维编义职节获营观规视览认讨训记许论访证评识试话语说请课调谈负责转软轻输边达过运还进"
    "远违连选邮钟队阶项须预领题额风馆驾验",
    "長東時間門車見問開発業務計設議員財費資質購険難電実対導師応張録総戦護報択術権構標様検測済満環現産監種積"
    "約級線組経結給統継績続維編義職節獲営観規視覧認討訓記許論訪証評識試話語説請課調談負責転軟軽輸辺達過運還進"
    "遠違連選郵鐘隊階項須預領題額風館駕験",
)
_MARKS = str.maketrans(dict.fromkeys("‐‑‒–—―−─━", "-") | dict.fromkeys("〜~∼", "~") | {"‧": "・"})
_ALIKE = _RADICALS | _SIMPLIFIED | _MARKS
# A character with what NFKC joins to it: combining voicing marks (か + U+3099, ｶ + ﾞ) and accents.
_CLUSTER = re.compile(r"[\s\S][\u0300-\u036f\u1ab0-\u1aff\u3099\u309a\uff9e\uff9f]*")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_DIGITS = {c: i for i, c in enumerate(KANJI_DIGITS)}
_SMALL = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"万": 10**4, "億": 10**8, "兆": 10**12}
NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
KANJI_NUMBER = rf"[{KANJI_DIGITS}十百千]+"
_TO_KATAKANA = {code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)}
_TO_HIRAGANA = {katakana: hiragana for hiragana, katakana in _TO_KATAKANA.items()}


def nfkc(text: str) -> str:
    """Return `text` with NFKC forms, Japanese kanji, one kind of dash and wave dash, single spaces; line breaks stay.

    ① becomes (1), … stays, and invisible characters are removed.
    """
    visible = _INVISIBLE.sub("", _ENCLOSED.sub(lambda m: f"({unicodedata.digit(m[0], 0) or _value(m[0])})", text))
    parts = _LEADERS.split(visible)
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return _SPACES.sub(" ", "".join(parts).translate(_ALIKE))


def nfkc_with_spans(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return `nfkc(text)`, and for each of its characters the span of `text` that it was made from."""
    normal, spans = list[str](), list[tuple[int, int]]()
    for cluster in _CLUSTER.finditer(text):
        for character in nfkc(cluster[0]):
            if character == " " == "".join(normal[-1:]):
                spans[-1] = spans[-1][0], cluster.end()
                continue
            normal.append(character)
            spans.append(cluster.span())
    return "".join(normal), spans


def normalise_without_spaces(text: str) -> str:
    """Return `text` in normal form without white space and line breaks, for comparison."""
    return "".join(nfkc(text).split())


def to_katakana(text: str) -> str:
    """Return `text` with its hiragana in katakana."""
    return text.translate(_TO_KATAKANA)


def to_hiragana(text: str) -> str:
    """Return `text` with its katakana in hiragana; ー stays."""
    return text.translate(_TO_HIRAGANA)


def _value(enclosed: str) -> int:
    return int(unicodedata.numeric(enclosed))


def parse_number(text: str) -> Decimal:
    """Return the value of a numeral: 12,345 · 1万2千 · 三十五 · 元 (the first year of an era).

    Raises ValueError for any other text.
    """
    if text == "元":
        return Decimal(1)
    tokens = re.findall(rf"{NUMBER}|.", text, re.DOTALL)
    if not tokens:
        raise ValueError("数がありません")
    total = part = Decimal(0)
    current: Decimal | None = None
    for token in tokens:
        if token in _DIGITS:
            current = (current or Decimal(0)) * 10 + _DIGITS[token]
        elif token in _SMALL:
            part += (Decimal(1) if current is None else current) * _SMALL[token]
            current = None
        elif token in _LARGE:
            total += (part + (current or 0) or Decimal(1)) * _LARGE[token]
            part, current = Decimal(0), None
        elif current is None and re.fullmatch(NUMBER, token):
            current = Decimal(token.replace(",", ""))
        else:
            raise ValueError(f"数として読めません: {text}")
    if current is not None and not (total or part):
        return current
    value = total + part + (current or 0)
    # 1.5万 gives 15000.0, which would be printed as such.
    return Decimal(int(value)) if value == value.to_integral_value() else value
