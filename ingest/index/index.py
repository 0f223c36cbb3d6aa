"""One opened index generation: documents, passages, keyword index and vectors, read-only."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.configuration.settings import Settings
from ingest.documents import Document, DroppedLines, Passage
from ingest.embedding import encoder_prefixes
from ingest.embedding.words.lexicon import Lexicon, concatenate_vectors
from ingest.errors import EncoderChangedError, NoIndexError, StorageError
from ingest.index.generation import (
    Generation,
    GenerationLock,
    current_name,
    damaged_index_error,
    earlier_generations,
    generation_folder,
    load_generation,
    verify_checksums,
)
from ingest.index.keyword import KeywordIndex
from ingest.index.originals import original_path
from ingest.index.passages import PassageStore
from ingest.index.vector_store import VectorStore
from ingest.terms.arrays import map_array
from ingest.terms.flow import Flow

__all__ = ["Index", "current_name", "open_current", "open_generation", "open_index"]

log = logging.getLogger(__name__)
# Vectors that stand for all of a large index where only their middle is asked for: 10 to 20 MB.
_SAMPLED = 10_000


class Index:
    """What is searched: passages in the order of their sources, found by words or by meaning.

    Safe to share between threads. It stays what it was when it was opened, also when another generation comes into
    service; `current_name` tells when to open anew.
    """

    def __init__(self, generation: Generation, folder: Path, store: VectorStore, held: GenerationLock) -> None:
        self.generation = generation
        self._held = held
        self.folder = folder
        self._stored = stored = PassageStore.open(folder, scattered=True)
        self.documents = stored.documents
        self.passages: Sequence[Passage] = stored.passages
        # The page of each passage, (n,), 0 for none.
        self.pages = stored.pages
        # The ids of those whose file is kept; an older program kept none.
        self.originals = frozenset(d.id for d in self.documents if original_path(folder, d).is_file())
        self.keyword = KeywordIndex.load(folder / "keyword", len(self.passages))
        self.flow = Flow.load(folder / "flow", scattered=True)
        self.letters = Flow.load(folder / "letters", scattered=True)
        self.lexicon = Lexicon.load(folder / "lexicon", self.keyword.numbers)
        # The context of each passage, (n,), and the keyword index of the contexts.
        self.contexts = map_array(folder / "contexts.npy")
        self.context = _load_context_index(folder, self.keyword, int(self.contexts.max(initial=-1)) + 1)
        # The encoder's vectors and the pooled word vectors, (n, dimension) each, in half precision.
        self.vectors = map_array(folder / "vectors.npy", scattered=True)
        self.meanings = map_array(folder / "meanings.npy", scattered=True)
        self._projection = np.load(folder / "projection.npy")
        self._store = store
        self.by_id = {document.id: document for document in self.documents}
        self._places = {document.id: place for place, document in enumerate(self.documents)}
        # Whether each passage may be found, (n,); None where all may.
        self.found: NDArray[np.bool_] | None = None
        self._owners = np.repeat(np.arange(len(self.documents), dtype=np.int32), np.diff(stored.firsts))

    @property
    def name(self) -> str:
        """The name of the generation."""
        return self.generation.name

    def document(self, doc_id: str) -> Document | None:
        """Return the document with this id, or None."""
        return self.by_id.get(doc_id)

    def document_mask(self, doc_ids: Collection[str]) -> NDArray[np.bool_]:
        """Return whether each passage is of one of these documents and may be found, (n,)."""
        wanted = np.fromiter((doc_id in doc_ids for doc_id in self._places), bool, len(self._places))[self._owners]
        return wanted if self.found is None else wanted & self.found

    def rows(self, doc_id: str) -> range:
        """Return where the passages of a document are, also of one that is left out; nowhere for an unknown id."""
        place = self._places.get(doc_id)
        return range(0) if place is None else range(*self._stored.firsts[place : place + 2].tolist())

    def document_passages(self, doc_id: str) -> Sequence[Passage]:
        """Return the passages of a document in order, as `rows` does."""
        rows = self.rows(doc_id)
        return self.passages[rows.start : rows.stop]

    def find_containing(self, text: str) -> Iterator[Passage]:
        """Yield the passages that have `text` in their headings, their words or their cells, in order."""
        return self._stored.passages.find_containing(text)

    @property
    def dropped(self) -> Mapping[str, tuple[DroppedLines, ...]]:
        """What of each document reached no passage, by its id."""
        return {doc_id: self._stored.dropped[place] for doc_id, place in self._places.items()}

    @property
    def distinct_passages(self) -> int:
        """How many ids the passages have."""
        return self._stored.passages.distinct

    def without(self, doc_ids: Collection[str]) -> Self:
        """Return this index with these documents left out: it names none of them, and none of their passages is found.

        It shares the files with this one; a passage whose row is known is still there.
        """
        other = copy(self)
        other.documents = tuple(document for document in self.documents if document.id not in doc_ids)
        other.by_id = {document.id: document for document in other.documents}
        other.found = self.document_mask(other.by_id.keys())
        return other

    def map_documents(self, change: Callable[[Document], Document]) -> Self:
        """Return this index with what is said of its documents changed; ids and passages stay."""
        other = copy(self)
        other.documents = tuple(map(change, self.documents))
        other.by_id = {document.id: document for document in other.documents}
        return other

    def row(self, passage_id: str) -> int:
        """Return the place of a passage in `passages`; raises KeyError."""
        return self._stored.passages.row(passage_id)

    def nearest(
        self, encoded: NDArray[np.float32], pooled: NDArray[np.float32], k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows of the k passages nearest in meaning, nearest first, and their cosines, each (min(k, n),).

        `encoded` is the question's vector by the encoder, `pooled` that of its words. The search is approximate.
        Raises StorageError when Chroma cannot be asked.
        """
        k = min(k, len(self.passages))
        if k <= 0:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        return self._store.nearest(concatenate_vectors(encoded, pooled) @ self._projection, k)

    def cosines(
        self, encoded: NDArray[np.float32], pooled: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the exact cosines of the passages at `rows` as `nearest` weighs them, (len(rows),)."""
        cosines: NDArray[np.float32] = concatenate_vectors(
            self.vectors[rows], self.meanings[rows]
        ) @ concatenate_vectors(encoded, pooled)
        return cosines

    def median_cosine(self, encoded: NDArray[np.float32]) -> float:
        """Return the median of the passages' cosines with a vector of the encoder; of a large index, of a sample."""
        return float(np.median(self._sample @ encoded)) if len(self._sample) else 0.0

    @cached_property
    def _sample(self) -> NDArray[np.float16]:
        """The vectors of passages evenly spread over the index, (at most 20,000, dimension)."""
        return np.array(self.vectors[:: max(1, len(self.vectors) // _SAMPLED)])

    def stored_vectors(self) -> int:
        """Return how many vectors Chroma holds of this generation."""
        return len(self._store)

    def close(self) -> None:
        """Let go of the files."""
        self._store.close()
        self._held.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_index(settings: Settings) -> Index:
    """Return the generation in service or, where that is damaged, the newest that is whole, which the log tells then.

    Raises what `open_current` does where there is none.
    """
    try:
        return open_current(settings)
    except NoIndexError as error:
        for generation in earlier_generations(settings):
            with suppress(NoIndexError, EncoderChangedError):
                index = _open_compatible(settings, generation)
                log.warning("%s それまでは、前の索引「%s」で答えます。", error, index.name)
                return index
        raise


def open_current(settings: Settings) -> Index:
    """Return the generation that `current` names, and no other.

    Raises NoIndexError when there is none, DamagedIndexError when it is damaged, EncoderChangedError when another
    encoder made it than the settings name, StorageError when Chroma cannot be used.
    """
    return _open_compatible(settings, load_generation(settings))


def _open_compatible(settings: Settings, generation: Generation) -> Index:
    basis = generation.basis
    if basis.encoder != settings.encoder:
        raise EncoderChangedError(
            f"索引は埋め込みモデル「{basis.encoder}」で作られていますが、設定は「{settings.encoder}」です。"
            "`python -m ingest build` で作り直すか、SHIRUBE_ENCODER を元に戻してください。"
        )
    passage_prefix = encoder_prefixes(settings).passage or ""
    if basis.passage_prefix != passage_prefix:
        raise EncoderChangedError(
            f"索引は文書の前に「{basis.passage_prefix}」を付けて作られていますが、今の設定は「{passage_prefix}」です。"
            "`python -m ingest build` で作り直すか、SHIRUBE_ENCODER_PASSAGE_PREFIX を元に戻してください。"
        )
    if basis.on_server != bool(settings.chroma_url):
        raise EncoderChangedError(
            "ベクトルの置き場所（SHIRUBE_CHROMA_URL）が索引を作ったときと違います。"
            "`python -m ingest build` で作り直すか、設定を元に戻してください。"
        )
    return open_generation(settings, generation)


def open_generation(settings: Settings, generation: Generation) -> Index:
    """Open a generation, in service or not, after a look at every file of it; raises as `open_current` does."""
    folder = generation_folder(settings.data, generation.name)
    try:
        held = GenerationLock(folder)
    except OSError as error:
        raise damaged_index_error(generation.name) from error
    verify_checksums(settings, generation)
    store = VectorStore.open(settings.chroma_url, folder, generation.name)
    try:
        index = Index(generation, folder, store, held)
        # The first query loads Chroma's index into memory: nobody who asks waits for it.
        nothing = [np.zeros(each.shape[1], dtype=np.float32) for each in (index.vectors, index.meanings)]
        index.nearest(nothing[0], nothing[1], 1)
        complete = index.stored_vectors() == len(index.passages)
    except (OSError, EOFError, ValueError, KeyError, StorageError) as error:
        store.close()
        raise damaged_index_error(generation.name) from error
    if not complete:
        store.close()
        raise damaged_index_error(generation.name)
    return index


def _load_context_index(folder: Path, passages: KeywordIndex, size: int) -> KeywordIndex:
    """Return the keyword index of the contexts, which is that of the passages where each is alone in its own."""
    return passages if size == passages.size else KeywordIndex.load(folder / "context", size)
