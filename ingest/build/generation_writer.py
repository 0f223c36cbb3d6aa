"""Writes a new generation, then opens and verifies it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from ingest.build.cache import EMBED, BuildCache, Progress, embed_passages, list_cached_files
from ingest.build.kinds import compile_kinds
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, Vectors
from ingest.embedding.words import adapt, shipped_word_vectors
from ingest.embedding.words.word_lexicon import (
    Array,
    Lexicon,
    concatenate_vectors,
    pool_passages,
    principal_axes,
    sample_slice,
)
from ingest.errors import StorageError
from ingest.index.checksums import add_checksums
from ingest.index.generation import Generation, generation_folder, save_generation
from ingest.index.index import Index, open_generation
from ingest.index.keyword import KeywordIndex, passage_terms
from ingest.index.originals import archive_originals, store_originals
from ingest.index.passages import ParsedDocuments, PassageStore
from ingest.index.vector_store import VectorStore, make_read_only
from ingest.sandbox import run_in_background
from ingest.terms.arrays import VECTOR_DTYPE, create_array, map_array
from ingest.terms.flow import CountedWords, context_numbers, context_words, count_words

WORDS = "言葉を数える"
ADAPT = "言葉の意味を学ぶ"
STORE = "索引に書く"
CHECK = "点検する"
# Number of vectors, spread evenly, that are read back after writing; 0.2 ms each.
_CHECKED_VECTORS = 5_000


@dataclass(frozen=True, slots=True)
class GenerationContents:
    """What goes into a generation: documents, and the cache of their vectors.

    `files` has path and SHA-256 of each document's file by id.
    """

    documents: ParsedDocuments
    files: Mapping[str, tuple[Path, str]] = field(default_factory=dict)
    cache: BuildCache | None = None


def write_generation(
    settings: Settings,
    generation: Generation,
    contents: GenerationContents,
    encoder: Callable[[], Encoder],
    progress: Progress,
) -> tuple[Generation, int]:
    """Write `contents` into the generation's folder; it is complete and on disk on return.

    Passages and arrays are streamed through files, so memory holds word vectors only. Returns the record and the number
    of newly embedded passages.
    """
    folder = generation_folder(settings.data, generation.name)
    folder.mkdir(parents=True)
    passage_store = PassageStore.write(folder, contents.documents)
    previous_folder = generation_folder(settings.data, generation.previous) if generation.previous else None
    store_originals(folder, passage_store.documents, contents.files, previous_folder)
    archive_originals(settings.data, folder, passage_store.documents)
    basis = generation.basis
    key = f"{basis.encoder} {basis.fingerprint} {basis.passage_prefix}"

    def encode(check: Callable[[], None]) -> tuple[int, list[str]]:
        def report(done: int, total: int) -> None:
            check()
            progress(EMBED, done, total)

        return embed_passages(folder, passage_store, contents.cache, key, encoder=encoder, progress=report)

    # NumPy releases the GIL while encoding; words are counted by processes.
    with run_in_background(encode) as encoding:
        size = len(passage_store.passages)
        counted = count_words(folder, passage_store.parsed_documents, lambda done: progress(WORDS, done, size))
        words = shipped_word_vectors()
        if basis.adapted and size:
            words = adapt(words, tuple(counted.term_numbers), counted.flow, progress=partial(progress, ADAPT))
        lexicon = Lexicon.build(counted.term_numbers, words)
        lexicon.save(folder / "lexicon")
        meanings = _write_pooled_vectors(folder / "meanings.npy", counted, lexicon)
    vectors: Vectors = map_array(folder / "vectors.npy")
    generation = replace(generation, passages=size, dimension=vectors.shape[1])
    _write_indexes(settings, generation, passage_store, counted, vectors=vectors, meanings=meanings, progress=progress)
    embedded, vector_files = encoding.result()
    if contents.cache:
        list_cached_files(folder, passage_store.documents, vector_files)
    save_generation(settings.data, generation)
    return generation, embedded


def _write_indexes(
    settings: Settings,
    generation: Generation,
    passage_store: PassageStore,
    counted: CountedWords,
    *,
    vectors: Vectors,
    meanings: Vectors,
    progress: Progress,
) -> None:
    folder = generation_folder(settings.data, generation.name)
    size = len(passage_store.passages)
    sample = sample_slice(size)
    projection = principal_axes(size, concatenate_vectors(vectors[sample], meanings[sample]))
    np.save(folder / "projection.npy", projection)

    # Chroma works on one core outside of Python.
    def store(check: Callable[[], None]) -> None:
        def report(done: int) -> None:
            check()
            progress(STORE, done, size)

        vector_store = VectorStore.create(settings.chroma_url, folder, generation.name, size)
        try:
            vector_store.add(size, lambda rows: concatenate_vectors(vectors[rows], meanings[rows]) @ projection, report)
        finally:
            vector_store.close()
        if not generation.basis.on_server:
            make_read_only(folder)

    with run_in_background(store):
        KeywordIndex.write(
            folder / "keyword", counted.term_numbers, size, passage_terms(counted.flow, passage_store.firsts)
        )
        contexts = context_numbers(passage_store.firsts, passage_store.page_numbers)
        np.save(folder / "contexts.npy", contexts)
        if (context_count := int(contexts.max(initial=-1)) + 1) < size:
            batches = partial(context_words, counted.flow, passage_store.firsts, contexts)
            KeywordIndex.write(folder / "context", counted.term_numbers, context_count, batches)
        compile_kinds(passage_store)


@contextmanager
def open_verified(settings: Settings, generation: Generation, progress: Progress) -> Iterator[Index]:
    """Open and verify a written generation; raises StorageError if it differs from what was written.

    Files added to its folder in the body of the `with` get checksums at the end.
    """
    progress(CHECK, 0, 1)
    with open_generation(settings, generation) as index:
        counts = {
            "文章": len(index.passages),
            "文章の識別番号": index.passages.distinct_count,
            "ベクトル": index.stored_vector_count(),
        }
        problems = [
            f"{name}が{count:,}件（正しくは{generation.passages:,}件）"
            for name, count in counts.items()
            if count != generation.passages
        ]
        rows = np.arange(0, generation.passages, max(1, generation.passages // _CHECKED_VECTORS))
        # By id: an approximate search for one of thousands of equal vectors may miss them all.
        if rows.size and not problems and (different := index.altered_vector_count(rows)):
            problems = [f"{rows.size:,}件のうち{different:,}件のベクトルが、計算したものと違う"]
        if problems:
            raise StorageError(
                f"書き込んだ索引を読み直すと、{'、'.join(problems)}ため、使いません。これまでの索引はそのままです。"
                "`python -m ingest build --full` で作り直してください。続くようなら、"
                "この文を添えて不具合として知らせてください。"
            )
        progress(CHECK, 1, 1)
        yield index
        add_checksums(index.folder)


# Passages pooled at once.
_BATCH_SIZE = 10_000


def _write_pooled_vectors(file: Path, counted: CountedWords, lexicon: Lexicon) -> Array:
    size = len(counted.flow)
    vectors: Array = create_array(file, VECTOR_DTYPE, size, lexicon.directions.shape[1])
    for row in range(0, size, _BATCH_SIZE):
        end = min(size, row + _BATCH_SIZE)
        vectors[row:end] = pool_passages(counted.flow.part(row, end), lexicon)
    return vectors
