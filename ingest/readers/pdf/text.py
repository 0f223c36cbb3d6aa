"""Normalises PDF characters: radicals, surrogate halves and symbols; joins broken lines."""

import re
import unicodedata

# What EquivalentUnifiedIdeograph.txt of Unicode gives for CJK Radicals Supplement; NFKC maps the Kangxi radicals alone.
_SUPPLEMENT = str.maketrans(
    "⺁⺄⺅⺈⺉⺊⺌⺍⺎⺒⺓⺔⺖⺘⺙⺛⺝⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺬⺭⺮⺯⺲⺶⺷⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻆⻊⻌⻍⻎⻑⻒⻕⻖⻗⻘⻝⻟⻡⻣⻤⻨⻩⻫⻭⻯⻲",
    "厂乙亻刀刂卜小小兀巳幺彑忄扌攵旡月母民氵氺灬爫爫丬牛犭王疋示礻竹糹罒羊羊耂肀聿月臼艹艹艹虎衤覀西角足辶辶辶長镸阜阝雨青食飠首骨鬼麦黄斉歯竜亀",
)
_RADICAL = re.compile(r"[\u2e80-\u2fdf]")
# Where a word was parted at the end of a line PDFium gives one of these.
HYPHENS = "\x02\ufffe\u00ad"
_LATIN = re.compile(r"[A-Za-z0-9]")
_LETTER = r"[\u3005-\u30ff\u3400-\u9fff]"
# Letters that are spread over the width of a cell, a line's among others and a whole cell's: 製 造 業, 区 分.
_SPREAD = re.compile(rf"(?<!\S){_LETTER}(?: {_LETTER}){{2,}}(?!\S)|^{_LETTER} {_LETTER}$")
# What stands for no character of a writing; `broken_share` counts it, `legible` takes it out.
_CONTROL = re.compile(rf"(?![{HYPHENS}])[\x00-\x08\x0b-\x1f\x7f\ufffc\uffff]|[{HYPHENS}](?=.)|^[{HYPHENS}]")
# What turns the direction, and letters that machines read and people do not see; they say nothing of the page.
_UNSEEN = re.compile(r"[\u061c\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_LOST = "\ufffd"
# Bullets and arrows of fonts of symbols, as PDFs carry them, and what is seen of those of Symbol (f0b7) and Wingdings;
# Office writes other sizes of the same shapes for some.
_SYMBOL = re.compile(r"[\uf000-\uf0ff]")
_SEEN = str.maketrans(
    "\uf06c\uf06d\uf06e\uf06f\uf071\uf072\uf073\uf074\uf075\uf076\uf09f\uf0a1\uf0a7\uf0a8\uf0ab\uf0b7\uf0d8\uf0df\uf0e0\uf0e8\uf0f0\uf0fc\uf0fe⚫⬤⚪◼⬛◻⬜⬥",
    "●○■□□□◆◆◆◆•○▪□★•➢←→→⇒✓☑●●○■■□□◆",
)


def clean(units: str) -> str:
    """Return the UTF-16 code units of a cell as text of unified ideographs; what is no character becomes U+FFFD.

    Letters that only the layout spread stand together again; white space around the text goes.
    """
    text = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _RADICAL.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text).translate(_SUPPLEMENT)
    text = _CONTROL.sub(_LOST, _UNSEEN.sub("", text)).replace("\u2027", "・").strip()
    return _SPREAD.sub(lambda found: found[0].replace(" ", ""), text)


def legible(line: str) -> str:
    """Return a line as it is to be read: ・ for an unknown symbol that opens it, - for a hyphen that parts nothing."""
    opened = ""
    if _SYMBOL.match(line):
        seen = line[0].translate(_SEEN)
        opened, line = "・" if seen == line[0] else seen, line[1:]
    text = _SYMBOL.sub("", line.translate(_SEEN)).replace(_LOST, "").strip()
    return opened + re.sub(rf"[{HYPHENS}]", "-", text) if text else ""


def join(left: str, right: str) -> str:
    """Join the halves of a broken line: Japanese without a space, Latin words with one, unless a hyphen parted them."""
    if not left:
        return right
    if left[-1] in HYPHENS:
        return left[:-1] + right
    return left + (" " if _LATIN.match(left[-1]) and _LATIN.match(right) else "") + right
