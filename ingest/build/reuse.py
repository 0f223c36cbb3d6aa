"""Compares a build with the newest undamaged generation: whether it is equal, and which documents are."""

from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ingest.configuration.settings import Settings
from ingest.documents import Document
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
from ingest.index.passages import ParsedDocuments
from ingest.index.vector_store import VectorStore


@dataclass(frozen=True, slots=True)
class UnchangedDocuments:
    """The ids of documents that are the same in an earlier index, and that index's `folder` (None without one)."""

    folder: Path | None
    documents: frozenset[str]


@dataclass(frozen=True, slots=True)
class PreviousGeneration:
    """The newest intact generation, normally the active one; None if there is none."""

    settings: Settings
    generation: Generation | None
    documents: ParsedDocuments

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
    def kept_names(self) -> set[str | None]:
        """The names of this generation and of the generation that it replaced."""
        return {self.generation.name, self.generation.previous} if self.generation else set()

    def has_recipe(self, basis: IndexBasis) -> bool:
        """Whether this generation was built by the same code as `basis`."""
        return self.generation is not None and self.generation.basis.recipe == basis.recipe

    def would_equal(
        self, basis: IndexBasis, new_documents: Sequence[Document], left_out: Sequence[SkippedFile]
    ) -> bool:
        """Whether a build with these inputs would give the same index."""
        if self.generation is None or self.generation.basis != basis:
            return False
        indexed = [(document.id, document.digest) for document in self.documents.documents]
        skipped, skipped_before = (
            [(file.id, file.digest, file.file) for file in files] for files in (left_out, self.generation.left_out)
        )
        return indexed == [(document.id, document.digest) for document in new_documents] and skipped == skipped_before

    def find_unchanged(self, documents: ParsedDocuments, basis: IndexBasis) -> UnchangedDocuments:
        """Return the documents that are the same, with what staff have edited."""
        if self.generation is None or not self.has_recipe(basis):
            return UnchangedDocuments(None, frozenset())
        previous = set(self.documents.documents)
        unchanged = frozenset(document.id for document in documents.documents if document in previous)
        return UnchangedDocuments(generation_folder(self.settings.data, self.generation.name), unchanged)


def _verify(settings: Settings, generation: Generation) -> None:
    verify_checksums(settings, generation)
    if generation.basis.on_server and settings.chroma_url:
        folder = generation_folder(settings.data, generation.name)
        with closing(VectorStore.open(settings.chroma_url, folder, generation.name)) as store:
            if len(store) != generation.passages:
                raise damaged_index_error(generation.name)
