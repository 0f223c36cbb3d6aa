"""Whether what is listed stands in the passage: items under a lead, and names strung together with commas."""

import re
from collections.abc import Iterator, Sequence

from bot.check.grounds import Grounds
from bot.check.names import squash
from bot.check.pieces import subject_words
from bot.check.statements import Statement
from ingest.tokenise import morphemes, words

_LONGEST_MEMBER = 30
# What comes before the first member and behind the last.
_HEAD = re.compile(r"^.*(?:は|には|として)(?=[^はを]+$)")
_TAIL = re.compile(r"(?:」?の\d|など|」?(?:が|を|で|に|から|によ|です|となって)).*$")
_FEWEST = 3
_MISSING = 0.34


def foreign_members(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield the members of a list of which too many words stand in no source."""
    told = frozenset().union(*(source.words for source in sources)) if sources else frozenset[str]()
    squashed = "".join(source.squashed for source in sources)
    for member in [statement.text] if statement.listed else strung(statement.text):
        name = member.split(":")[0].strip("「」。 ")
        if squash(name) in squashed:
            continue
        said = [word for word in dict.fromkeys(words(name)) if not word.isdigit()]
        missing = [word for word in said if word not in told and word not in squashed]
        if missing and len(missing) > _MISSING * len(said):
            yield f"「{name}」は出典の一覧にありません"


def strung(text: str) -> list[str]:
    """Return the members of 「…は、A、B、Cの3つです」: at least three nouns in a row, the last with what follows it."""
    parts = re.split(r"[、,](?!\d)", re.sub(r"\([^()]*\)", "", text))
    found: list[str] = []
    run: list[str] = []
    for part in parts:
        member = _HEAD.sub("", part)
        bare = _TAIL.sub("", member)
        run.append(bare.strip("「」。 "))
        if bare == member and _is_noun(member):
            continue
        if bare != member and len(run) >= _FEWEST:
            found += run
        run = []
    return [name for name in found if len(name) <= _LONGEST_MEMBER and subject_words(name)]


def _is_noun(part: str) -> bool:
    said = morphemes(part.rstrip("」"))
    return bool(said) and said[-1].is_noun and not any(m.pos[0] == "動詞" for m in said)
