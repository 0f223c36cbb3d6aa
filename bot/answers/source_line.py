"""Builds the source line above an excerpt: document, heading and issuer."""

import re

from bot.languages import message_text, nest_quotes
from bot.verification import escape_marks
from ingest.documents import Document, Passage
from ingest.metadata.validity import LONGEST_HEADING, other_plan_heading
from ingest.structure.speeches import is_member, is_question_section

# A mark before a heading, which a number is not.
_MARK = re.compile(r"^[^\w\s「『(（【〔［\[<＜]\s*(?=.)")


def build_source_line(document: Document, passage: Passage, language: str, *, older: bool, of_issuer: bool) -> str:
    """Return the line that names document and heading of an excerpt; `older` where its document has been replaced.

    Before a heading stands the one that it is `named_with`. Marks are left out.
    """
    headings = [heading for heading in passage.path if heading != document.title]
    heading = _short(headings[-1]) if headings and passage.section != document.title else ""
    outer = _short(context_heading(document, passage.path))
    issuer = message_text("of_issuer", language, issuer=document.issuer) if of_issuer and document.issuer else ""
    before = issuer + (message_text("older", language) if older else "")
    if not heading:
        return before + message_text("lead_of_document", language, title=document.title)
    within = {"key": "lead_within", "outer": outer} if outer else {"key": "lead"}
    return before + message_text(language=language, title=document.title, heading=heading, **within)


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


def _short(heading: str) -> str:
    heading = strip_heading_mark(heading)
    return escape_marks(nest_quotes(heading if len(heading) <= LONGEST_HEADING else f"{heading[:LONGEST_HEADING]}…"))
