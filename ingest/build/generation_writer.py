"""Writes the files of a new generation; its arrays are made in memory."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import pairwise
from threading import Event
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.build.cache import BuildCache, vectors_name
from ingest.build.kinds import compile_kinds
from ingest.configuration.settings import Settings
from ingest.documents import ParsedDocument
from ingest.embedding import Encoder
from ingest.embedding.words import adapt, shipped_word_vectors
from ingest.embedding.words.word_lexicon import (
    Lexicon,
    concatenate_vectors,
    pool_passages,
    principal_axes,
    sample_slice,
)
from ingest.errors import StorageError
from ingest.index.generation import Generation, generation_folder, save_record
from ingest.index.index import ARRAYS_FILE, WORDS_FILE
from ingest.index.keyword import KeywordIndex
from ingest.index.passages import PassageStore
from ingest.index.vector_store import VectorStore, make_read_only
from ingest.sandbox import core_count, map_in_threads
from ingest.terms.flow import context_numbers, context_words, count_words, embedding_text

EMBED = "埋め込む"
WORDS = "言葉を数える"
ADAPT = "言葉の意味を学ぶ"
STORE = "索引に書く"
Result = TypeVar("Result")
# Called with (stage, done, total).
Progress = Callable[[str, int, int], None]
# Products with query vectors are in single precision.
_VECTOR_DTYPE = np.float16
# Texts per batch of a thread, between progress reports.
_BATCH_SIZE = 500
Vectors = NDArray[np.float16]


def write_generation(
    settings: Settings,
    generation: Generation,
    documents: Sequence[ParsedDocument],
    cache: BuildCache,
    *,
    encoder: Callable[[], Encoder],
    progress: Progress,
) -> tuple[Generation, int]:
    """Write the `documents` and all that is made from them into the generation's folder, without checksums.

    Returns the record and the number of newly embedded passages.
    """
    folder = generation_folder(settings.data, generation.name)
    folder.mkdir(parents=True)
    store = PassageStore.write(folder, documents)
    size = len(store.passages)
    if repeated := size - store.passages.distinct_count:
        raise StorageError(f"同じ識別番号の文章が{repeated:,}件あり、索引を作れません。不具合として知らせてください。")
    basis = generation.basis

    def embed(check: Callable[[], None]) -> tuple[Vectors, int]:
        def report(done: int, total: int) -> None:
            check()
            progress(EMBED, done, total)

        key = f"{basis.encoder} {basis.fingerprint}"
        return _embed_passages(store, cache, key, encoder, report)

    # NumPy releases the GIL while encoding; words are counted by processes.
    with _run_in_background(embed) as embedding:
        terms = count_words(documents, lambda done: progress(WORDS, done, size))
        words = shipped_word_vectors()
        if basis.adapted and size:
            words = adapt(words, terms.vocabulary, terms.terms, progress=partial(progress, ADAPT))
        numbers = {term: number for number, term in enumerate(terms.vocabulary)}
        lexicon = Lexicon.build(numbers, words)
        word_vectors = pool_passages(terms.terms, lexicon).astype(_VECTOR_DTYPE)
    vectors, embedded = embedding.result()
    sample = sample_slice(size)
    projection = principal_axes(size, concatenate_vectors(vectors[sample], word_vectors[sample]))

    # Chroma works on one core outside of Python.
    def store_vectors(check: Callable[[], None]) -> None:
        def report(done: int) -> None:
            check()
            progress(STORE, done, size)

        vector_store = VectorStore.create(settings.chroma_url, folder, generation.name, size)
        try:
            vector_store.add(
                size, lambda rows: concatenate_vectors(vectors[rows], word_vectors[rows]) @ projection, report
            )
        finally:
            vector_store.close()
        if not basis.on_server:
            make_read_only(folder)

    with _run_in_background(store_vectors):
        contexts = context_numbers(store.firsts, store.page_numbers)
        arrays: dict[str, NDArray[Any]] = {
            "vectors": vectors,
            "word_vectors": word_vectors,
            "projection": projection,
            "page_of_passage": contexts,
            "directions": lexicon.directions,
            "importance": lexicon.importance,
            **terms.arrays(),
            **KeywordIndex.build(numbers, *terms.terms.words(), size).arrays("keyword"),
        }
        if (page_count := int(contexts.max(initial=-1)) + 1) < size:
            arrays |= KeywordIndex.build(numbers, *context_words(terms.terms, contexts), page_count).arrays("page")
        np.savez(folder / ARRAYS_FILE, **arrays)  # type: ignore[arg-type]
        terms.save_words(folder / WORDS_FILE)
        compile_kinds(store)
    generation = replace(generation, passages=size)
    save_record(settings.data, generation)
    return generation, embedded


def _embed_passages(
    store: PassageStore,
    cache: BuildCache,
    encoder_key: str,
    encoder: Callable[[], Encoder],
    report: Callable[[int, int], None],
) -> tuple[Vectors, int]:
    """Return the vectors of all passages, (n, dimension), and how many of them were not cached.

    The vectors of a document are cached once all of it is encoded, so an interrupted build loses few. The encoder is
    only opened if needed.
    """
    vectors: dict[int, Vectors] = {}
    missing: deque[tuple[range, str]] = deque()
    for first, end in pairwise(store.firsts.tolist()):
        rows = range(first, end)
        name = vectors_name(encoder_key, map(embedding_text, store.passages.select(rows)))
        if (cached := cache.load_vectors(name)) is not None:
            vectors[first] = cached
        elif rows:
            missing.append((rows, name))
    total = sum(len(rows) for rows, _ in missing)
    texts = (embedding_text(passage) for rows, _ in tuple(missing) for passage in store.passages.select(rows))
    # One core is left to the words.
    workers = max(1, core_count() - 1)
    encode = encoder().encode_documents if total or not vectors else None
    pending = np.zeros((0, encoder().dimension if encode else 0), _VECTOR_DTYPE)
    done = 0
    for encoded in map_in_threads(encode, texts, _BATCH_SIZE, workers) if encode else ():
        done += len(encoded)
        pending = np.concatenate([pending, encoded.astype(_VECTOR_DTYPE)])
        while missing and len(pending) >= len(missing[0][0]):
            rows, name = missing.popleft()
            vectors[rows.start], pending = pending[: len(rows)], pending[len(rows) :]
            cache.store_vectors(name, vectors[rows.start])
        report(done, total)
    return np.concatenate([*(vectors[first] for first in sorted(vectors)), *([] if vectors else [pending])]), total


class _StoppedError(Exception):
    pass


@contextmanager
def _run_in_background(work: Callable[[Callable[[], None]], Result]) -> Iterator[Future[Result]]:
    # `work` gets a function to call regularly, which raises an error once the body has failed.
    stop = Event()

    def check() -> None:
        if stop.is_set():
            raise _StoppedError

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(work, check)
        try:
            yield running
            running.result()
        except BaseException:
            stop.set()
            raise
