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
    File,
    limit_exceeded_message,
    read_all_with_limits,
    read_without_limits,
    reading_limits,
)
from ingest.chunking.document_reading import unread_parts_warning
from ingest.configuration.settings import Settings
from ingest.corpus import Corpus, CorpusEntry, Finding, FindingKind, printable_name
from ingest.documents import Document, ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.index.generation import SkippedFile, indexing_digest
from ingest.index.passages import LazyReading, Readings, to_lazy_reading

READ = "文書を読む"
# Plain text of so many bytes in all is read in this process, in a tenth of a second: nothing in it is unpacked, and
# to start another process takes longer.
_READ_HERE = 50_000
_PLAIN = {".csv", ".md", ".txt"}
_GONE = "読めるようになるまで、前に取り込んだ内容も答えに使いません。"
_READING = TypeAdapter(ParsedDocument)

# Told of each file that is read anew, with what was understood or why nothing was.
Told = Callable[[CorpusEntry, ParsedDocument | str], None]


@dataclass(frozen=True, slots=True)
class CorpusReadings:
    """What the files of a corpus hold, in its order; `read` counts the documents that were read anew."""

    readings: Readings
    left_out: tuple[SkippedFile, ...]
    read: int

    def raise_if_all_unreadable(self) -> None:
        """Raise UnreadableDocumentError, which names each file, where there are files and none can be read."""
        if self.left_out and not len(self.readings):
            raise UnreadableDocumentError("\n".join(map(str, self.left_out)))

    def with_no_longer_served_note(self, served: Collection[str]) -> Self:
        """Return the same, where it is said of `served` documents that are left out now that no answer has them."""
        noted = (replace(one, message=one.message + _GONE) if one.id in served else one for one in self.left_out)
        return replace(self, left_out=tuple(noted))


class UnfinishedReadings:
    """What builds have read that have not come to an end: a file a document, in the data folder."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.data / "unfinished"

    def reading(self, document: Document) -> LazyReading | None:
        """Return what was understood of `document` as it is now."""
        with suppress(OSError, ValidationError):
            reading = _READING.validate_json(self._file(document).read_bytes())
            return self._lazy_reading(reading) if reading.document.digest == document.digest else None
        return None

    def keep(self, reading: ParsedDocument) -> LazyReading:
        """Have `reading` found by the next build; where there is no room for it, this one holds it in memory."""
        file = self._file(reading.document)
        aside = file.with_suffix(".new")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(_READING.dump_json(reading))
            os.replace(aside, file)  # noqa: PTH105 -- the name of the system call that is atomic
        except OSError:
            return to_lazy_reading(reading)
        return self._lazy_reading(reading)

    def _lazy_reading(self, reading: ParsedDocument) -> LazyReading:
        file = self._file(reading.document)
        return LazyReading(reading.document, len(reading.passages), lambda: _READING.validate_json(file.read_bytes()))

    def clear(self) -> None:
        """Leave nothing: an index holds it now, or all is to be read again."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, document: Document) -> Path:
        return self._folder / f"{document.digest}-{indexing_digest()[:16]}.json"


def read_corpus_files(
    settings: Settings,
    corpus: Corpus,
    old: PreviousGeneration,
    known: Mapping[str, tuple[LazyReading | None, bool]],
    *,
    progress: Progress,
    told: Told,
) -> CorpusReadings:
    """Return what stands in the files of `corpus`.

    What is `known` of a document, by its id, is not read again; with it stands whether the `old` index holds it.
    """
    unfinished = UnfinishedReadings(settings)
    before = {
        entry.document.id: known[entry.document.id][0] or unfinished.reading(entry.document) for entry in corpus.entries
    }
    results: dict[str, LazyReading | str] = {doc_id: kept for doc_id, kept in before.items() if kept}
    limits = reading_limits(settings)
    same_readers = old.generation is not None and old.generation.basis.recipe == indexing_digest()
    hopeless = {one.digest: one.message for one in old.left_out if one.digest and same_readers}
    for entry in corpus.entries:
        # Not tried again with the same limits: each build would take those minutes.
        text = limit_exceeded_message(entry.path, limits)
        if hopeless.get(entry.document.digest, "").startswith(text):
            results.setdefault(entry.document.id, text)
    new = [entry for entry in corpus.entries if entry.document.id not in results]
    total = len(corpus.entries)
    progress(READ, total - len(new), total)
    with closing(read_entries(settings, new)) as results_of:
        for done, (entry, result) in enumerate(results_of, start=total - len(new) + 1):
            results[entry.document.id] = unfinished.keep(result) if isinstance(result, ParsedDocument) else result
            told(entry, result)
            progress(READ, done, total)
    taken_over = sum(in_service for _, in_service in known.values())
    return _collect_results(corpus, results, taken_over)


def unread_findings(corpus: Corpus, found: CorpusReadings) -> list[Finding]:
    """Return what the keeper of the documents should know of parts of them that could not be read."""
    entries = {entry.document.id: entry for entry in corpus.entries}
    return [finding for reading in found.readings for finding in unread_finding(entries[reading.document.id], reading)]


def unread_finding(entry: CorpusEntry, reading: ParsedDocument) -> list[Finding]:
    """Return what to say of the parts of one document that could not be read: one finding, or none."""
    told = unread_parts_warning(reading)
    if not told:
        return []
    return [entry.finding(f"{printable_name(entry.path.name)}: {told}" if entry.line else told, FindingKind.UNREAD)]


def read_entries(
    settings: Settings, entries: Sequence[CorpusEntry]
) -> Generator[tuple[CorpusEntry, ParsedDocument | str], None, None]:
    """Yield each entry with what is understood of its file, or why nothing is, as soon as it is read."""
    files: list[File] = [(entry.path, entry.document, entry.has_title) for entry in entries]
    if all(entry.path.suffix.lower() in _PLAIN for entry in entries) and _size(entries) <= _READ_HERE:
        yield from zip(entries, map(read_without_limits, files), strict=True)
        return
    for place, result in read_all_with_limits(files, reading_limits(settings)):
        yield entries[place], result


def _size(entries: Iterable[CorpusEntry]) -> int:
    total = 0
    for entry in entries:
        with suppress(OSError):  # gone since: reading tells
            total += entry.path.stat().st_size
    return total


def _collect_results(corpus: Corpus, results: Mapping[str, LazyReading | str], taken_over: int) -> CorpusReadings:
    left_out = [SkippedFile("", "", finding.file, finding.text) for finding in corpus.unreadable]
    kept = []
    for entry in corpus.entries:
        result = results[entry.document.id]
        if isinstance(result, LazyReading):
            kept.append(result)
        else:
            left_out.append(SkippedFile(entry.document.id, entry.document.digest, entry.location, result))
    return CorpusReadings(Readings(kept), tuple(left_out), len(kept) - taken_over)
