"""The line that names what an excerpt is of, in the asker's language."""

from bot.claims import unmarked
from bot.languages import quoted, say
from bot.validity import LONGEST_HEADING, tells_of
from ingest.documents import Document, Passage


def lead(document: Document, passage: Passage, language: str, *, older: bool, of_issuer: bool) -> str:
    """Return the line that names document and heading of an excerpt; `older` where its document has been replaced.

    Before a heading stands the outer one that tells of another plan or time than the document.
    """
    heading = _short(passage.section) if passage.section != document.title else ""
    outer = _short(tells_of(document, passage.path))
    issuer = say("of_issuer", language, issuer=document.issuer) if of_issuer and document.issuer else ""
    before = issuer + (say("older", language) if older else "")
    if not heading:
        return before + say("lead_of_document", language, title=document.title)
    within = {"key": "lead_within", "outer": outer} if outer else {"key": "lead"}
    return before + say(language=language, title=document.title, heading=heading, **within)


def _short(heading: str) -> str:
    return unmarked(quoted(heading if len(heading) <= LONGEST_HEADING else f"{heading[:LONGEST_HEADING]}…"))
