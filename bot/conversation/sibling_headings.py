"""Rewrites a follow-up that names a sibling heading of the one asked about before."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from bot.question.subject_words import names_only_labels
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import strip_heading_number
from ingest.structure.lists import heading_number

# Separates the name of a heading from its description: 教育 「学びを育む」.
_BEFORE_DESCRIPTION = re.compile(r"[\s「『(:]")
_MAX_NAME_LENGTH = 12


def swap_heading(question: str, name: str, passages: Iterable[Passage], documents: Iterable[str]) -> str | None:
    """Return the question with `name` in place of a sibling heading that it names; None if it names none.

    The headings are those of `passages`. Titles of `documents` and labels of notices (料金, 対象) are not replaced.
    """
    if not 1 < len(name) <= _MAX_NAME_LENGTH or name in question or names_only_labels(name):
        return None
    groups = defaultdict[tuple[str, tuple[str, ...]], set[str]](set)
    for doc_id, path in {(passage.doc_id, passage.path) for passage in passages}:
        for depth, heading in enumerate(path):
            groups[doc_id, path[:depth]] |= _names(heading)
    titles = "\n".join(documents)
    siblings = frozenset[str]().union(*(names for names in groups.values() if name in names))
    asked_headings = [
        other for other in siblings if other in question and other not in titles and not names_only_labels(other)
    ]
    if name in titles or not asked_headings:
        return None
    # The subject is named last: 年報の文化の分野.
    last = max(asked_headings, key=lambda other: (question.rindex(other) + len(other), len(other)))
    return question.replace(last, name, 1)


@lru_cache(maxsize=4096)
def _names(heading: str) -> frozenset[str]:
    normal = nfkc(heading)
    title = _BEFORE_DESCRIPTION.split(strip_heading_number(normal), maxsplit=1)[0]
    return frozenset(name for name in (title, heading_number(normal)) if 1 < len(name) <= _MAX_NAME_LENGTH)
