"""Rewrites a follow-up that names a sibling heading of the one asked about before."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from bot.conversation.words import names_only_labels
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.structure.lists import heading_number

# What a heading is called stands before what is said of it: 教育 「学びを育む」.
_SAID_OF_IT = re.compile(r"[\s「『(:]")
_LONGEST = 12


def swap_heading(question: str, name: str, passages: Iterable[Passage], documents: Iterable[str]) -> str | None:
    """Return the question with `name` for the heading beside it that it names; None where it names none, or it.

    The headings are those of `passages`; what `documents` are called names these, also as a heading. What notices tell
    behind labels (料金, 対象) is told of each thing, and stands for none.
    """
    if not 1 < len(name) <= _LONGEST or name in question or names_only_labels(name):
        return None
    groups = defaultdict[tuple[str, tuple[str, ...]], set[str]](set)
    for doc_id, path in {(passage.doc_id, passage.path) for passage in passages}:
        for depth, heading in enumerate(path):
            groups[doc_id, path[:depth]] |= _names(heading)
    titles = "\n".join(documents)
    named = {other for names in groups.values() if name in names for other in names if other in question}
    beside = [other for other in named if other not in titles and not names_only_labels(other)]
    if name in titles or not beside:
        return None
    # What is asked of comes last: 年報の文化の分野.
    last = max(beside, key=lambda other: (question.rindex(other) + len(other), len(other)))
    return question.replace(last, name, 1)


@lru_cache(maxsize=4096)
def _names(heading: str) -> frozenset[str]:
    normal = nfkc(heading)
    own = _SAID_OF_IT.split(strip_heading_number(normal), maxsplit=1)[0]
    return frozenset(name for name in (own, heading_number(normal)) if 1 < len(name) <= _LONGEST)
