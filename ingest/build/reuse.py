"""Determines what a build reuses from the newest undamaged generation."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Self

from ingest.build.embedding import EncodedTexts
from ingest.build.hooks import UnchangedDocuments
from ingest.configuration.settings import Settings
from ingest.documents import Document
from ingest.embedding.words.lexicon import Lexicon
from ingest.errors import NoIndexError
from ingest.index.generation import (
    Basis,
    Generation,
    SkippedFile,
    damaged_index_error,
    earlier_generations,
    generation_folder,
    load_generation,
    load_readings,
    verify_checksums,
)
from ingest.index.keyword import KeywordIndex
from ingest.index.passages import LazyReading, Readings
from ingest.index.vector_store import VectorStore
from ingest.index.word_counting import EarlierWords, PassageWords
from ingest.terms.flow import Flow

# Share of the passages that may have come or gone before the meanings of words are learned anew: with a tenth of a
# city's FAQ added so, recall@10 by words alone is .867, after a full build .862 ± .017 (decision 005).
_STALE = 0.2


@dataclass(frozen=True, slots=True)
class PreviousGeneration:
    """The newest whole generation, which is the one in service unless that is damaged; None where there is none."""

    settings: Settings
    generation: Generation | None
    readings: Readings

    @property
    def kept(self) -> set[str | None]:
        """The names of this generation and of the one that was in service before it."""
        return {self.generation.name, self.generation.previous} if self.generation else set()

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Look at every file of the generation in service and, where one is damaged, at those of the ones before it."""
        found: list[Generation] = []
        with suppress(NoIndexError):
            found.append(load_generation(settings))
        for generation in (*found, *earlier_generations(settings)):
            with suppress(NoIndexError):
                _check(settings, generation)
                return cls(settings, generation, load_readings(settings, generation))
        return cls.for_first_build(settings)

    @classmethod
    def for_first_build(cls, settings: Settings) -> Self:
        """Return what there is before the first build."""
        return cls(settings, None, Readings(()))

    @property
    def left_out(self) -> tuple[SkippedFile, ...]:
        """The files that could not be read."""
        return self.generation.left_out if self.generation else ()

    def equals(self, basis: Basis, documents: Sequence[Document], left_out: Sequence[SkippedFile]) -> bool:
        """Whether building `documents` on `basis`, with these files left out, would give the same index again."""
        if self.generation is None or self.generation.basis != basis:
            return False
        held = [(document.id, document.digest) for document in self.readings.documents]
        missing, missed = ([(one.id, one.digest, one.file) for one in some] for some in (left_out, self.left_out))
        return held == [(document.id, document.digest) for document in documents] and missing == missed

    def reading(self, document: Document, basis: Basis) -> LazyReading | None:
        """Return what was understood of `document`, unless it or the way of reading changed since."""
        if not self._is_same(basis):
            return None
        kept = self.readings.find(document.id)
        # The digest covers all of the entry but a title that nobody said, which is read with the rest.
        return kept if kept and kept.document.digest == document.digest else None

    def unchanged(self, readings: Readings, basis: Basis) -> UnchangedDocuments:
        """Return which of `readings` are as they were, all that decides how they are indexed included."""
        if self.generation is None or not self._is_same(basis):
            return UnchangedDocuments(None, frozenset())
        same = (one.document.id for one in readings.kept if self._is_unchanged(one))
        return UnchangedDocuments(generation_folder(self.settings.data, self.generation.name), frozenset(same))

    def _is_unchanged(self, kept: LazyReading) -> bool:
        """Whether a document and all that was understood of it is as it was."""
        before = self.readings.find(kept.document.id)
        if before is None or before.document != kept.document:
            return False
        return before.whole is kept.whole or before.whole() == kept.whole()

    def reusable_words(self, readings: Readings, unchanged: UnchangedDocuments, basis: Basis) -> "ReusableWords":
        """Return what was learned of those of `readings` that are `unchanged`, and of their words."""
        size = sum(one.passages for one in readings.kept)
        if self.generation is None or not self._is_same(basis):
            return ReusableWords(EarlierWords.for_first_build(), None, size)
        folder, rows, first = generation_folder(self.settings.data, self.generation.name), {}, 0
        for one in self.readings.kept:
            if one.document.id in unchanged.documents:
                rows[one.document.id] = range(first, first + one.passages)
            first += one.passages
        same = sum(map(len, rows.values()))
        moved = self.generation.moved + (size - same) + (first - same)
        keyword = KeywordIndex.load(folder / "keyword", self.generation.passages)
        words = PassageWords(keyword.vocabulary, Flow.load(folder / "flow"), Flow.load(folder / "letters"))
        stays = self.generation.basis.adapted and moved <= _STALE * size
        lexicon = Lexicon.load(folder / "lexicon", keyword.numbers) if stays else None
        return ReusableWords(EarlierWords(words, rows), lexicon, moved)

    def _is_same(self, basis: Basis) -> bool:
        return self.generation is not None and self.generation.basis.recipe == basis.recipe

    def vectors(self, basis: Basis) -> EncodedTexts | None:
        """Return the vectors and what they are of; None where another encoder made them."""
        if self.generation is None:
            return None
        made = self.generation.basis
        if (made.encoder, made.fingerprint) != (basis.encoder, basis.fingerprint):
            return None
        if made.passage_prefix != basis.passage_prefix:
            return None
        return EncodedTexts.from_index(generation_folder(self.settings.data, self.generation.name))


@dataclass(frozen=True, slots=True)
class ReusableWords:
    """What need not be learned again: words, and the meanings of words where these may stay.

    `moved` counts the passages that came or went since the meanings were learned.
    """

    earlier: EarlierWords
    lexicon: Lexicon | None
    moved: int


def _check(settings: Settings, generation: Generation) -> None:
    """Raise DamagedIndexError where a file is altered, or a vector is not on the Chroma server any more."""
    verify_checksums(settings, generation)
    if generation.basis.on_server and settings.chroma_url:
        folder = generation_folder(settings.data, generation.name)
        with closing(VectorStore.open(settings.chroma_url, folder, generation.name)) as store:
            if len(store) != generation.passages:
                raise damaged_index_error(generation.name)
