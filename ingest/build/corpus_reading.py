"""Reads the files of a corpus for a build; an interrupted build resumes with what was read."""

import os
import shutil
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter, ValidationError

from ingest.build.embedding import Progress
from ingest.build.reuse import PreviousGeneration
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
from ingest.documents import Document, ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.index.generation import SkippedFile, indexing_digest
from ingest.index.passages import LazyDocument, ParsedDocuments, to_lazy_document

READ = "文書を読む"
# Plain text up to this total size is read in this process, because starting another one takes longer.
_MAX_IN_PROCESS_BYTES = 50_000
_PLAIN_SUFFIXES = {".csv", ".md", ".txt"}
_NO_LONGER_SERVED = "読めるようになるまで、前に取り込んだ内容も答えに使いません。"
_DOCUMENT_ADAPTER = TypeAdapter(ParsedDocument)

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


class UnfinishedDocuments:
    """Documents read by interrupted builds, one file each, in the data folder."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data / "unfinished"

    def load(self, document: Document) -> LazyDocument | None:
        """Return the stored content of `document` if it is unchanged."""
        with suppress(OSError, ValidationError):
            parsed = _DOCUMENT_ADAPTER.validate_json(self._file(document).read_bytes())
            return self._lazy_document(parsed) if parsed.document.digest == document.digest else None
        return None

    def store(self, parsed: ParsedDocument) -> LazyDocument:
        """Store a document for the next build; kept in memory if there is no space."""
        file = self._file(parsed.document)
        temporary = file.with_suffix(".new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(_DOCUMENT_ADAPTER.dump_json(parsed))
            os.replace(temporary, file)  # noqa: PTH105 -- the name of the system call that is atomic
        except OSError:
            return to_lazy_document(parsed)
        return self._lazy_document(parsed)

    def _lazy_document(self, parsed: ParsedDocument) -> LazyDocument:
        file = self._file(parsed.document)
        return LazyDocument(
            parsed.document, len(parsed.passages), lambda: _DOCUMENT_ADAPTER.validate_json(file.read_bytes())
        )

    def clear(self) -> None:
        """Delete all files: an index has them now, or everything is to be read again."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, document: Document) -> Path:
        return self._folder / f"{document.digest}-{indexing_digest()[:16]}.json"


def read_corpus_files(
    settings: Settings,
    corpus: Corpus,
    previous: PreviousGeneration,
    known: Mapping[str, tuple[LazyDocument | None, bool]],
    *,
    progress: Progress,
    on_read: OnRead,
) -> CorpusDocuments:
    """Return the content of the files of `corpus`.

    `known` documents, by id, are not read again; the flag says whether the `previous` index has them.
    """
    unfinished = UnfinishedDocuments(settings)
    earlier = {
        entry.document.id: known[entry.document.id][0] or unfinished.load(entry.document) for entry in corpus.entries
    }
    results: dict[str, LazyDocument | str] = {doc_id: reading for doc_id, reading in earlier.items() if reading}
    limits = reading_limits(settings)
    has_same_recipe = previous.generation is not None and previous.generation.basis.recipe == indexing_digest()
    failed_messages = {
        document.digest: document.message for document in previous.left_out if document.digest and has_same_recipe
    }
    for entry in corpus.entries:
        # Retrying with the same limits would take the full time in each build.
        message = limit_exceeded_message(entry.path, limits)
        if failed_messages.get(entry.document.digest, "").startswith(message):
            results.setdefault(entry.document.id, message)
    new = [entry for entry in corpus.entries if entry.document.id not in results]
    total = len(corpus.entries)
    progress(READ, total - len(new), total)
    with closing(read_entries(settings, new)) as reading_results:
        for done, (entry, result) in enumerate(reading_results, start=total - len(new) + 1):
            results[entry.document.id] = unfinished.store(result) if isinstance(result, ParsedDocument) else result
            on_read(entry, result)
            progress(READ, done, total)
    reused_count = sum(in_service for _, in_service in known.values())
    return _collect_results(corpus, results, reused_count)


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


def _collect_results(corpus: Corpus, results: Mapping[str, LazyDocument | str], reused_count: int) -> CorpusDocuments:
    skipped = [SkippedFile("", "", finding.file, finding.text) for finding in corpus.unreadable]
    documents = []
    for entry in corpus.entries:
        result = results[entry.document.id]
        if isinstance(result, LazyDocument):
            documents.append(result)
        else:
            skipped.append(SkippedFile(entry.document.id, entry.document.digest, entry.location, result))
    return CorpusDocuments(ParsedDocuments(documents), tuple(skipped), len(documents) - reused_count)
