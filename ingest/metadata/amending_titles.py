"""Recognises the titles of ordinances and of documents that amend or repeal them."""

import re
from dataclasses import dataclass

from ingest.japanese import normalise_without_spaces

RULE_TITLE = re.compile(r"(?:条例|規則|要綱|要領|規程|細則|要項|内規)$")
"""The ending of the title of an ordinance, rule or outline."""
# X条例の一部を改正する条例; the last word is the kind of the amending document.
_AMENDING_TITLE = re.compile(
    r"^(?P<title>.+)(?:一部|全部)(?:を|の)?改正(?:する|について|に関する|の|$|\()|^(?P<repealed>.+?)(?:を廃止する|の廃止)"
)
_COLLECTIVE = re.compile(r"(?:整備|整理)に関する(?:条例|規則|要綱|規程)$")
_QUOTED = re.compile(r"[「『]([^「」『』]+)[」』]")


@dataclass(frozen=True, slots=True)
class AmendingTitle:
    """What the title of an amending document says: the title of the amended one."""

    title: str
    is_repeal: bool = False


def read_amending_title(title: str) -> AmendingTitle | None:
    """Return the amended title that the title of an amending document names; None for any other title."""
    text = normalise_without_spaces(title)
    if _COLLECTIVE.search(text):
        return AmendingTitle("")
    match = _AMENDING_TITLE.match(text)
    if match is None:
        return None
    name = match["repealed"] or match["title"].removesuffix("の")
    quoted = _QUOTED.search(name)
    return AmendingTitle(quoted[1] if quoted else name, bool(match["repealed"]))


def same_title(title: str, other: str, issuer: str) -> bool:
    """Whether two titles name the same document; the municipality's name may be left out."""
    return base_title(title, issuer) == base_title(other, issuer)


def base_title(title: str, issuer: str) -> str:
    """Return a title for comparison, without the issuer at its start and a number in brackets at its end."""
    text = normalise_without_spaces(title)
    text = re.sub(r"\([^()]*\)$", "", text)
    compact_issuer = normalise_without_spaces(issuer)
    return text.removeprefix(compact_issuer) if compact_issuer else text
