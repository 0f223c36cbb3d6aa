"""Builds the source line under an excerpt: document, heading and issuer."""

from bot.answering.languages import nest_quotes
from bot.answering.state import ServiceMessage, SourceLine, service_message
from ingest.blocks.speakers import is_member_name
from ingest.documents import Document, innermost_heading
from ingest.japanese.markers import leading_mark
from ingest.metadata.validity import LONGEST_HEADING, other_plan_heading

CONTINUED = SourceLine((service_message("goes_on"),))
"""Replaces the source line if the excerpt continues the section of the previous excerpt."""
PRECEDING = SourceLine((service_message("before"),))
"""Is above the text that precedes the answering excerpt; the source line of that excerpt is for both."""


def build_source_line(document: Document, path: tuple[str, ...], *, is_older: bool, with_issuer: bool) -> SourceLine:
    """Return the line that names document and heading of an excerpt; `is_older` if the document is superseded.

    A heading that says too little alone comes with its context heading. Bullets before headings are left out.
    """
    headings = [heading for heading in path if heading != document.title]
    heading = shorten_heading(headings[-1]) if headings and innermost_heading(path) != document.title else ""
    outer = shorten_heading(context_heading(document, path))
    segments = list[ServiceMessage]()
    if with_issuer and document.issuer:
        segments.append(service_message("of_issuer", issuer=document.issuer))
    if is_older:
        segments.append(service_message("older"))
    if not heading:
        segments.append(service_message("lead_of_document", title=document.title))
    elif not outer:
        segments.append(service_message("lead", title=document.title, heading=heading))
    else:
        segments.append(service_message("lead_within", title=document.title, outer=outer, heading=heading))
    return SourceLine(tuple(segments))


def context_heading(document: Document, path: tuple[str, ...]) -> str:
    """Return the outer heading without which the innermost heading of `path` is unclear, "" if it is clear.

    It is, in this order, a heading that names another plan or time than the document's; the council member whose
    question it is; the heading above a heading with a bullet (▽小児科 under ■二次救急).
    """
    headings = [heading for heading in path if heading != document.title]
    member = next(filter(is_member_name, headings[:-1]), "")
    has_bullet = len(headings) > 1 and bool(leading_mark(headings[-1]))
    return other_plan_heading(document, path) or member or (headings[-2] if has_bullet else "")


def strip_heading_mark(heading: str) -> str:
    """Return a heading without the bullet before it; a number is part of the heading."""
    return heading.removeprefix(leading_mark(heading))


def shorten_heading(heading: str) -> str:
    """Return a heading without its bullet, cut at the length of a heading, with quotation marks for within others."""
    heading = strip_heading_mark(heading)
    return nest_quotes(heading if len(heading) <= LONGEST_HEADING else f"{heading[:LONGEST_HEADING]}…")
