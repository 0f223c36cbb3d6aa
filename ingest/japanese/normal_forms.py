"""Normal forms of a text: which differences of writing do not count when it is parsed or compared.

| form | also ignores | for |
|---|---|---|
| `nfkc` | widths, kinds of dashes and kanji, invisible characters | parsing; offsets stay close to the text |
| `normalise_figures` | notations of numbers that would be misread, readings of kanji | comparing figures |
| `normalise_without_spaces` | white space | comparing words of documents |
| `comparison_key` | white space and case | comparing names and quotes |

`remove_spaces` and `fold_normalised` apply the last two steps alone, to a text that is in one of the first two forms.
"""

import re
import unicodedata

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
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−─━", "-") | dict.fromkeys("〜~∼", "~") | {"‧": "・"})
# Variants in names of people and companies that neither NFKC nor Sudachi takes for the common character: 𠮷田.
_VARIANTS = str.maketrans("𠮷髙﨑濵", "吉高崎浜")
_UNIFIED = _RADICALS | _SIMPLIFIED | _DASHES | _VARIANTS
# A character with what NFKC joins to it: combining voicing marks (か + U+3099, ｶ + ﾞ) and accents.
_CLUSTER = re.compile(r"[\s\S][\u0300-\u036f\u1ab0-\u1aff\u3099\u309a\uff9e\uff9f]*")
_SPACES = re.compile(r"[ \t\u00a0\u3000]+")
_ELLIPSIS = re.compile("[…‥]+")
_HOME_PAGE = re.compile(r"(?<![A-Za-z])HP(?![A-Za-z])")
# In 来場者数3万人, 数3 would be read as "several".
_COUNT_BEFORE_DIGIT = re.compile(r"(?<=[一-龥])数(?=\d)")
_THOUSAND_BEFORE_DIGITS = re.compile(r"(?<![\d一-龥])千(?=\d{3}(?!\d))")
# 52・8億円, as in newspapers.
_DOT_AS_POINT = re.compile(r"(?<=\d)(?<!・\d)(?<!・\d\d)・(?=\d+(?:[億兆万%倍]|ポイント|トン|キロ|ha))")
_ZERO_IN_KANA = re.compile("ゼロ(?=[%円件人か])")
_BRACKETED_READING = re.compile(r"(?<=[一-龥々])\([ぁ-んー]+\)")


def nfkc(text: str) -> str:
    """Return `text` with NFKC forms, Japanese kanji, one kind of dash and wave dash, single spaces; line breaks stay.

    ① becomes (1), … stays, and invisible characters are removed.
    """
    visible = _INVISIBLE.sub("", _ENCLOSED.sub(lambda enclosed: f"({int(unicodedata.numeric(enclosed[0]))})", text))
    parts = _LEADERS.split(visible)
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return _SPACES.sub(" ", "".join(parts).translate(_UNIFIED))


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


def normalise_figures(text: str) -> str:
    """Return a text in normal form in which each number has one notation and noon is 12時."""
    text = _COUNT_BEFORE_DIGIT.sub(r"\g<0> ", nfkc(_ELLIPSIS.sub(" ", text)))
    text = _DOT_AS_POINT.sub(".", _THOUSAND_BEFORE_DIGITS.sub("1", text))
    text = _BRACKETED_READING.sub("", _ZERO_IN_KANA.sub("0", text))
    return _HOME_PAGE.sub("ホームページ", text).replace("正午", "12時")


def remove_spaces(text: str) -> str:
    """Return a text without white space and line breaks."""
    return "".join(text.split())


def normalise_without_spaces(text: str) -> str:
    """Return a text in normal form without white space and line breaks."""
    return remove_spaces(nfkc(text))


def fold_normalised(text: str) -> str:
    """Return a text that is in a normal form without white space and in lower case."""
    return remove_spaces(text).casefold()


def comparison_key(text: str) -> str:
    """Return a text in normal form without white space and in lower case."""
    return fold_normalised(nfkc(text))
