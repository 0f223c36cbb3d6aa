"""Finds the names of issuers and of other towns in questions."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from ingest.documents import Document
from ingest.japanese.normal_forms import nfkc
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import morphemes

Span = tuple[int, int]
_MUNICIPALITY_SUFFIXES = frozenset("都府県市区町村")
# After the name of a town: it is an origin, a destination or a partner, not the town asked about.
_NOT_THE_SUBJECT = re.compile(r"から|へ|まで|より|と|や|を|に(?![はおも])|民")


class Issuers:
    """The names of issuers with and without their suffix (倉敷市, 倉敷), to find them in questions."""

    def __init__(self, documents: Iterable[Document]) -> None:
        documents = tuple(documents)
        issuers = {document.issuer for document in documents if document.issuer}
        self._are_all_known = bool(documents) and all(document.issuer for document in documents)
        self._document_names = nfkc("\n".join(name for d in documents for name in (d.issuer, d.title, *d.aliases)))
        self._patterns = {issuer: _issuer_pattern(issuer) for issuer in sorted(issuers, key=len, reverse=True)}
        self.has_several = len(issuers) > 1

    def find_issuers(self, text: str, covered: Sequence[Span] = ()) -> tuple[frozenset[str], tuple[Span, ...]]:
        """Return the issuers that the text names outside of the `covered` spans, and the spans of their names."""
        names = dict[str, list[Span]]()
        covered_spans = Spans(covered)
        for issuer, pattern in self._patterns.items():
            for match in pattern.finditer(text):
                if not covered_spans.meet(match.start(), match.start() + 1):
                    names.setdefault(issuer, []).append(match.span())
        return frozenset(names), tuple(span for spans in names.values() for span in spans)

    def find_absent_towns(self, text: str, covered: Sequence[Span]) -> Mapping[str, Span]:
        """Return the towns that a question is about and that issued none of the documents, each with its span.

        `covered` are the spans of names that are already recognised. Nothing is returned if the issuer of a document
        is unknown.
        """
        if not self._are_all_known:
            return {}
        covered_spans = Spans(covered)
        towns = {
            text[start:end]: (start, end) for start, end in _town_spans(text) if not covered_spans.meet(start, end)
        }
        return {town: span for town, span in towns.items() if town not in self._document_names}

    def find_towns(self, text: str) -> tuple[frozenset[str], tuple[Span, ...]]:
        """Return the towns that the text names, issuers and absent ones, and the spans of their names."""
        issuers, spans = self.find_issuers(text)
        absent_towns = self.find_absent_towns(text, spans)
        return issuers | absent_towns.keys(), (*spans, *absent_towns.values())


def named_towns(text: str, towns: Iterable[str]) -> frozenset[str]:
    """Return the `towns` that normalised `text` names, with or without their suffix (市, 町)."""
    return frozenset(town for town in towns if _issuer_pattern(town).search(text))


def _town_spans(text: str) -> list[Span]:
    compound_starts = {m.start for m in morphemes(text, "C")}
    towns = dict[int, int]()
    start = 0
    for morpheme, suffix in pairwise(morphemes(text)):
        if morpheme.start in compound_starts:
            start = morpheme.start
        is_town = "地名" in morpheme.pos and suffix.surface in _MUNICIPALITY_SUFFIXES
        if is_town and not _NOT_THE_SUBJECT.match(text, suffix.end):
            towns[start] = suffix.end
    return list(towns.items())


@lru_cache(maxsize=1024)
def _issuer_pattern(issuer: str) -> re.Pattern[str]:
    name = nfkc(issuer)
    stem = re.sub(r"(?<=.)[都道府県市区町村]$", "", name)
    suffix = name[len(stem) :]
    # A stem in hiragana may be part of any word, so its suffix is required.
    is_optional = bool(suffix) and not re.fullmatch(r"[ぁ-ゖー]+", stem)
    short = re.escape(stem) + suffix + ("?" if is_optional else "")
    prefecture = r"(?:[一-龥]{2,3}[都道府県])?"
    return re.compile(rf"(?<![一-龥ァ-ヶー]){prefecture}{short}(?:内|役所)?(?![一-龥ァ-ヶー々A-Za-z])の?")
