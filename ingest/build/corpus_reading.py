"""Reads the files of a corpus for a build, except those that are cached."""

from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from typing import Self

from ingest.build.cache import BuildCache, Progress
from ingest.build.sandboxed_reading import (
    FileToRead,
    limit_exceeded_message,
    read_all_with_limits,
    read_without_limits,
    reading_limits,
)
from ingest.chunking.document_reading import unread_parts_warning
from ingest.configuration.settings import Settings
from ingest.corpus import Corpus, CorpusEntry, CorpusFinding, FindingKind, printable_name
from ingest.documents import ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.index.generation import SkippedFile
from ingest.index.passages import LazyDocument, ParsedDocuments

READ = "文書を読む"
# Plain text up to this total size is read in this process, because starting another one takes longer.
_MAX_IN_PROCESS_BYTES = 50_000
_PLAIN_SUFFIXES = {".csv", ".md", ".txt"}
_NO_LONGER_SERVED = "読めるようになるまで、前に取り込んだ内容も答えに使いません。"

# Called for each newly read file with its content or an error message.
OnRead = Callable[[CorpusEntry, ParsedDocument | str], None]


@dataclass(frozen=True, slots=True)
class CorpusDocuments:
    """The documents of a corpus in order, and the files left out; `read` counts the newly read ones."""

    parsed_documents: ParsedDocuments
    left_out: tuple[SkippedFile, ...]
    read: int

    def raise_if_all_unreadable(self) -> None:
        """Raise UnreadableDocumentError, naming each file, if there are files and none is readable."""
        if self.left_out and not len(self.parsed_documents):
            raise UnreadableDocumentError("\n".join(map(str, self.left_out)))

    def with_no_longer_served_note(self, served: Collection[str]) -> Self:
        """Add to the messages of skipped `served` documents that answers no longer use them."""
        noted = (
            replace(document, message=document.message + _NO_LONGER_SERVED) if document.id in served else document
            for document in self.left_out
        )
        return replace(self, left_out=tuple(noted))


def read_corpus_files(
    settings: Settings,
    corpus: Corpus,
    cache: BuildCache,
    failures: Iterable[SkippedFile],
    *,
    progress: Progress,
    on_read: OnRead | None,
) -> CorpusDocuments:
    """Return the content of the files of `corpus`: cached, or read and then cached.

    `failures` of the build before are not tried again if they exceeded limits that still hold.
    """
    results: dict[str, LazyDocument | str] = {}
    limits = reading_limits(settings)
    failed_messages = {failure.digest: failure.message for failure in failures if failure.digest}
    for entry in corpus.entries:
        # Retrying with the same limits would take the full time in each build.
        message = limit_exceeded_message(entry.path, limits)
        if cached := cache.load_document(entry.document):
            results[entry.document.id] = cached
        elif failed_messages.get(entry.document.digest, "").startswith(message):
            results[entry.document.id] = message
    new = [entry for entry in corpus.entries if entry.document.id not in results]
    total = len(corpus.entries)
    progress(READ, total - len(new), total)
    read = 0
    with closing(read_entries(settings, new)) as reading_results:
        for done, (entry, result) in enumerate(reading_results, start=total - len(new) + 1):
            if isinstance(result, ParsedDocument):
                results[entry.document.id] = cache.store_document(result)
                read += 1
            else:
                results[entry.document.id] = result
            if on_read:
                on_read(entry, result)
            progress(READ, done, total)
    return _collect_results(corpus, results, read)


def find_unread_parts(corpus: Corpus, corpus_documents: CorpusDocuments) -> list[CorpusFinding]:
    """Return the findings about parts of documents that could not be read."""
    entries = {entry.document.id: entry for entry in corpus.entries}
    return [
        finding
        for parsed in corpus_documents.parsed_documents
        for finding in unread_part_findings(entries[parsed.document.id], parsed)
    ]


def unread_part_findings(entry: CorpusEntry, parsed: ParsedDocument) -> list[CorpusFinding]:
    """Return at most one finding about the parts of a document that could not be read."""
    warning = unread_parts_warning(parsed)
    if not warning:
        return []
    return [
        entry.finding(f"{printable_name(entry.path.name)}: {warning}" if entry.line else warning, FindingKind.UNREAD)
    ]


def read_entries(
    settings: Settings, entries: Sequence[CorpusEntry]
) -> Generator[tuple[CorpusEntry, ParsedDocument | str], None, None]:
    """Yield each entry with its content, or with an error message, as soon as it is read."""
    files: list[FileToRead] = [(entry.path, entry.document, entry.has_title) for entry in entries]
    if (
        all(entry.path.suffix.lower() in _PLAIN_SUFFIXES for entry in entries)
        and _total_size(entries) <= _MAX_IN_PROCESS_BYTES
    ):
        yield from zip(entries, map(read_without_limits, files), strict=True)
        return
    for index, result in read_all_with_limits(files, reading_limits(settings)):
        yield entries[index], result


def _total_size(entries: Iterable[CorpusEntry]) -> int:
    total = 0
    for entry in entries:
        with suppress(OSError):  # deleted meanwhile; reading reports it
            total += entry.path.stat().st_size
    return total


def _collect_results(corpus: Corpus, results: Mapping[str, LazyDocument | str], read: int) -> CorpusDocuments:
    skipped = [SkippedFile("", "", finding.file, finding.text) for finding in corpus.unreadable]
    documents = []
    for entry in corpus.entries:
        result = results[entry.document.id]
        if isinstance(result, LazyDocument):
            documents.append(result)
        else:
            skipped.append(SkippedFile(entry.document.id, entry.document.digest, entry.location, result))
    return CorpusDocuments(ParsedDocuments(documents), tuple(skipped), read)
