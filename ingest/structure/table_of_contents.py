"""Detects tables of contents."""

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.documents import Line
from ingest.structure.headings import heading

# After the first character of a line.
_LEADER = re.compile(r"(?<=.)(?:[.．・]{3}|[…‥]{2})\s*\d{1,3}$")
_ENTRY = re.compile(r"(?<=.)(?:[ 　.．・…‥]{2}|\s)\d{1,3}$")
# Minimum number of entries.
_MIN_ENTRIES = 3


def dot_leader_entries(lines: Sequence[Line]) -> list[int]:
    """Return the positions of entries with leader dots before non-decreasing page numbers: 期間……4."""
    places = [i for i, line in enumerate(lines) if _LEADER.search(line.text.strip())]
    numbers = [int(re.findall(r"\d+", lines[i].text)[-1]) for i in places]
    rises = all(a <= b for a, b in pairwise(numbers))
    return places if len(places) >= _MIN_ENTRIES and rises else []


def is_contents(group: Sequence[Line]) -> bool:
    """Whether a paragraph is a table of contents: most lines are headings that end in a page number."""
    numbered = [line for line in group if heading(line) or re.match(r"^\d{1,2}(?:\.\d{1,2})*\.?\s", line.text)]
    entries = [line for line in group if _ENTRY.search(line.text.strip())]
    return len(group) >= _MIN_ENTRIES and len(numbered) * 2 > len(group) and len(entries) * 2 > len(group)
