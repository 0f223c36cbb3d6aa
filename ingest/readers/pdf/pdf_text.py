"""Normalises PDF characters: radicals, surrogate halves and symbols; joins broken lines."""

import re
import unicodedata

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
