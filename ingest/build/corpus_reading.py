"""Reads the files of a corpus: for a build, except those that are cached, or to check it without indexing."""

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.build.cache import BuildCache
from ingest.build.generation_writer import Progress
from ingest.build.sandboxed_reading import (
    FileToRead,
    file_size,
    limit_exceeded_message,
    read_all_with_limits,
    read_without_limits,
    reading_limits,
)
from ingest.configuration.settings import Settings
from ingest.corpus import Corpus, CorpusEntry, CorpusFinding, FindingKind, missing_issuers, printable_name
from ingest.documents import ParsedDocument
from ingest.index.generation import SkippedFile
from ingest.metadata.document_states import apply_edits
from ingest.metadata.document_table import read_documents
from ingest.metadata.manifest import examine
from ingest.passages.document_reading import split_document, unread_parts_warning

READ = "文書を読む"
# Plain text up to this total size is read in this process, because starting another one takes longer.
_MAX_IN_PROCESS_BYTES = 50_000
_PLAIN_SUFFIXES = {".csv", ".md", ".txt"}


@dataclass(frozen=True, slots=True)
class CorpusDocuments:
    """The documents of a corpus in order, and the files left out; `read` counts the newly read ones."""

    parsed_documents: tuple[ParsedDocument, ...]
    left_out: tuple[SkippedFile, ...]
    read: int


def read_corpus_files(
    corpus: Corpus,
    cache: BuildCache,
    *,
    progress: Progress,
) -> CorpusDocuments:
    """Return the content of the files of `corpus`: cached, or read and then cached.

    A file that exceeded limits that still hold is not tried again, which would take the full time in each build.
    """
    results: dict[str, ParsedDocument | str] = {}
    limits = reading_limits()
    for entry in corpus.entries:
        cached = cache.load_document(entry.document)
        if isinstance(cached, ParsedDocument) or cached == limit_exceeded_message(entry.path, limits):
            results[entry.document.id] = cached
    new = [entry for entry in corpus.entries if entry.document.id not in results]
    total = len(corpus.entries)
    progress(READ, total - len(new), total)
    read = 0
    with closing(read_entries(new)) as reading_results:
        for done, (entry, result) in enumerate(reading_results, start=total - len(new) + 1):
            results[entry.document.id] = result
            if isinstance(result, ParsedDocument):
                cache.store_document(result.document, result)
                read += 1
            elif result == limit_exceeded_message(entry.path, limits):
                cache.store_document(entry.document, result)
            progress(READ, done, total)
    left_out = [SkippedFile("", "", finding.file, finding.text) for finding in corpus.unreadable]
    documents: list[ParsedDocument] = []
    for entry in corpus.entries:
        content = results[entry.document.id]
        if isinstance(content, ParsedDocument):
            documents.append(content)
        else:
            left_out.append(SkippedFile(entry.document.id, entry.document.digest, entry.location, content))
    return CorpusDocuments(tuple(documents), tuple(left_out), read)


def unread_part_findings(entry: CorpusEntry, parsed: ParsedDocument) -> list[CorpusFinding]:
    """Return at most one finding about the parts of a document that could not be read."""
    warning = unread_parts_warning(parsed)
    if not warning:
        return []
    return [
        entry.finding(f"{printable_name(entry.path.name)}: {warning}" if entry.line else warning, FindingKind.UNREAD)
    ]


def read_entries(
    entries: Sequence[CorpusEntry],
) -> Generator[tuple[CorpusEntry, ParsedDocument | str], None, None]:
    """Yield each entry with its content, or with an error message, as soon as it is read."""
    yield from ((entry, split_document(entry.document, entry.blocks)) for entry in entries if entry.blocks)
    entries = [entry for entry in entries if not entry.blocks]
    files: list[FileToRead] = [(entry.path, entry.document, entry.has_title) for entry in entries]
    is_plain = all(entry.path.suffix.lower() in _PLAIN_SUFFIXES for entry in entries)
    if is_plain and sum(file_size(entry.path) for entry in entries) <= _MAX_IN_PROCESS_BYTES:
        yield from zip(entries, map(read_without_limits, files), strict=True)
        return
    for index, result in read_all_with_limits(files, reading_limits()):
        yield entries[index], result


def check_corpora(settings: Settings, folders: Sequence[Path], progress: Progress | None = None) -> tuple[Corpus, int]:
    """Return the corpus of `folders` with all problems and unreadable files, and the number of its passages.

    `progress` is called with the number of files read.
    """
    corpus = examine(*folders)
    rows = read_documents(settings)
    corpus.warnings += missing_issuers(corpus.entries, [apply_edits(document, rows) for document in corpus.documents])
    passages = 0
    for done, (entry, result) in enumerate(read_entries(corpus.entries), start=1):
        if isinstance(result, ParsedDocument):
            passages += len(result.passages)
            corpus.warnings += unread_part_findings(entry, result)
        else:
            corpus.unreadable.append(entry.finding(result))
        if progress:
            progress(READ, done, len(corpus.entries))
    unread = {finding.file for finding in corpus.unreadable}
    corpus.warnings = [
        warning for warning in corpus.warnings if warning.kind is not FindingKind.UNLISTED or warning.file not in unread
    ]
    return corpus, passages
