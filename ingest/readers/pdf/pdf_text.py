"""Normalises PDF characters: radicals, surrogate halves and symbols; joins broken lines; judges whether it is text."""

import re
import unicodedata

from ingest.japanese import nfkc
from ingest.japanese.characters import ONE_KANJI
from ingest.japanese.tokenise import sudachi_path_cost

# Mapping of EquivalentUnifiedIdeograph.txt (Unicode) for the CJK Radicals Supplement; NFKC covers Kangxi only.
_RADICAL_SUPPLEMENT = str.maketrans(
    "⺁⺄⺅⺈⺉⺊⺌⺍⺎⺒⺓⺔⺖⺘⺙⺛⺝⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺬⺭⺮⺯⺲⺶⺷⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻆⻊⻌⻍⻎⻑⻒⻕⻖⻗⻘⻝⻟⻡⻣⻤⻨⻩⻫⻭⻯⻲",
    "厂乙亻刀刂卜小小兀巳幺彑忄扌攵旡月母民氵氺灬爫爫丬牛犭王疋示礻竹糹罒羊羊耂肀聿月臼艹艹艹虎衤覀西角足辶辶辶長镸阜阝雨青食飠首骨鬼麦黄斉歯竜亀",
)
_RADICAL = re.compile(r"[\u2e80-\u2fdf]")
# PDFium returns one of these for a hyphen at a line end.
HYPHEN_MARKS = "\x02\ufffe\u00ad"
_LATIN = re.compile(r"[A-Za-z0-9]")
_LETTER = r"[\u3005-\u30ff\u3400-\u9fff]"
# Letters spread over a cell's width, inside a line and as the whole text: 製 造 業, 区 分.
_SPREAD_LETTERS = re.compile(rf"(?<!\S){_LETTER}(?: {_LETTER}){{2,}}(?!\S)|^{_LETTER} {_LETTER}$")
# Not characters of a text; `broken_share` counts their replacement, `to_display_text` removes it.
_CONTROL = re.compile(
    rf"(?![{HYPHEN_MARKS}])[\x00-\x08\x0b-\x1f\x7f\ufffc\uffff]|[{HYPHEN_MARKS}](?=.)|^[{HYPHEN_MARKS}]"
)
# Bidirectional marks, and tag characters that only machines read.
_INVISIBLE = re.compile(r"[\u061c\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_REPLACEMENT = "\ufffd"
# Bullets and arrows of the fonts Symbol (f0b7) and Wingdings, in the private use area, with their visible forms; Office
# uses other sizes of the same shapes.
_PRIVATE_SYMBOL = re.compile(r"[\uf000-\uf0ff]")
_VISIBLE_SYMBOLS = str.maketrans(
    "\uf06c\uf06d\uf06e\uf06f\uf071\uf072\uf073\uf074\uf075\uf076\uf09f\uf0a1\uf0a7\uf0a8\uf0ab\uf0b7\uf0d8\uf0df\uf0e0\uf0e8\uf0f0\uf0fc\uf0fe⚫⬤⚪◼⬛◻⬜⬥",
    "●○■□□□◆◆◆◆•○▪□★•➢←→→⇒✓☑●●○■■□□◆",
)

# Fewer letters (tables, forms) say nothing.
_MIN_LETTERS = 40
# Mean cost of Sudachi's best path per character; fitted on half of the files (decision 040).
_MAX_COST = 4_000
# Maximum share of letters of other scripts, in which no document here is written.
_MAX_FOREIGN_SHARE = 0.2
# Chinese text has next to no kana, and kanji that are nearly all common characters of GB 2312 (level 1).
_MAX_CHINESE_KANA = 0.05
_MIN_CHINESE_SHARE = 0.9
_GB2312_COMMON = range(0xB0, 0xD8)
# Characters that are judged, from the whole page.
_SAMPLE = 500
_JAPANESE = re.compile(r"[\u3041-\u30ff\u3005\u3400-\u9fff]{2,100}")
_JAPANESE_OR_LATIN = re.compile(r"[\u3041-\u30ff\u3005\u3400-\u9fffA-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_KANA = re.compile(r"[\u3041-\u30ff]")


def decode_pdf_text(units: str) -> str:
    """Return UTF-16 code units as text with unified ideographs; invalid characters become U+FFFD.

    Letters spread by the layout are joined; surrounding white space is removed.
    """
    text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _RADICAL.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text).translate(_RADICAL_SUPPLEMENT)
    text = _CONTROL.sub(_REPLACEMENT, _INVISIBLE.sub("", text)).replace("\u2027", "・").strip()
    return join_spread_letters(text)


def join_spread_letters(text: str) -> str:
    """Return a text whose letters are spread over its width (製 造 業) without the spaces between them."""
    return _SPREAD_LETTERS.sub(lambda match: match[0].replace(" ", ""), text)


def to_display_text(line: str) -> str:
    """Return a line with a visible character for a leading symbol and for hyphens; other symbols are dropped."""
    prefix = ""
    if _PRIVATE_SYMBOL.match(line):
        symbol = line[0].translate(_VISIBLE_SYMBOLS)
        prefix = "・" if symbol == line[0] else symbol
        line = line[1:]
    text = _PRIVATE_SYMBOL.sub("", line.translate(_VISIBLE_SYMBOLS)).replace(_REPLACEMENT, "").strip()
    return prefix + re.sub(rf"[{HYPHEN_MARKS}]", "-", text) if text else ""


def join_line_parts(left: str, right: str) -> str:
    """Join the halves of a broken line, with a space only between Latin words without a hyphen."""
    if not left:
        return right
    if left[-1] in HYPHEN_MARKS:
        return left[:-1] + right
    return left + (" " if _LATIN.match(left[-1]) and _LATIN.match(right) else "") + right


def is_readable(text: str) -> bool:
    """Whether the letters of a page are text in Japanese or Chinese, or too few or too mixed to judge.

    Fonts with a wrong character map give each glyph the code of another letter: the page looks right, its text is not.
    """
    normal = nfkc(text)
    letters = sum(map(str.isalpha, normal))
    if letters - len(_JAPANESE_OR_LATIN.findall(normal)) > max(_MIN_LETTERS, _MAX_FOREIGN_SHARE * letters):
        return False
    runs = _JAPANESE.findall(normal)
    japanese = sum(map(len, runs))
    if japanese < max(_MIN_LETTERS, letters / 3):
        return True
    sample = runs[:: max(1, japanese // _SAMPLE)]
    if sudachi_path_cost("、".join(sample)) / sum(map(len, sample)) <= _MAX_COST:
        return True
    kanji = ONE_KANJI.findall(text)
    common = sum(char.encode("gb2312", "replace")[0] in _GB2312_COMMON for char in kanji)
    return common >= _MIN_CHINESE_SHARE * len(kanji) and len(_KANA.findall(text)) <= _MAX_CHINESE_KANA * len(kanji)
