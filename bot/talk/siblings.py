"""Headings side by side: who asked of one of them, and then names another, means the same of that."""

import re
from collections import defaultdict
from collections.abc import Iterable

from bot.talk.words import names_labels
from ingest.documents import Passage
from ingest.lists import numbered_as
from ingest.normalise import nfkc
from ingest.structure import unnumbered

# What a heading is called stands before what is said of it: 教育 「学びを育む」.
_SAID_OF_IT = re.compile(r"[\s「『(:]")
_LONGEST = 12


class Siblings:
    """The headings of an index by their names, with those that stand under the same one; safe to share.

    What `documents` are called names these, also as a heading.
    """

    def __init__(self, passages: Iterable[Passage] = (), documents: Iterable[str] = ()) -> None:
        groups = defaultdict[tuple[str, tuple[str, ...]], set[str]](set)
        for doc_id, path in {(passage.doc_id, passage.path) for passage in passages}:
            for depth, heading in enumerate(path):
                groups[doc_id, path[:depth]] |= _names(nfkc(heading))
        self._beside = defaultdict[str, list[frozenset[str]]](list)
        titles = "\n".join(documents)
        for names in (frozenset(name for name in group if name not in titles) for group in groups.values()):
            for name in names if len(names) > 1 else ():
                self._beside[name].append(names)

    def __contains__(self, name: str) -> bool:
        """Whether a heading is called so that stands beside another."""
        return name in self._beside

    def exchanged(self, question: str, name: str) -> str | None:
        """Return the question with `name` for the heading beside it that it names; None where it names none, or it.

        What notices tell behind labels (料金, 対象) is told of each thing, and stands for none.
        """
        named = {other for names in self._beside.get(name, ()) for other in names if other in question}
        beside = [other for other in named if not names_labels(other)]
        if not beside or name in question or names_labels(name):
            return None
        # What is asked of comes last: 年報の文化の分野.
        last = max(beside, key=lambda other: (question.rindex(other) + len(other), len(other)))
        return question.replace(last, name, 1)


def _names(heading: str) -> set[str]:
    own = _SAID_OF_IT.split(unnumbered(heading), maxsplit=1)[0]
    return {name for name in (own, numbered_as(heading)) if 1 < len(name) <= _LONGEST}
