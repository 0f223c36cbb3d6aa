"""The line that names what an excerpt is of, in the asker's language."""

import re

from bot.claims import unmarked
from bot.languages import quoted, say
from bot.validity import LONGEST_HEADING, tells_of
from ingest.documents import Document, Passage
from ingest.structure.speeches import is_asked, is_member

# A mark before a heading, which a number is not.
_MARK = re.compile(r"^[^\w\s「『(（【〔［\[<＜]\s*(?=.)")


def lead(document: Document, passage: Passage, language: str, *, older: bool, of_issuer: bool) -> str:
    """Return the line that names document and heading of an excerpt; `older` where its document has been replaced.

    Before a heading stands the one that it is `named_with`. Marks are left out.
    """
    headings = [heading for heading in passage.path if heading != document.title]
    heading = _short(headings[-1]) if headings and passage.section != document.title else ""
    outer = _short(named_with(document, passage.path))
    issuer = say("of_issuer", language, issuer=document.issuer) if of_issuer and document.issuer else ""
    before = issuer + (say("older", language) if older else "")
    if not heading:
        return before + say("lead_of_document", language, title=document.title)
    within = {"key": "lead_within", "outer": outer} if outer else {"key": "lead"}
    return before + say(language=language, title=document.title, heading=heading, **within)


def named_with(document: Document, path: tuple[str, ...]) -> str:
    """Return the outer heading of `path` without which the innermost says too little; "" where that says enough.

    It is the one that tells of another plan or time than the document; else, over what a member of a council asks, who
    that is; else, where a mark instead of a number makes the innermost a part of something (▽小児科), the one above it,
    which says of what (■二次救急).
    """
    headings = [heading for heading in path if heading != document.title]
    asking = next(filter(is_member, headings[:-1]), "") if is_asked(path) else ""
    is_part = len(headings) > 1 and bool(_MARK.match(headings[-1]))
    return tells_of(document, path) or asking or (headings[-2] if is_part else "")


def without_mark(heading: str) -> str:
    """Return a heading without the mark before it."""
    return _MARK.sub("", heading)


def _short(heading: str) -> str:
    heading = without_mark(heading)
    return unmarked(quoted(heading if len(heading) <= LONGEST_HEADING else f"{heading[:LONGEST_HEADING]}…"))
