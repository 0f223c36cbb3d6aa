"""The line that names what an excerpt is of, in the asker's language."""

from bot.claims import unmarked
from bot.languages import say
from ingest.documents import Document, Passage

# A longer heading is a sentence of its own, and is cut.
_LONGEST_HEADING = 40


def lead(document: Document, passage: Passage, language: str, *, older: bool, of_issuer: bool) -> str:
    """Return the line that names document and heading of an excerpt; `older` where its document has been replaced."""
    heading = passage.section if passage.section != document.title else ""
    heading = unmarked(heading if len(heading) <= _LONGEST_HEADING else heading[:_LONGEST_HEADING] + "…")
    issuer = say("of_issuer", language, issuer=document.issuer) if of_issuer and document.issuer else ""
    before = issuer + (say("older", language) if older else "")
    if not heading:
        return before + say("lead_of_document", language, title=document.title)
    return before + say("lead", language, title=document.title, heading=heading)
