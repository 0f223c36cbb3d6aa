"""Finds slide titles if page breaks are lost: the lines after page numbers."""

from collections.abc import Mapping, Sequence

from ingest.documents import Line
from ingest.japanese.sentences import ends_sentence
from ingest.structure.blocks import Block
from ingest.structure.headings import LONGEST_LABEL, heading
from ingest.structure.line_marks import is_complete_line, line_kind, strip_line_mark
from ingest.structure.repeated_lines import PAGE_NUMBER

# Slide titles rank above all numbers on the slide and below Markdown headings.
_RANK = 90
# With fewer slides, titles are not recognisable.
_MIN_SLIDES = 3
# Minimum share of slides with a title; prose has sentences at the top of its pages.
_MIN_TITLE_SHARE = 2 / 3


def slide_titles(lines: Sequence[Line], dropped: Mapping[int, str]) -> frozenset[int]:
    """Return the line numbers of slide titles; `dropped` has the positions of page numbers with their reason.

    Empty if a slide has a numbered title, because then the numbers determine the hierarchy.
    """
    marks = [i for i, reason in dropped.items() if reason == PAGE_NUMBER]
    first = [line for i in sorted(marks) if (line := _below(lines, i, dropped))]
    titles = [line for line in first if _is_title(line)]
    numbered = any(heading(line) for line in first)
    enough = len(first) >= _MIN_SLIDES and len(titles) >= _MIN_TITLE_SHARE * len(first)
    return frozenset(line.number for line in titles) if enough and not numbered else frozenset()


def slide_title(line: Line) -> Block:
    """Return the heading for the title of a slide."""
    return Block("heading", strip_line_mark(line.text, "heading"), (line.number,), line.page, "slide", _RANK)


def _below(lines: Sequence[Line], position: int, dropped: Mapping[int, str]) -> Line | None:
    for i in range(position + 1, len(lines)):
        if dropped.get(i) == PAGE_NUMBER:
            return None
        if i not in dropped and lines[i].text.strip():
            return lines[i]
    return None


def _is_title(line: Line) -> bool:
    text = line.text.strip()
    if line_kind(line) != "text" or len(text) > LONGEST_LABEL or "\t" in text or ends_sentence(text):
        return False
    return is_complete_line(text) and "、" not in text
