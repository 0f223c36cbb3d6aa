"""Writes the files of a new generation; its arrays are made in memory."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.build.cache import BuildCache, vectors_name
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
from ingest.sandbox import map_in_threads
from ingest.terms.flow import context_numbers, context_words, count_words, embedding_text

EMBED = "埋め込む"
WORDS = "言葉を数える"
ADAPT = "言葉の意味を学ぶ"
STORE = "索引に書く"
# Called with (stage, done, total).
Progress = Callable[[str, int, int], None]
# Products with query vectors are in single precision.
_VECTOR_DTYPE = np.float16
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

    vectors, embedded = _embed_passages(store, cache, f"{basis.encoder} {basis.fingerprint}", encoder, progress)
    terms = count_words(documents, lambda done: progress(WORDS, done, size))
    words = shipped_word_vectors()
    if basis.adapted and size:
        words = adapt(words, terms.vocabulary, terms.terms, progress=partial(progress, ADAPT))
    numbers = {term: number for number, term in enumerate(terms.vocabulary)}
    lexicon = Lexicon.build(numbers, words)
    word_vectors = pool_passages(terms.terms, lexicon).astype(_VECTOR_DTYPE)
    sample = sample_slice(size)
    projection = principal_axes(size, concatenate_vectors(vectors[sample], word_vectors[sample]))
    with closing(VectorStore.create(settings.chroma_url, folder, generation.name, size)) as vector_store:
        vector_store.add(
            size,
            lambda rows: concatenate_vectors(vectors[rows], word_vectors[rows]) @ projection,
            lambda done: progress(STORE, done, size),
        )
    if not basis.on_server:
        make_read_only(folder)
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
    generation = replace(generation, passages=size)
    save_record(settings.data, generation)
    return generation, embedded


def _embed_passages(
    store: PassageStore, cache: BuildCache, encoder_key: str, encoder: Callable[[], Encoder], progress: Progress
) -> tuple[Vectors, int]:
    """Return the vectors of all passages, (n, dimension), and how many of them were not cached.

    The vectors of a document are cached once all of it is encoded, so an interrupted build loses few. The encoder is
    only opened if needed.
    """
    vectors: dict[int, Vectors] = {}
    missing: list[tuple[range, str]] = []
    for first, end in pairwise(store.firsts.tolist()):
        rows = range(first, end)
        name = vectors_name(encoder_key, map(embedding_text, store.passages.select(rows)))
        if (cached := cache.load_vectors(name)) is not None:
            vectors[first] = cached
        elif rows:
            missing.append((rows, name))
    if not missing:
        return np.concatenate([*vectors.values()] or [np.zeros((0, encoder().dimension), _VECTOR_DTYPE)]), 0
    encode = encoder().encode_documents
    total, done = sum(len(rows) for rows, _ in missing), 0
    texts = ([embedding_text(passage) for passage in store.passages.select(rows)] for rows, _ in missing)
    # A document a thread: NumPy releases the GIL while encoding.
    encoded = map_in_threads(lambda batch: encode(batch[0]), texts, 1)
    for (rows, name), found in zip(missing, encoded, strict=True):
        vectors[rows.start] = found.astype(_VECTOR_DTYPE)
        cache.store_vectors(name, vectors[rows.start])
        done += len(rows)
        progress(EMBED, done, total)
    return np.concatenate([vectors[first] for first in sorted(vectors)]), total
