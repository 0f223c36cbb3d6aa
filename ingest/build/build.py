"""Builds an index generation from documents, verifies it and activates it atomically."""

import functools
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from ingest.build.build_report import BuildReport
from ingest.build.cache import BuildCache, package_digest, reading_recipe
from ingest.build.corpus_reading import (
    read_corpus_files,
    unread_part_findings,
)
from ingest.build.generation_writer import ADAPT, WORDS, Progress, write_generation
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, translate_os_errors
from ingest.corpus import Corpus, missing_issuers
from ingest.documents import ParsedDocument
from ingest.embedding import Encoder, encoder_fingerprint, open_encoder
from ingest.errors import ManifestError, NoIndexError, StorageError, UnreadableDocumentError
from ingest.guardrails.prompt_injection import mark_injections
from ingest.index.generation import (
    Generation,
    IndexBasis,
    SkippedFile,
    activate_generation,
    current_name,
    generation_folder,
    load_documents,
    load_generation,
    new_generation_name,
    remove_old_generations,
    verify_checksums,
)
from ingest.index.index import open_generation
from ingest.index.originals import store_originals
from ingest.index.vector_store import VectorStore
from ingest.metadata.document_states import added_entries, apply_edits
from ingest.metadata.document_table import DocumentRow, read_documents
from ingest.metadata.manifest import read_corpus

__all__ = ["ADAPT", "WORDS", "BuildReport", "CorpusChanges", "Progress", "build", "build_locked", "index_documents"]


_NO_LONGER_SERVED = "読めるようになるまで、前に取り込んだ内容も答えに使いません。"


@dataclass(frozen=True, slots=True)
class CorpusChanges:
    """How a build departs from the documents in the corpora.

    `new_documents` were just read and are not read again; `rows` are what the documents table will be, None for what it
    is. `may_be_empty` allows an index without any readable file.
    """

    removed_ids: Iterable[str] = ()
    new_documents: Sequence[ParsedDocument] = ()
    rows: Mapping[str, DocumentRow] | None = None
    may_be_empty: bool = False


