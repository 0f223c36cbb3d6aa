"""Whether what is listed stands in the passage: items under a lead, and names strung together with commas."""

import re
from collections.abc import Iterator, Sequence

from bot.check.grounds import Grounds
from bot.check.names import squash
from bot.check.pieces import subject_words
from bot.check.statements import Statement
from ingest.tokenise import words

_SHORTEST_MEMBER, _LONGEST_MEMBER = 2, 30
_FEWEST = 3
_MISSING = 0.34


def foreign_members(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the members of a list of which too many words stand in no source."""
    told = frozenset().union(*(source.words for source in sources)) if sources else frozenset[str]()
    squashed = "".join(source.squashed for source in sources)
    for member in [statement.text] if statement.listed else _strung(statement.text):
        name = member.split(":")[0].strip("「」。 ")
        if squash(name) in squashed:
            continue
        said = [word for word in dict.fromkeys(words(name)) if not word.isdigit()]
        missing = [word for word in said if word not in told and word not in squashed]
        if missing and len(missing) > _MISSING * len(said):
            yield f"「{name}」は出典の一覧にありません"


def _strung(text: str) -> Iterator[str]:
    """Yield the members of 「…は、A、B、Cの3つです」: three or more short nouns in a row."""
    body = re.sub(r"\([^()]*\)", "", text)
    parts = [part.strip("「」。 ") for part in re.split(r"[、,](?!\d)", body)]
    if len(parts) < _FEWEST:
        return
    for part in parts:
        member = re.sub(r"^.*(?:は|には)(?=[^はを]+$)", "", part)
        member = re.sub(r"(?:の\d+.*|など.*|(?:が|を|で|に|から|によ|となって|の各).*)$", "", member).strip("「」")
        if _SHORTEST_MEMBER <= len(member) <= _LONGEST_MEMBER and subject_words(member):
            yield member
