"""Marks and numbers of list items and headings."""

import re

from ingest.japanese.notation import COUNT

CIRCLED = "①-⑳"
# Marks of list items in pages and model output.
BULLETS = "・•●○◎◆◇■□▪✓"
# Marks before titles; filled ones are outer, outlined ones inner.
FILLED, OUTLINED = "■◆●▼▲▶★", "□◇○▽△▷☆◎"
MARKS = FILLED + OUTLINED
# The number of a list item, in any width: 1. · 1） · (1) · ① · ア · (ア).
ORDINAL = (
    rf"(?:\d{{1,2}}(?:[.)]\s+|[．）]\s*)|[(（](?:\d{{1,2}}|[ア-ン])[)）]\s*|[{CIRCLED}]\s*|[ア-ン](?:[.)．）]\s*|\s+))"
)
# Beginning of a list item in an answer: a mark, or a number with a space.
ITEM_MARK = re.compile(rf"\s*(?:[-*+](?=\s)|[{BULLETS}]|\(?\d{{1,2}}[.)](?=\s)|[{CIRCLED}])\s*")
_HEADING_NUMBER = re.compile(
    rf"^[{MARKS}・]?\s*(?:第{COUNT}(?:[編部章節款条]|項目?)(?:の\d+)?|[(（](?:[\d０-９]{{1,2}}|[ア-ンa-z])[)）]|[①-⒵]"
    r"|[\d０-９]{1,2}(?:[.．-][\d０-９]{1,2})*(?:[.．、]|(?=[\s\u3000]))|[ア-ン](?:[.．]|(?=[\s\u3000])))?[\s\u3000]*"
)


def strip_heading_number(title: str) -> str:
    """Return a heading without its mark and number: ■(2) 補助の額 → 補助の額; 3歳児健診 is unchanged."""
    return _HEADING_NUMBER.sub("", title.strip()).strip() or title