def build(
    settings: Settings,
    corpora: Sequence[Path],
    *,
    full: bool = False,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Index the documents of `corpora` and the added ones, and activate the index.

    Unchanged documents are not read again and unchanged texts not embedded again, unless `full`. Unreadable files are
    left out and reported. Raises IngestError, also if no file is readable; the active index then stays. An interrupted
    build is resumed by the next one.
    """
    with lock_data_folder(settings.data):
        return build_locked(settings, corpora, full=full, encoder=encoder, progress=progress)


def build_locked(
    settings: Settings,
    corpora: Sequence[Path],
    changes: CorpusChanges | None = None,
    *,
    full: bool = False,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Do what `build` does with the `changes`; the caller holds the lock on the data folder."""
    changes = changes or CorpusChanges()
    progress = progress or (lambda _stage, _done, _total: None)
    basis = _index_basis(settings, corpora, changes.removed_ids, encoder.name if encoder else settings.encoder)
    rows = read_documents(settings) if changes.rows is None else changes.rows
    corpus = _find_corpus(settings, corpora, basis, rows)
    active = _intact_generation(settings)
    remove_old_generations(settings, {current_name(settings)})
    cache = BuildCache(settings)
    if full:
        cache.clear()
    for parsed in changes.new_documents:
        cache.store_document(parsed.document, parsed)
    results = read_corpus_files(corpus, cache, progress=progress)
    if results.left_out and not results.parsed_documents and not changes.may_be_empty:
        raise UnreadableDocumentError("\n".join(map(str, results.left_out)))
    served = {document.id for document in load_documents(settings, active).documents} if active else set()
    left_out = tuple(
        replace(file, message=file.message + _NO_LONGER_SERVED) if file.id in served else file
        for file in results.left_out
    )
    edited = [apply_edits(document, rows) for document in corpus.documents]
    findings = [*corpus.warnings, *missing_issuers(corpus.entries, edited)]
    entries = {entry.document.id: entry for entry in corpus.entries}
    for parsed in results.parsed_documents:
        findings += unread_part_findings(entries[parsed.document.id], parsed)
    generation = _new_generation_record(basis, results.parsed_documents, left_out)
    if active and active.inputs == generation.inputs and not full:
        return BuildReport.from_generation(active, findings, left_out, read=0, embedded=0, changed=False)
    # Edits of staff are indexed; digests stay those of the manifests.
    documents = [replace(parsed, document=apply_edits(parsed.document, rows)) for parsed in results.parsed_documents]
    with translate_os_errors(settings.data):
        store_originals(settings.data, [parsed.document for parsed in documents], entries)
    get_encoder = functools.cache(lambda: encoder or open_encoder(settings))
    generation, embedded = _write_and_activate(
        settings, generation, documents, cache, encoder=get_encoder, progress=progress
    )
    cache.prune()
    read = results.read + len(changes.new_documents)
    return BuildReport.from_generation(generation, findings, left_out, read=read, embedded=embedded)


def _intact_generation(settings: Settings) -> Generation | None:
    """Return the active generation if none of its files and vectors is damaged or missing."""
    with suppress(NoIndexError, StorageError):
        generation = load_generation(settings)
        verify_checksums(settings, generation)
        if not generation.basis.on_server or not settings.chroma_url:
            return generation
        folder = generation_folder(settings.data, generation.name)
        with closing(VectorStore.open(settings.chroma_url, folder, generation.name)) as store:
            return generation if len(store) == generation.passages else None
    return None


def index_documents(
    settings: Settings,
    documents: Iterable[ParsedDocument],
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Generation:
    """Index documents that were read elsewhere (an evaluation set), activate the index and return its record.

    Nothing of an earlier index is reused. Raises IngestError; the active index then stays.
    """
    progress = progress or (lambda _stage, _done, _total: None)
    with lock_data_folder(settings.data):
        basis = _index_basis(settings, (), (), encoder.name if encoder else settings.encoder)
        contents = tuple(map(mark_injections, documents))
        generation = _new_generation_record(basis, contents, ())
        cache = BuildCache(settings)
        get_encoder = functools.cache(lambda: encoder or open_encoder(settings))
        return _write_and_activate(settings, generation, contents, cache, encoder=get_encoder, progress=progress)[0]


def _write_and_activate(
    settings: Settings,
    generation: Generation,
    documents: Sequence[ParsedDocument],
    cache: BuildCache,
    *,
    encoder: Callable[[], Encoder],
    progress: Progress,
) -> tuple[Generation, int]:
    replaced_name = current_name(settings)
    try:
        with translate_os_errors(settings.data):
            generation, embedded = write_generation(
                settings, generation, documents, cache, encoder=encoder, progress=progress
            )
            # Opening it compares what was written with what should be.
            open_generation(settings, generation, verify=False).close()
            activate_generation(settings.data, generation.name)
    finally:
        # After a failure this removes the incomplete generation, which might fill the disk. Others may be opening the
        # replaced one.
        remove_old_generations(settings, {current_name(settings), replaced_name})
    return generation, embedded


def _index_basis(settings: Settings, corpora: Sequence[Path], removed_ids: Iterable[str], encoder: str) -> IndexBasis:
    return IndexBasis(
        corpora=tuple(str(folder.resolve()) for folder in corpora),
        removed=tuple(sorted(removed_ids)),
        encoder=encoder,
        fingerprint=encoder_fingerprint(encoder),
        # Chroma counts, since a newer release may convert files and so alter their checksums.
        recipe=f"{package_digest('.')} {reading_recipe()} {version('chromadb')}",
        on_server=bool(settings.chroma_url),
        adapted=settings.adapt,
    )


def _find_corpus(
    settings: Settings, corpora: Sequence[Path], basis: IndexBasis, rows: Mapping[str, DocumentRow]
) -> Corpus:
    corpus = read_corpus(*corpora, added=added_entries(settings, rows))
    if corpora and not corpus.entries and not corpus.unreadable:
        folders = "、".join(f"「{folder}」" for folder in corpora)
        raise ManifestError(f"{folders}に文書がありません。文書を置くか、--corpus で別のフォルダーを指定してください。")
    corpus.entries = [entry for entry in corpus.entries if entry.document.id not in basis.removed]
    return corpus


def _new_generation_record(
    basis: IndexBasis, documents: Sequence[ParsedDocument], left_out: tuple[SkippedFile, ...]
) -> Generation:
    indexed = [(parsed.document.id, parsed.document.digest) for parsed in documents]
    skipped = [(file.id, file.digest, file.file) for file in left_out]
    inputs = hashlib.sha256(repr((basis, indexed, skipped)).encode()).hexdigest()
    return Generation(new_generation_name(), datetime.now(UTC), basis, inputs, len(documents), left_out=left_out)
