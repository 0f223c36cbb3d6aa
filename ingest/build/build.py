"""Builds an index generation from documents, verifies it and makes it current atomically."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ingest.build.corpus_reading import Told, UnfinishedReadings, read_corpus_files, unread_findings
from ingest.build.embedding import Progress
from ingest.build.generation_writer import ADAPT, WORDS, Contents, open_verified, write_generation
from ingest.build.hooks import PREPARE, run_build_hooks
from ingest.build.report import BuildReport
from ingest.build.reuse import PreviousGeneration
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder, translate_os_errors
from ingest.configuration.tenants import own_documents
from ingest.corpus import Corpus, missing_issuers
from ingest.documents import ParsedDocument
from ingest.embedding import Encoder, encoder_fingerprint, encoder_prefixes, open_encoder
from ingest.errors import ManifestError
from ingest.index.document_edits import apply_edits, read_edits, with_edits
from ingest.index.generation import (
    Basis,
    Generation,
    current_name,
    indexing_digest,
    new_generation_name,
    publish,
    remove_old_generations,
)
from ingest.index.index import Index
from ingest.index.passages import LazyReading, Readings, to_lazy_reading
from ingest.metadata.added_documents import added_folder
from ingest.metadata.manifest import read_corpus

__all__ = ["ADAPT", "WORDS", "BuildReport", "build", "build_locked", "index_readings"]


def build(
    settings: Settings,
    corpora: Sequence[Path],
    *,
    full: bool = False,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
) -> BuildReport:
    """Index the documents of `corpora`, and those that were added one at a time, and put the index in service.

    Documents that did not change are not read again and texts that did not change not embedded again, unless `full`.
    Where the index in service is damaged, the newest that is whole takes its place, here and as what did not change.
    A file that cannot be read is left out, also where it was in service before, and named in the report; `told` hears
    of each file that is read. Raises IngestError, also where no file can be read; the index in service then stays as
    it was. What was read until then, or until Ctrl+C, the next build does not read again.
    """
    with lock_data_folder(settings.data):
        return build_locked(settings, corpora, full=full, encoder=encoder, progress=progress, told=told)


def build_locked(
    settings: Settings,
    corpora: Sequence[Path],
    *,
    removed: Iterable[str] = (),
    readings: Sequence[ParsedDocument] = (),
    full: bool = False,
    may_be_empty: bool = False,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    told: Told | None = None,
) -> BuildReport:
    """Do what `build` does, leaving out the documents `removed`, while the caller holds the lock on the data folder.

    What was read just now comes as `readings`, and is not read again. An index that `may_be_empty` is made also where
    no file that is left can be read.
    """
    progress = progress or _ignore_progress
    basis = _basis(settings, corpora, removed, encoder.name if encoder else settings.encoder)
    corpus = _find(settings, corpora, basis)
    serving, old = current_name(settings), PreviousGeneration.load(settings)
    remove_old_generations(settings, {serving, *old.kept})
    # What readers have open: where the one in service is damaged, those that opened it later have the one before it.
    before = old.generation.name if old.generation else serving
    served = {document.id for document in old.readings.documents}
    if full:
        old = PreviousGeneration.for_first_build(settings)
        UnfinishedReadings(settings).clear()
    understood = _reusable_readings(corpus, old, basis, readings)
    told = told or (lambda _entry, _result: None)
    found = read_corpus_files(settings, corpus, old, understood, progress=progress, told=told)
    if not may_be_empty:
        found.raise_if_all_unreadable()
    found = found.with_no_longer_served_note(served)
    changed = read_edits(settings)
    documents = [apply_edits(document, changed) for document in corpus.documents]
    findings = [*corpus.warnings, *missing_issuers(corpus.entries, documents), *unread_findings(corpus, found)]
    if old.generation and old.equals(basis, found.readings.documents, found.left_out):
        same = old.generation
        mended = same.name != serving
        if mended:
            publish(settings.data, same.name)
            remove_old_generations(settings, old.kept)
        UnfinishedReadings(settings).clear()
        return BuildReport.of(same, findings, found.left_out, read=0, embedded=0, changed=mended)
    opened = cache(lambda: encoder or open_encoder(settings))
    # What staff have changed in the entries is indexed as they wrote it; digests stay those of the manifests.
    described = with_edits(settings, found.readings, but_for={reading.document.id for reading in readings})
    unchanged = old.unchanged(described, basis)
    known = old.reusable_words(described, unchanged, basis)
    files = {entry.document.id: (entry.path, entry.content) for entry in corpus.entries}
    contents = Contents(described, files, old.vectors(basis), known.earlier, known.lexicon)
    moved = known.moved if known.lexicon else 0
    generation = replace(_record(basis, described, before), left_out=found.left_out, moved=moved)
    generation, embedded = _put_in_service(
        settings, generation, contents, opened, progress, add_to=lambda i: run_build_hooks(i, opened, unchanged)
    )
    UnfinishedReadings(settings).clear()
    return BuildReport.of(generation, findings, found.left_out, read=found.read, embedded=embedded)


def _ignore_progress(_stage: str, _done: int, _total: int) -> None:
    pass


def index_readings(
    settings: Settings,
    readings: Iterable[ParsedDocument],
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> Generation:
    """Index documents that were read elsewhere (an evaluation set), put the index in service and return its record.

    Nothing is taken over from an index that was there. Raises IngestError; the index in service then stays as it was.
    """
    progress = progress or _ignore_progress
    with lock_data_folder(settings.data):
        basis = _basis(settings, (), (), encoder.name if encoder else settings.encoder)
        contents = Contents(Readings.of(readings))
        generation = _record(basis, contents.readings, current_name(settings))
        made, _ = _put_in_service(settings, generation, contents, lambda: encoder or open_encoder(settings), progress)
        UnfinishedReadings(settings).clear()
        return made


def _put_in_service(
    settings: Settings,
    generation: Generation,
    contents: Contents,
    encoder: Callable[[], Encoder],
    progress: Progress,
    *,
    add_to: Callable[[Index], None] | None = None,
) -> tuple[Generation, int]:
    """Write, check and publish a generation; `add_to` writes more into its folder before.

    Returns its record, and how many passages had to be embedded.
    """
    serving = generation.previous
    try:
        with translate_os_errors(settings.data):
            generation, embedded = write_generation(settings, generation, contents, encoder, progress)
            with open_verified(settings, generation, progress) as index:
                if add_to:
                    progress(PREPARE, 0, 1)
                    add_to(index)
                    progress(PREPARE, 1, 1)
            publish(settings.data, generation.name)
    finally:
        # After a failure this removes the half-written one: a full disk must not stay full because of it.
        remove_old_generations(settings, {current_name(settings), serving})
    return generation, embedded


def _basis(settings: Settings, corpora: Sequence[Path], removed: Iterable[str], encoder: str) -> Basis:
    folders = tuple(str(folder.resolve()) for folder in corpora)
    on_server = bool(settings.chroma_url)
    before, out = encoder_prefixes(settings).passage or "", tuple(sorted(removed))
    return Basis(
        folders, out, encoder, encoder_fingerprint(encoder), indexing_digest(), on_server, before, settings.adapt
    )


def _find(settings: Settings, corpora: Sequence[Path], basis: Basis) -> Corpus:
    """Return the corpus to index; raises ManifestError, also where the folders that were named hold no document."""
    added = added_folder(settings)
    corpus = own_documents(settings, read_corpus(*corpora, *([added] if added.is_dir() else [])))
    if corpora and not corpus.entries and not corpus.unreadable:
        folders = "、".join(f"「{folder}」" for folder in corpora)
        raise ManifestError(f"{folders}に文書がありません。文書を置くか、--corpus で別のフォルダーを指定してください。")
    corpus.entries = [entry for entry in corpus.entries if entry.document.id not in basis.removed]
    return corpus


def _reusable_readings(
    corpus: Corpus, old: PreviousGeneration, basis: Basis, just_read: Iterable[ParsedDocument]
) -> dict[str, tuple[LazyReading | None, bool]]:
    """Return what is understood already of each document of a corpus, and whether the old index holds it."""
    new = {(reading.document.id, reading.document.digest): to_lazy_reading(reading) for reading in just_read}
    known = {}
    for document in corpus.documents:
        kept = old.reading(document, basis)
        known[document.id] = kept or new.get((document.id, document.digest)), kept is not None
    return known


def _record(basis: Basis, readings: Readings, previous: str | None) -> Generation:
    """Return the record of a generation; what its passages are counted and measured by is known when it is written."""
    return Generation(new_generation_name(), datetime.now(UTC), basis, 0, len(readings), 0, previous)
