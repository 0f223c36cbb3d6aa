"""Writes a new generation, then opens and verifies it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.build.embedding import EMBED, EncodedTexts, Progress, UnfinishedVectors, embed
from ingest.build.lexicon_training import learn_lexicon, write_pooled_vectors
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, Vectors
from ingest.embedding.words.lexicon import Lexicon, concatenate_vectors, principal_axes, sample_slice
from ingest.errors import StorageError
from ingest.index.checksums import add_sums
from ingest.index.generation import Generation, generation_folder, save_generation
from ingest.index.index import Index, open_generation
from ingest.index.keyword import KeywordIndex, passage_terms
from ingest.index.originals import store_originals
from ingest.index.passages import PassageStore, Readings
from ingest.index.vector_store import VectorStore, make_read_only
from ingest.index.word_counting import CountedWords, EarlierWords, count_words
from ingest.sandbox.parallel import run_in_background
from ingest.terms.arrays import map_array
from ingest.terms.contexts import context_numbers, context_words

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
    vectors: EncodedTexts | None = None
    earlier: EarlierWords = field(default_factory=EarlierWords.for_first_build)
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
    stored = PassageStore.write(folder, contents.readings)
    before = generation_folder(settings.data, generation.previous) if generation.previous else None
    store_originals(folder, stored.documents, contents.files, before)
    basis = generation.basis
    key = f"{basis.encoder} {basis.fingerprint} {basis.passage_prefix}"
    unfinished = partial(UnfinishedVectors, settings.data / "unfinished", key)

    def encode(check: Callable[[], None]) -> int:
        def told(done: int, total: int) -> None:
            check()
            progress(EMBED, done, total)

        return embed(folder, stored.passages, contents.vectors, encoder, unfinished=unfinished, progress=told)

    # Encoding is NumPy's, which lets other threads run; words are counted by processes.
    with run_in_background(encode) as encoding:
        size = len(stored.passages)
        counted = count_words(folder, stored.readings, contents.earlier, lambda done: progress(WORDS, done, size))
        meanings = _write_learned(folder, counted, contents.lexicon, adapted=basis.adapted, progress=progress)
    vectors: Vectors = map_array(folder / "vectors.npy")
    generation = replace(generation, passages=size, dimension=vectors.shape[1])
    _write_indexes(settings, generation, stored, counted, vectors=vectors, meanings=meanings, progress=progress)
    save_generation(settings.data, generation)
    return generation, encoding.result()


def _write_learned(
    folder: Path, counted: CountedWords, earlier: Lexicon | None, *, adapted: bool, progress: Progress
) -> Vectors:
    """Write the vectors of the words, which are let go of, and of the passages by them, which are returned."""
    told = partial(progress, ADAPT)
    lexicon = learn_lexicon(counted, adapted=adapted, told=told, earlier=earlier if adapted else None)
    lexicon.save(folder / "lexicon")
    return write_pooled_vectors(folder / "meanings.npy", counted, lexicon)


def _write_indexes(
    settings: Settings,
    generation: Generation,
    stored: PassageStore,
    counted: CountedWords,
    *,
    vectors: Vectors,
    meanings: Vectors,
    progress: Progress,
) -> None:
    folder, size = generation_folder(settings.data, generation.name), len(stored.passages)
    some = sample_slice(size)
    projection = principal_axes(size, concatenate_vectors(vectors[some], meanings[some]))
    np.save(folder / "projection.npy", projection)

    # Chroma works on one core, and not in Python.
    def store(check: Callable[[], None]) -> None:
        def stored(done: int) -> None:
            check()
            progress(STORE, done, size)

        _store_vectors(
            settings, generation, lambda rows: concatenate_vectors(vectors[rows], meanings[rows]) @ projection, stored
        )

    with run_in_background(store):
        KeywordIndex.write(folder / "keyword", counted.numbers, size, passage_terms(counted.flow, stored.firsts))
        around = context_numbers(stored.firsts, stored.pages)
        np.save(folder / "contexts.npy", around)
        if (groups := int(around.max(initial=-1)) + 1) < size:
            parts = partial(context_words, counted.flow, stored.firsts, around)
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
        make_read_only(folder)


@contextmanager
def open_verified(settings: Settings, generation: Generation, progress: Progress) -> Iterator[Index]:
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
