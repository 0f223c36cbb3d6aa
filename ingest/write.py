"""A new generation: written aside, opened again and compared with what was meant, and only then fit for service."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.arrays import mapped
from ingest.checksums import add_sums
from ingest.contexts import contexts, words_around
from ingest.counting import Counted, Earlier, count_words
from ingest.embedding import EMBED, Encoded, Progress, UnfinishedVectors, embed
from ingest.encoders import Encoder, Vectors
from ingest.errors import StorageError
from ingest.generation import Generation, generation_folder, save_generation
from ingest.index import Index, open_generation
from ingest.keyword import KeywordIndex, words_of
from ingest.learned import learn, write_meanings
from ingest.lexicon import Lexicon, axes, joined, sample
from ingest.originals import keep_originals
from ingest.parallel import aside
from ingest.passages import Readings, Stored
from ingest.settings import Settings
from ingest.vectors import VectorStore, seal

WORDS, ADAPT, STORE, CHECK = "言葉を数える", "言葉の意味を学ぶ", "索引に書く", "点検する"
# A stored vector finds itself again, but for rounding.
_SAME = 0.999


@dataclass(frozen=True, slots=True)
class Contents:
    """What goes into a generation: documents with their passages, and what of an earlier one is taken over.

    `files` tells by id where the file of each document lies, and its SHA-256. `vectors`, `earlier` and `lexicon` are
    the vectors, the words and their meanings that are known.
    """

    readings: Readings
    files: Mapping[str, tuple[Path, str]] = field(default_factory=dict)
    vectors: Encoded | None = None
    earlier: Earlier = field(default_factory=Earlier.nothing)
    lexicon: Lexicon | None = None


def write_generation(
    settings: Settings, generation: Generation, contents: Contents, encoder: Callable[[], Encoder], progress: Progress
) -> tuple[Generation, int]:
    """Write `contents` into the generation's own folder; it is complete and on the disk when this returns.

    Passages and arrays are written as they come, and read from there: what a build holds in memory are the vectors of
    the words, not the passages. Returns the record, and how many passages had to be embedded.
    """
    folder = generation_folder(settings.data, generation.name)
    folder.mkdir(parents=True)
    stored = Stored.write(folder, contents.readings)
    before = generation_folder(settings.data, generation.previous) if generation.previous else None
    keep_originals(folder, stored.documents, contents.files, before)
    basis = generation.basis
    key = f"{basis.encoder} {basis.fingerprint} {basis.passage_prefix}"
    unfinished = partial(UnfinishedVectors, settings.data / "unfinished", key)

    def encode(check: Callable[[], None]) -> int:
        def told(done: int, total: int) -> None:
            check()
            progress(EMBED, done, total)

        return embed(folder, stored.passages, contents.vectors, encoder, unfinished=unfinished, progress=told)

    # Encoding is NumPy's, which lets other threads run; words are counted by processes.
    with aside(encode) as encoding:
        size = len(stored.passages)
        counted = count_words(folder, stored.readings, contents.earlier, lambda done: progress(WORDS, done, size))
        meanings = _write_learned(folder, counted, contents.lexicon, adapted=basis.adapted, progress=progress)
    vectors: Vectors = mapped(folder / "vectors.npy")
    generation = replace(generation, passages=size, dimension=vectors.shape[1])
    _write_indexes(settings, generation, stored, counted, vectors=vectors, meanings=meanings, progress=progress)
    save_generation(settings.data, generation)
    return generation, encoding.result()


def _write_learned(
    folder: Path, counted: Counted, earlier: Lexicon | None, *, adapted: bool, progress: Progress
) -> Vectors:
    """Write the vectors of the words, which are let go of, and of the passages by them, which are returned."""
    told = partial(progress, ADAPT)
    lexicon = learn(counted, adapted=adapted, told=told, earlier=earlier if adapted else None)
    lexicon.save(folder / "lexicon")
    return write_meanings(folder / "meanings.npy", counted, lexicon)


def _write_indexes(
    settings: Settings,
    generation: Generation,
    stored: Stored,
    counted: Counted,
    *,
    vectors: Vectors,
    meanings: Vectors,
    progress: Progress,
) -> None:
    folder, size = generation_folder(settings.data, generation.name), len(stored.passages)
    some = sample(size)
    projection = axes(size, joined(vectors[some], meanings[some]))
    np.save(folder / "projection.npy", projection)

    # Chroma works on one core, and not in Python.
    def store(check: Callable[[], None]) -> None:
        def stored(done: int) -> None:
            check()
            progress(STORE, done, size)

        _store_vectors(settings, generation, lambda rows: joined(vectors[rows], meanings[rows]) @ projection, stored)

    with aside(store):
        KeywordIndex.write(folder / "keyword", counted.numbers, size, words_of(counted.flow, stored.firsts))
        around = contexts(stored.firsts, stored.pages)
        np.save(folder / "contexts.npy", around)
        if (groups := int(around.max(initial=-1)) + 1) < size:
            parts = partial(words_around, counted.flow, stored.firsts, around)
            KeywordIndex.write(folder / "context", counted.numbers, groups, parts)


def _store_vectors(
    settings: Settings,
    generation: Generation,
    vectors: Callable[[slice], NDArray[np.float32]],
    stored: Callable[[int], None],
) -> None:
    folder = generation_folder(settings.data, generation.name)
    store = VectorStore.create(settings.chroma_url, folder, generation.name, generation.passages)
    try:
        store.add(generation.passages, vectors, stored)
    finally:
        store.close()
    if not generation.basis.on_server:
        seal(folder)


@contextmanager
def checked(settings: Settings, generation: Generation, progress: Progress) -> Iterator[Index]:
    """Open what was written and compare; raises StorageError where it is not what was meant.

    What is added to its folder meanwhile is on the disk and among the checksums at the end.
    """
    progress(CHECK, 0, 1)
    with open_generation(settings, generation) as index:
        sizes = {generation.passages, len(index.passages), index.distinct_passages, index.stored_vectors()}
        same = len(sizes) == 1
        if not same or not _finds_itself(index):
            raise StorageError("書き込んだ索引が元と一致しません。ディスクを確かめて、もう一度実行してください。")
        progress(CHECK, 1, 1)
        yield index
        add_sums(index.folder)


def _finds_itself(index: Index) -> bool:
    """Whether a query with a stored vector finds one like it; true where there is none to ask with."""
    with_direction = np.flatnonzero(index.vectors.any(axis=1))
    if not with_direction.size:
        return True
    row = with_direction[0]
    return bool(index.nearest(index.vectors[row], index.meanings[row], 1)[1][0] > _SAME)
