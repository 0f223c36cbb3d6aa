"""Determines what a build reuses from the newest undamaged generation."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Self

from ingest.build.embedding import EncodedTexts
from ingest.build.hooks import UnchangedDocuments
from ingest.configuration.settings import Settings
from ingest.documents import Document
from ingest.embedding.words.word_lexicon import Lexicon
from ingest.errors import NoIndexError
from ingest.index.generation import (
    Generation,
    IndexBasis,
    SkippedFile,
    damaged_index_error,
    earlier_generations,
    generation_folder,
    load_documents,
    load_generation,
    verify_checksums,
)
from ingest.index.keyword import KeywordIndex
from ingest.index.passages import LazyDocument, ParsedDocuments
from ingest.index.vector_store import VectorStore
from ingest.index.word_counting import KnownWords, PassageWords
from ingest.terms.flow import Flow

# Share of passages that may change before word vectors are trained again: with a tenth of a city's FAQ added, recall@10
# by words alone is .867, after a full build .862 ± .017 (decision 005).
_STALE_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class PreviousGeneration:
    """The newest intact generation, normally the active one; None if there is none."""

    settings: Settings
    generation: Generation | None
    documents: ParsedDocuments

    @property
    def kept_names(self) -> set[str | None]:
        """The names of this generation and of the generation that it replaced."""
        return {self.generation.name, self.generation.previous} if self.generation else set()

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """Verify the active generation and, if it is damaged, the earlier ones."""
        active: list[Generation] = []
        with suppress(NoIndexError):
            active.append(load_generation(settings))
        for generation in (*active, *earlier_generations(settings)):
            with suppress(NoIndexError):
                _verify(settings, generation)
                return cls(settings, generation, load_documents(settings, generation))
        return cls.empty(settings)

    @classmethod
    def empty(cls, settings: Settings) -> Self:
        """Return the state before the first build."""
        return cls(settings, None, ParsedDocuments(()))

    @property
    def left_out(self) -> tuple[SkippedFile, ...]:
        """The files that could not be read."""
        return self.generation.left_out if self.generation else ()

    def would_equal(
        self, basis: IndexBasis, new_documents: Sequence[Document], left_out: Sequence[SkippedFile]
    ) -> bool:
        """Whether a build with these inputs would give the same index."""
        if self.generation is None or self.generation.basis != basis:
            return False
        indexed = [(document.id, document.digest) for document in self.documents.documents]
        skipped, skipped_before = (
            [(file.id, file.digest, file.file) for file in files] for files in (left_out, self.left_out)
        )
        return indexed == [(document.id, document.digest) for document in new_documents] and skipped == skipped_before

    def reusable_document(self, document: Document, basis: IndexBasis) -> LazyDocument | None:
        """Return the content of `document`, None if it or the recipe changed."""
        if not self._has_same_recipe(basis):
            return None
        reused_document = self.documents.find(document.id)
        # The digest covers the entry, but not a title that is read from the file.
        return reused_document if reused_document and reused_document.document.digest == document.digest else None

    def find_unchanged(self, documents: ParsedDocuments, basis: IndexBasis) -> UnchangedDocuments:
        """Return the unchanged documents, with everything that determines their indexing."""
        if self.generation is None or not self._has_same_recipe(basis):
            return UnchangedDocuments(None, frozenset())
        unchanged = (item.document.id for item in documents.items if self._is_unchanged(item))
        return UnchangedDocuments(generation_folder(self.settings.data, self.generation.name), frozenset(unchanged))

    def _is_unchanged(self, item: LazyDocument) -> bool:
        previous = self.documents.find(item.document.id)
        if previous is None or previous.document != item.document:
            return False
        return previous.load is item.load or previous.load() == item.load()

    def reusable_words(
        self, documents: ParsedDocuments, unchanged: UnchangedDocuments, basis: IndexBasis
    ) -> "ReusableWords":
        """Return the words of unchanged documents, and the lexicon if it is still current."""
        size = sum(item.passage_count for item in documents.items)
        if self.generation is None or not self._has_same_recipe(basis):
            return ReusableWords(KnownWords.empty(), None, size)
        folder = generation_folder(self.settings.data, self.generation.name)
        rows = {}
        first = 0
        for item in self.documents.items:
            if item.document.id in unchanged.documents:
                rows[item.document.id] = range(first, first + item.passage_count)
            first += item.passage_count
        reused_count = sum(map(len, rows.values()))
        moved_count = self.generation.moved + (size - reused_count) + (first - reused_count)
        keyword = KeywordIndex.load(folder / "keyword", self.generation.passages)
        words = PassageWords(keyword.vocabulary, Flow.load(folder / "flow"), Flow.load(folder / "letters"))
        is_current = self.generation.basis.adapted and moved_count <= _STALE_SHARE * size
        lexicon = Lexicon.load(folder / "lexicon", keyword.term_numbers) if is_current else None
        return ReusableWords(KnownWords(words, rows), lexicon, moved_count)

    def _has_same_recipe(self, basis: IndexBasis) -> bool:
        return self.generation is not None and self.generation.basis.recipe == basis.recipe

    def vectors(self, basis: IndexBasis) -> EncodedTexts | None:
        """Return the vectors, None if they were made by another encoder."""
        if self.generation is None:
            return None
        basis_before = self.generation.basis
        if (basis_before.encoder, basis_before.fingerprint) != (basis.encoder, basis.fingerprint):
            return None
        if basis_before.passage_prefix != basis.passage_prefix:
            return None
        return EncodedTexts.from_index(generation_folder(self.settings.data, self.generation.name))


@dataclass(frozen=True, slots=True)
class ReusableWords:
    """Words that need no counting, and the lexicon if it needs no training."""

    known_words: KnownWords
    lexicon: Lexicon | None
    moved: int


def _verify(settings: Settings, generation: Generation) -> None:
    verify_checksums(settings, generation)
    if generation.basis.on_server and settings.chroma_url:
        folder = generation_folder(settings.data, generation.name)
        with closing(VectorStore.open(settings.chroma_url, folder, generation.name)) as store:
            if len(store) != generation.passages:
                raise damaged_index_error(generation.name)
