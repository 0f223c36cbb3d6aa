"""Turns titles underlined with ==== or ---- into Markdown headings."""

import re
from collections.abc import Sequence

from ingest.documents import Line
from ingest.japanese.sentences import ends_sentence
from ingest.structure.headings import LONGEST_LABEL


def mark_underlined_titles(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with titles over ==== or ---- written as Markdown headings (# and ##)."""
    blank = Line(0, "")
    result = list(lines)
    for i, (previous, title, rule) in enumerate(zip([blank, *lines], lines, lines[1:], strict=False)):
        mark = re.fullmatch(r"(=|-)\1{2,}", rule.text.strip())
        if mark and title.text.strip() and not previous.text.strip() and _may_be_title(title.text.strip()):
            result[i] = Line(title.number, f"{'#' if mark[1] == '=' else '##'} {title.text.strip()}", title.page)
    return result


def _may_be_title(text: str) -> bool:
    return len(text) <= LONGEST_LABEL and not ends_sentence(text) and not re.search(r"^[#|・*-]|[\t|:：]", text)
