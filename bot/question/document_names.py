"""Finds the names of documents in questions."""

import re
from collections.abc import Iterable
from functools import lru_cache

from ingest.documents import Document
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.spans import Spans


class DocumentNames:
    """The spellings of documents' names, to find them in questions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self._ids_by_spelling = dict[str, set[str]]()
        for document in documents:
            for name in (document.title, *document.aliases):
                for spelling in _spellings(name, document.issuer):
                    self._ids_by_spelling.setdefault(spelling, set()).add(document.id)
        # Comparing characters first is much faster than a pattern for each spelling.
        self._without_no = [(spelling.replace("の", ""), spelling) for spelling in self._ids_by_spelling]

    def find_in(self, text: str) -> tuple[frozenset[str], tuple[tuple[int, int], ...]]:
        """Return the documents that the text names, and the spans of their names.

        The longest spelling wins a span. A spelling that is part of another document's title names a family of
        documents (DXアクションプラン, of which there is a 2.0): its span counts, but it names no document, unless the
        text names that other document too.
        """
        characters = re.sub(r"[\sの]", "", text).casefold()
        candidates = (spelling for without_no, spelling in self._without_no if without_no in characters)
        named = set[str]()
        spans = list[tuple[int, int]]()
        covered = Spans()
        longer_spellings = set[str]()
        for spelling in sorted(candidates, key=lambda candidate: (-len(candidate), candidate)):
            pattern = r"\s*の?\s*".join(map(re.escape, spelling))  # 第2回会議 is 第2回の会議 too
            matches = re.finditer(rf"(?<![\da-z.]){pattern}(?![\d]|\.\d)", text, re.IGNORECASE)
            free_spans = [match.span() for match in matches if not covered.meet(*match.span())]
            if not free_spans:
                continue
            for span in free_spans:
                covered.add(*span)
            spans += free_spans
            family = self._spellings_of_others(spelling)
            if not family or family & longer_spellings:
                named |= self._ids_by_spelling[spelling]
            longer_spellings.add(spelling)
        return frozenset(named), tuple(spans)

    def _spellings_of_others(self, spelling: str) -> set[str]:
        ids = self._ids_by_spelling[spelling]
        return {other for other, other_ids in self._ids_by_spelling.items() if spelling in other and other_ids - ids}


@lru_cache(maxsize=100_000)
def _spellings(name: str, issuer: str) -> frozenset[str]:
    """Return the spellings of a name in questions: without spaces, the issuer, or a final bracket.

    A numbered paper (第4回会議資料) is also spelled without 資料.
    """
    full = comparison_key(name)
    plain = re.sub(r"\([^()]*\)$|の?(?:本編|概要版?)$", "", full)
    if any(character.isdigit() for character in full):  # without a number, DX会議 is the body and not its paper
        plain = re.sub(r"の?資料$", "", plain)
    issuer_name = nfkc(issuer).casefold()
    without_issuer = plain.replace(issuer_name, "") if issuer_name else plain
    return frozenset(spelling for spelling in (full, plain, without_issuer) if len(spelling) > 1)
