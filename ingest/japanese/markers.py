"""Marks and numbers of list items and headings."""

import re

from ingest.japanese.notation import COUNT

CIRCLED = "①-⑳"
# Marks of list items in pages and model output.
BULLETS = "・•●○◎◆◇■□▪✓"
# Marks before titles; filled ones are outer, outlined ones inner.
FILLED = "■◆●▼▲▶★"
OUTLINED = "□◇○▽△▷☆◎"
MARKS = FILLED + OUTLINED
# The number of a list item, in any width: 1. · 1） · (1) · ① · ア · (ア).
ORDINAL = (
    rf"(?:\d{{1,2}}(?:[.)]\s+|[．）]\s*)|[(（](?:\d{{1,2}}|[ア-ン])[)）]\s*|[{CIRCLED}]\s*|[ア-ン](?:[.)．）]\s*|\s+))"
)
# Beginning of a list item in an answer: a mark, or a number with a space.
ITEM_MARK = re.compile(rf"\s*(?:[-*+](?=\s)|[{BULLETS}]|\(?\d{{1,2}}[.)](?=\s)|[{CIRCLED}])\s*")
# Symbols of the word or number after them: brackets, quotation marks, 〒, currencies, °, letters in another form
# (⾏, ㈱, ㎡, №).
_OPENING = "「『(（【〔［\\[<＜《〈“‘\"'〝〒¥￥$＄€£%％‰°′″§&＆#＃@＠~〜～…‥/／"
_LETTERS = "\u2e80-\u2fdf\u2100-\u214f\u249c-\u24b5\u3200-\u33ff"
# Any bullet before a heading or item, but not a minus (−5℃) or what marks a negative number (△3).
LEADING_MARK = rf"(?:(?![-−－–+＋±△▲]\d)[^\w\s{_OPENING}{_LETTERS}])"
_LEADING_MARK = re.compile(rf"{LEADING_MARK}\s*(?=.)")
_HEADING_NUMBER = re.compile(
    rf"^(?:(?![△▲]\d)[{MARKS}・])?\s*(?:第{COUNT}(?:[編部章節款条]|項目?)(?:の\d+)?|[(（](?:[\d０-９]{{1,2}}|[ア-ンa-z])[)）]|[①-⒵]"
    r"|[\d０-９]{1,2}(?:[.．-][\d０-９]{1,2})*(?:[.．、]|(?=[\s\u3000]))|[ア-ン](?:[.．]|(?=[\s\u3000])))?[\s\u3000]*"
)


def leading_mark(text: str) -> str:
    """Return the bullet before a heading with the spaces after it, "" for none."""
    match = _LEADING_MARK.match(text)
    return match[0] if match else ""


def strip_heading_number(title: str) -> str:
    """Return a heading without its mark and number: ■(2) 補助の額 → 補助の額; 3歳児健診 is unchanged."""
    return _HEADING_NUMBER.sub("", title.strip()).strip() or title
