"""Builds the source line above an excerpt: document, heading and issuer."""

import re

from bot.languages import nest_quotes
from bot.state import SourceLine, message
from ingest.documents import Document, innermost_heading
from ingest.metadata.validity import LONGEST_HEADING, other_plan_heading
from ingest.structure.speeches import is_member, is_question_section

# A mark before a heading, which a number is not.
_MARK = re.compile(r"^[^\w\s「『(（【〔［\[<＜]\s*(?=.)")


CONTINUED = SourceLine((message("goes_on"),))
"""Takes the place of a source line where the section shown last goes on."""


def build_source_line(document: Document, path: tuple[str, ...], *, is_older: bool, with_issuer: bool) -> SourceLine:
    """Return the line that names document and heading of an excerpt; `is_older` if its document has been replaced.

    A heading that says too little alone comes with its context heading. Marks before headings are left out.
    """
    headings = [heading for heading in path if heading != document.title]
    heading = _shorten(headings[-1]) if headings and innermost_heading(path) != document.title else ""
    outer = _shorten(context_heading(document, path))
    before = (
        *((message("of_issuer", issuer=document.issuer),) if with_issuer and document.issuer else ()),
        *((message("older"),) if is_older else ()),
    )
    if not heading:
        return SourceLine((*before, message("lead_of_document", title=document.title)))
    if not outer:
        return SourceLine((*before, message("lead", title=document.title, heading=heading)))
    return SourceLine((*before, message("lead_within", title=document.title, outer=outer, heading=heading)))


def context_heading(document: Document, path: tuple[str, ...]) -> str:
    """Return the outer heading of `path` without which the innermost says too little; "" where that says enough.

    It is the one that tells of another plan or time than the document; else, over what a member of a council asks, who
    that is; else, where a mark instead of a number makes the innermost a part of something (▽小児科), the one above it,
    which says of what (■二次救急).
    """
    headings = [heading for heading in path if heading != document.title]
    asking = next(filter(is_member, headings[:-1]), "") if is_question_section(path) else ""
    is_part = len(headings) > 1 and bool(_MARK.match(headings[-1]))
    return other_plan_heading(document, path) or asking or (headings[-2] if is_part else "")


def strip_heading_mark(heading: str) -> str:
    """Return a heading without the mark before it."""
    return _MARK.sub("", heading)


def _shorten(heading: str) -> str:
    heading = strip_heading_mark(heading)
    return nest_quotes(heading if len(heading) <= LONGEST_HEADING else f"{heading[:LONGEST_HEADING]}…")
