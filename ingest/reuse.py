"""What a build takes over from the newest generation that is whole, so that only what changed is read and embedded."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ingest.counting import Words
from ingest.documents import Document, Reading
from ingest.encoders import Encoder
from ingest.errors import NoIndexError
from ingest.flow import Flow
from ingest.generation import (
    Basis,
    Generation,
    LeftOut,
    check_whole,
    damaged,
    earlier_generations,
    generation_folder,
    load_generation,
    load_readings,
)
from ingest.keyword import KeywordIndex
from ingest.lexicon import Lexicon
from ingest.parallel import in_threads
from ingest.prepared import Unchanged
from ingest.settings import Settings
from ingest.vectors import VectorStore

# Share of the passages that may have come or gone before the meanings of words are learned anew: with a tenth of a
# city's FAQ added so, recall@10 by words alone is .867, after a full build .862 ± .017 (eval/LOG.md, 2026-11-21).
_STALE = 0.2
# Told (stage, done, total).
Progress = Callable[[str, int, int], None]
EMBED = "埋め込む"
# Texts that a thread encodes at once, between two signs of progress.
_BATCH = 500


def input_digest(text: str) -> str:
    """Return what an embedded text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Old:
    """The newest whole generation, which is the one in service unless that is damaged; None where there is none."""

    settings: Settings
    generation: Generation | None
    readings: dict[str, Reading]

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
                readings = load_readings(settings, generation)
                return cls(settings, generation, {reading.document.id: reading for reading in readings})
        return cls(settings, None, {})

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The files that could not be read."""
        return self.generation.left_out if self.generation else ()

    def equals(self, basis: Basis, documents: Sequence[Document], left_out: Sequence[LeftOut]) -> bool:
        """Whether building `documents` on `basis`, with these files left out, would give the same index again."""
        if self.generation is None or self.generation.basis != basis:
            return False
        held = [(reading.document.id, reading.document.digest) for reading in self.readings.values()]
        missing, missed = ([(one.id, one.digest, one.file) for one in some] for some in (left_out, self.left_out))
        return held == [(document.id, document.digest) for document in documents] and missing == missed

    def reading(self, document: Document, basis: Basis) -> Reading | None:
        """Return what was understood of `document`, unless it or the way of reading changed since."""
        if not self._is_same(basis):
            return None
        reading = self.readings.get(document.id)
        # The digest covers all of the entry but a title that nobody said, which is read with the rest.
        return reading if reading and reading.document.digest == document.digest else None

    def unchanged(self, readings: Sequence[Reading], basis: Basis) -> Unchanged:
        """Return which of `readings` are as they were, all that decides how they are indexed included."""
        if self.generation is None or not self._is_same(basis):
            return Unchanged(None, frozenset())
        same = (reading.document.id for reading in readings if self.readings.get(reading.document.id) == reading)
        return Unchanged(generation_folder(self.settings.data, self.generation.name), frozenset(same))

    def learned(self, readings: Sequence[Reading], basis: Basis) -> "Known":
        """Return what was learned of those of `readings` that are as they were, and of their words."""
        if self.generation is None or not self._is_same(basis):
            return Known({}, None, sum(len(reading.passages) for reading in readings))
        folder = generation_folder(self.settings.data, self.generation.name)
        kept = self.unchanged(readings, basis).documents
        came = sum(len(reading.passages) for reading in readings if reading.document.id not in kept)
        went = sum(len(reading.passages) for doc_id, reading in self.readings.items() if doc_id not in kept)
        moved = self.generation.moved + came + went
        keyword = KeywordIndex.load(folder / "keyword", self.generation.passages)
        words = _words(folder, keyword.vocabulary, self.readings.values(), kept)
        stays = self.generation.basis.adapted and moved <= _STALE * sum(len(reading.passages) for reading in readings)
        return Known(words, Lexicon.load(folder / "lexicon", keyword.numbers) if stays else None, moved)

    def _is_same(self, basis: Basis) -> bool:
        return self.generation is not None and self.generation.basis.recipe == basis.recipe

    def vectors(self, basis: Basis) -> dict[str, NDArray[np.float32]]:
        """Return the vectors, (dimension,) each, by the digest of the text; none where another encoder made them."""
        if self.generation is None:
            return {}
        made = self.generation.basis
        if (made.encoder, made.fingerprint) != (basis.encoder, basis.fingerprint):
            return {}
        if made.passage_prefix != basis.passage_prefix:
            return {}
        folder = generation_folder(self.settings.data, self.generation.name)
        digests = json.loads((folder / "inputs.json").read_text(encoding="utf-8"))
        return dict(zip(digests, np.asarray(np.load(folder / "vectors.npy", mmap_mode="r")), strict=True))


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be learned again: words by passage id, and the meanings of words where these may stay.

    `moved` counts the passages that came or went since the meanings were learned.
    """

    words: Mapping[str, Words]
    lexicon: Lexicon | None
    moved: int


def _words(
    folder: Path, vocabulary: Sequence[str], readings: Iterable[Reading], kept: Collection[str]
) -> dict[str, Words]:
    """Return the words of the passages of the `kept` documents, out of the index of `readings` in `folder`."""
    flow, letters = Flow.load(folder / "flow"), Flow.load(folder / "letters")
    passages = [passage for reading in readings for passage in reading.passages]
    rows = [row for row, passage in enumerate(passages) if passage.doc_id in kept]
    texts = letters.texts(np.array(rows, np.int64))
    return {passages[row].id: (*flow.words(row, vocabulary), text) for row, text in zip(rows, texts, strict=True)}


def _check(settings: Settings, generation: Generation) -> None:
    """Raise DamagedIndexError where a file is altered, or a vector is not on the Chroma server any more."""
    check_whole(settings, generation)
    if generation.basis.on_server and settings.chroma_url:
        folder = generation_folder(settings.data, generation.name)
        with closing(VectorStore.open(settings.chroma_url, folder, generation.name)) as store:
            if len(store) != generation.passages:
                raise damaged(generation.name)


def embed(
    inputs: Sequence[str], known: dict[str, NDArray[np.float32]], encoder: Callable[[], Encoder], progress: Progress
) -> tuple[NDArray[np.float32], int]:
    """Return the vectors, (len(inputs), dimension), and how many inputs were not `known`; equal texts are encoded once.

    The encoder is opened only where it is needed.
    """
    digests = [input_digest(text) for text in inputs]
    new = {digest: text for digest, text in zip(digests, inputs, strict=True) if digest not in known}
    if known and not new:
        dimension = next(iter(known.values())).size
    else:
        opened = encoder()
        dimension = opened.dimension
        made, done = list(new), 0
        for vectors in in_threads(opened.encode_documents, list(new.values()), _BATCH):
            known |= zip(made[done : done + len(vectors)], vectors, strict=True)
            done += len(vectors)
            progress(EMBED, done, len(made))
    rows = np.array([known[digest] for digest in digests], dtype=np.float32).reshape(len(inputs), dimension)
    return rows, sum(digest in new for digest in digests)
