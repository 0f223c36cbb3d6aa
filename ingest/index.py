"""One opened generation: documents, passages, keyword index and vectors, read-only."""

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document, Dropped, Passage, Reading
from ingest.encoders import prefixes
from ingest.errors import EncoderChangedError, NoIndexError, StorageError
from ingest.flow import Flow
from ingest.generation import (
    Generation,
    check_whole,
    current_name,
    damaged,
    earlier_generations,
    generation_folder,
    load_generation,
    load_readings,
)
from ingest.keyword import KeywordIndex
from ingest.lexicon import Lexicon
from ingest.meaning import joined
from ingest.originals import original_path
from ingest.settings import Settings
from ingest.vectors import VectorStore

__all__ = ["Index", "current_name", "open_current", "open_generation", "open_index"]

log = logging.getLogger(__name__)


class Index:
    """What is searched: passages in the order of their sources, found by words or by meaning.

    Safe to share between threads. It stays what it was when it was opened, also when another generation comes into
    service; `current_name` tells when to open anew.
    """

    def __init__(self, generation: Generation, readings: Sequence[Reading], folder: Path, store: VectorStore) -> None:
        self.generation = generation
        self.folder = folder
        self.documents: tuple[Document, ...] = tuple(reading.document for reading in readings)
        self.passages: tuple[Passage, ...] = tuple(p for reading in readings for p in reading.passages)
        # The ids of those whose file is kept; an older program kept none.
        self.originals = frozenset(d.id for d in self.documents if original_path(folder, d).is_file())
        self.dropped: dict[str, tuple[Dropped, ...]] = {r.document.id: r.dropped for r in readings}
        self.keyword = KeywordIndex.load(folder / "keyword", len(self.passages))
        self.flow = Flow.load(folder / "flow")
        self.letters = Flow.load(folder / "letters")
        self.lexicon = Lexicon.load(folder / "lexicon", self.keyword.numbers)
        # The context of each passage, (n,), and the keyword index of the contexts.
        self.contexts = np.load(folder / "contexts.npy")
        self.context = KeywordIndex.load(folder / "context", int(self.contexts.max(initial=-1)) + 1)
        # The encoder's vectors and the pooled word vectors, (n, dimension) each.
        self.vectors = _mapped(folder / "vectors.npy")
        self.meanings = _mapped(folder / "meanings.npy")
        self._projection = np.load(folder / "projection.npy")
        self._store = store
        self.by_id = {document.id: document for document in self.documents}
        self._rows = {passage.id: row for row, passage in enumerate(self.passages)}
        self._ids = tuple(document.id for document in self.documents)
        # Whether each passage may be found, (n,); None where all may.
        self.found: NDArray[np.bool_] | None = None
        self._owners = np.repeat(np.arange(len(readings)), [len(reading.passages) for reading in readings])

    @property
    def name(self) -> str:
        """The name of the generation."""
        return self.generation.name

    @property
    def encoder_name(self) -> str:
        """The encoder whose vectors are stored; questions must be encoded by the same one."""
        return self.generation.basis.encoder

    def document(self, doc_id: str) -> Document | None:
        """Return the document with this id, or None."""
        return self.by_id.get(doc_id)

    def of_documents(self, doc_ids: Collection[str]) -> NDArray[np.bool_]:
        """Return whether each passage is of one of these documents and may be found, (n,)."""
        wanted = np.fromiter((doc_id in doc_ids for doc_id in self._ids), bool, len(self._ids))[self._owners]
        return wanted if self.found is None else wanted & self.found

    def without(self, doc_ids: Collection[str]) -> Self:
        """Return this index with these documents left out: it names none of them, and none of their passages is found.

        It shares the files with this one; a passage whose row is known is still there.
        """
        other = copy(self)
        other.documents = tuple(document for document in self.documents if document.id not in doc_ids)
        other.by_id = {document.id: document for document in other.documents}
        other.found = self.of_documents(other.by_id.keys())
        return other

    def described(self, change: Callable[[Document], Document]) -> Self:
        """Return this index with what is said of its documents changed; ids and passages stay."""
        other = copy(self)
        other.documents = tuple(map(change, self.documents))
        other.by_id = {document.id: document for document in other.documents}
        return other

    def row(self, passage_id: str) -> int:
        """Return the place of a passage in `passages`; raises KeyError."""
        return self._rows[passage_id]

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
        ids, cosines = self._store.nearest(joined(encoded, pooled) @ self._projection, k)
        return np.fromiter((self._rows[passage_id] for passage_id in ids), np.int64, len(ids)), cosines

    def cosines(
        self, encoded: NDArray[np.float32], pooled: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Return the exact cosines of the passages at `rows` as `nearest` weighs them, (len(rows),)."""
        cosines: NDArray[np.float32] = joined(self.vectors[rows], self.meanings[rows]) @ joined(encoded, pooled)
        return cosines

    def stored_vectors(self) -> int:
        """Return how many vectors Chroma holds of this generation."""
        return len(self._store)

    def close(self) -> None:
        """Let go of the files."""
        self._store.close()

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
                index = _open_fitting(settings, generation)
                log.warning("%s それまでは、前の索引「%s」で答えます。", error, index.name)
                return index
        raise


def open_current(settings: Settings) -> Index:
    """Return the generation that `current` names, and no other.

    Raises NoIndexError when there is none, DamagedIndexError when it is damaged, EncoderChangedError when another
    encoder made it than the settings name, StorageError when Chroma cannot be used.
    """
    return _open_fitting(settings, load_generation(settings))


def _open_fitting(settings: Settings, generation: Generation) -> Index:
    basis = generation.basis
    if basis.encoder != settings.encoder:
        raise EncoderChangedError(
            f"索引は埋め込みモデル「{basis.encoder}」で作られていますが、設定は「{settings.encoder}」です。"
            "`python -m ingest build` で作り直すか、SHIRUBE_ENCODER を元に戻してください。"
        )
    passage_prefix = prefixes(settings).passage or ""
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
    check_whole(settings, generation)
    readings = load_readings(settings, generation)
    store = VectorStore.open(settings.chroma_url, folder, generation.name)
    try:
        index = Index(generation, readings, folder, store)
        # The first query loads Chroma's index into memory: later the files may have been swept away.
        nothing = [np.zeros(each.shape[1], dtype=np.float32) for each in (index.vectors, index.meanings)]
        index.nearest(nothing[0], nothing[1], 1)
        complete = index.stored_vectors() == len(index.passages)
    except (OSError, EOFError, ValueError, KeyError, StorageError) as error:
        store.close()
        raise damaged(generation.name) from error
    if not complete:
        store.close()
        raise damaged(generation.name)
    return index


def _mapped(path: Path) -> NDArray[np.float32]:
    """Map an array into memory. np.asarray: a plain view is quicker to take rows from than a memmap."""
    return np.asarray(np.load(path, mmap_mode="r"))
