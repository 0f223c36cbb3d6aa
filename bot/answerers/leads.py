"""What the service itself says around the words of documents, in the asker's language."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from bot.claims import unmarked
from bot.query.language import JAPANESE
from ingest.documents import Document, Passage

# A longer heading is a sentence of its own, and is cut.
_LONGEST_HEADING = 40


def say(key: str, language: str = JAPANESE, **names: str) -> str:
    """Return the text called `key` of leads.toml in a language, with `names` put in; in Japanese where it has none."""
    texts = _texts()
    return texts.get(language, texts[JAPANESE])[key].format(**names)


def lead(document: Document, passage: Passage, language: str, *, older: bool, of_issuer: bool) -> str:
    """Return the line that names document and heading of an excerpt; `older` where its document has been replaced."""
    heading = passage.section if passage.section != document.title else ""
    heading = unmarked(heading if len(heading) <= _LONGEST_HEADING else heading[:_LONGEST_HEADING] + "…")
    issuer = say("of_issuer", language, issuer=document.issuer) if of_issuer and document.issuer else ""
    before = issuer + (say("older", language) if older else "")
    if not heading:
        return before + say("lead_of_document", language, title=document.title)
    return before + say("lead", language, title=document.title, heading=heading)


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("bot.answerers").joinpath("leads.toml").read_text("utf-8"))
