"""One opened index generation: documents, passages, keyword index and vectors, read-only."""

from collections.abc import Callable, Collection, Iterable, Iterator
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.configuration.settings import Settings
from ingest.documents import Document, Passage
from ingest.embedding.words.word_lexicon import Lexicon, concatenate_vectors
from ingest.errors import EncoderChangedError, StorageError
from ingest.index.generation import (
    Generation,
    GenerationLock,
    current_name,
    damaged_index_error,
    generation_folder,
    load_generation,
    verify_checksums,
)
from ingest.index.keyword import KeywordIndex
from ingest.index.originals import original_path
from ingest.index.passages import PassageStore
from ingest.index.vector_store import VectorStore, missing_vectors
from ingest.publications import Publications
from ingest.terms.flow import PassageTerms

__all__ = ["ARRAYS_FILE", "WORDS_FILE", "Index", "current_name", "open_generation", "open_index"]

ARRAYS_FILE = "arrays.npz"
"""The arrays of a generation, by the names that `Index` reads."""
WORDS_FILE = "words.json"
# Sample size for the median cosine of a large index: 10 to 20 MB.
_SAMPLE_SIZE = 10_000


class Index(PassageStore):
    """The searchable content of a generation: passages in source order, found by words or by meaning.

    Thread-safe. It stays open when another generation becomes active; compare `current_name` to reopen.
    """

    def __init__(self, generation: Generation, folder: Path, vector_store: VectorStore, lock: GenerationLock) -> None:
        super().__init__(folder)
        self.generation = generation
        self._lock = lock
        # Documents with a stored original.
        self.originals = frozenset(
            document.id for document in self.documents if original_path(self.data, document).is_file()
        )
        self.excluded: frozenset[str] = frozenset()
        with np.load(folder / ARRAYS_FILE) as stored:
            arrays: dict[str, NDArray[Any]] = dict(stored)
        terms = PassageTerms.load(folder / WORDS_FILE, arrays)
        # The term numbers and the characters of each passage, in reading order.
        self.term_sequences = terms.terms
        self.character_sequences = terms.letters
        # The cells of each passage's units (CELL), their letters, and the words as written, rows of `written_words`.
        self.units = terms.units
        self.unit_letters = terms.unit_letters
        self.written_sequences = terms.written
        self.written_words = terms.written_words
        numbers = {term: number for number, term in enumerate(terms.vocabulary)}
        self.keyword = KeywordIndex.load("keyword", len(self.passages), numbers, arrays)
        self.lexicon = Lexicon(numbers, arrays["directions"], arrays["importance"])
        # The page of each passage as a row of `page_keyword_index`, (n,); a passage without a page has its own row.
        self.page_of_passage = arrays["page_of_passage"]
        page_count = int(self.page_of_passage.max(initial=-1)) + 1
        self.page_keyword_index = (  # no two passages share a page
            self.keyword if page_count == len(self.passages) else KeywordIndex.load("page", page_count, numbers, arrays)
        )
        # The encoder's vectors and the pooled word vectors, (n, dimension) each, in half precision.
        self.vectors = arrays["vectors"]
        self.word_vectors = arrays["word_vectors"]
        self._projection = arrays["projection"]
        self._vector_store = vector_store
        self.publications = Publications(self.documents)
        self.by_id = self.publications.by_id
        # Whether each passage is searchable, (n,); None if all are.
        self.searchable_mask: NDArray[np.bool_] | None = None
        if len(self.withheld):
            self.searchable_mask = np.ones(len(self.passages), bool)
            self.searchable_mask[self.withheld] = False
        self._owners = np.repeat(np.arange(len(self.documents), dtype=np.int32), np.diff(self.firsts))

    @property
    def name(self) -> str:
        return self.generation.name

    @property
    def data(self) -> Path:
        return self.folder.parents[1]

    def document(self, doc_id: str) -> Document | None:
        return self.by_id.get(doc_id)

    def document_mask(self, doc_ids: Collection[str]) -> NDArray[np.bool_]:
        """Return for each passage whether it belongs to these documents and is searchable, (n,)."""
        mask = np.fromiter((doc_id in doc_ids for doc_id in self._document_rows), bool, len(self._document_rows))[
            self._owners
        ]
        return mask if self.searchable_mask is None else mask & self.searchable_mask

    def passages_from(self, row: int, step: int) -> Iterator[Passage]:
        """Yield the passages after `row` (`step` 1) or before it (-1) that answers may use, the nearest first."""
        following = range(row + step, len(self.passages) if step > 0 else -1, step)
        return (passage for passage in map(self.passages.__getitem__, following) if not passage.withheld)

    def excluding(self, doc_ids: Collection[str]) -> Self:
        """Return a view of this index without these documents; the files are shared.

        Excluded passages are not found, but remain accessible by row.
        """
        copied = self._with_documents(document for document in self.documents if document.id not in doc_ids)
        copied.excluded = frozenset(doc_ids)
        copied.searchable_mask = self.document_mask(copied.by_id.keys())
        return copied

    def map_documents(self, change: Callable[[Document], Document]) -> Self:
        """Return a view of this index with changed document metadata; ids and passages stay."""
        return self._with_documents(map(change, self.documents))

    def _with_documents(self, documents: Iterable[Document]) -> Self:
        copied = copy(self)
        copied.publications = Publications(documents)
        copied.by_id = copied.publications.by_id
        copied.documents = tuple(copied.by_id.values())
        return copied

    def passage_row(self, passage_id: str) -> int:
        """Return the row of a passage; raises KeyError."""
        return self.passages.row_of(passage_id)

    def nearest_passages(
        self, encoded: NDArray[np.float32], pooled: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return rows and cosines of the k passages nearest in meaning, nearest first, each (min(k, n),).

        `encoded` is the question's vector by the encoder, `pooled` the vector of its words; the search is approximate.
        Raises StorageError if Chroma fails.
        """
        k = min(k, len(self.passages))
        if k <= 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        return self._vector_store.nearest_rows(concatenate_vectors(encoded, pooled) @ self._projection, k)

    def cosines(
        self, encoded: NDArray[np.float32], pooled: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the exact cosines of the passages at `rows`, weighted as in `nearest_passages`, (len(rows),)."""
        cosines: NDArray[np.float32] = concatenate_vectors(
            self.vectors[rows], self.word_vectors[rows]
        ) @ concatenate_vectors(encoded, pooled)
        return cosines

    def median_cosine(self, encoded: NDArray[np.float32]) -> float:
        """Return the median cosine of the passages with a vector of the encoder; sampled in a large index."""
        return float(np.median(self._sample @ encoded)) if len(self._sample) else 0.0

    @cached_property
    def _sample(self) -> NDArray[np.float16]:
        return np.array(self.vectors[:: max(1, len(self.vectors) // _SAMPLE_SIZE)])

    def check_vector_store(self, encoded: NDArray[np.float32]) -> None:
        """Search Chroma with a vector of the encoder. Raises StorageError if Chroma fails or has no vectors."""
        pooled = np.zeros(self.word_vectors.shape[1], np.float32)
        if len(self.passages) and not len(self.nearest_passages(encoded, pooled, 1)[0]):
            raise StorageError(missing_vectors(self.name))

    def stored_vector_count(self) -> int:
        """Return the number of this generation's vectors in Chroma."""
        return len(self._vector_store)

    def close(self) -> None:
        """Close the files and release the lock."""
        self._vector_store.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_index(settings: Settings) -> Index:
    """Open the active generation.

    Raises NoIndexError without one, DamagedIndexError if it is damaged, EncoderChangedError if the settings name
    another encoder, StorageError if Chroma fails.
    """
    generation = load_generation(settings)
    basis = generation.basis
    places = {True: "サーバー", False: "フォルダー"}
    differences = {
        "SHIRUBE_ENCODER": (basis.encoder, settings.encoder),
        "SHIRUBE_CHROMA_URL": (places[basis.on_server], places[bool(settings.chroma_url)]),
    }
    for setting, (built, wanted) in differences.items():
        if built != wanted:
            raise EncoderChangedError(
                f"{setting} が索引を作ったときと違います（作ったとき「{built}」、今「{wanted}」）。"
                "`python -m ingest build` で作り直すか、設定を元に戻してください。"
            )
    return open_generation(settings, generation)


def open_generation(settings: Settings, generation: Generation, *, verify: bool = True) -> Index:
    """Open a generation, active or not; raises as `open_index` does. `verify` compares its files with checksums."""
    folder = generation_folder(settings.data, generation.name)
    try:
        lock = GenerationLock(folder)
    except OSError as error:
        raise damaged_index_error(generation.name) from error
    if verify:
        verify_checksums(settings, generation)
    vector_store = VectorStore.open(settings.chroma_url, folder, generation.name)
    try:
        index = Index(generation, folder, vector_store, lock)
        # Warm up: the first query loads Chroma's index into memory.
        zero_vectors = [np.zeros(array.shape[1], dtype=np.float32) for array in (index.vectors, index.word_vectors)]
        index.nearest_passages(zero_vectors[0], zero_vectors[1], 1)
        is_complete = index.stored_vector_count() == len(index.passages)
    except (OSError, EOFError, ValueError, KeyError, StorageError) as error:
        vector_store.close()
        raise damaged_index_error(generation.name) from error
    if not is_complete:
        vector_store.close()
        raise damaged_index_error(generation.name)
    return index
