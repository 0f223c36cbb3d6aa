"""Checks corpus folders without indexing them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ingest.amendments.compilation import consolidate_documents, may_amend_or_be_amended
from ingest.amendments.consolidation import find_problems
from ingest.amendments.document_lines import DocumentLine, document_lines
from ingest.build.cache import Progress
from ingest.build.corpus_reading import READ, OnRead, read_entries, unread_part_findings
from ingest.configuration.settings import Settings
from ingest.corpus import Corpus, FindingKind, missing_issuers
from ingest.documents import Coverage, Document, ParsedDocument
from ingest.index.document_edits import apply_edits, read_edits
from ingest.metadata.manifest import examine


class CheckedCorpus(NamedTuple):
    """A corpus with its problems, the number of its passages, and the coverage of each file that was read."""

    corpus: Corpus
    passages: int
    coverage: Mapping[str, Coverage]


def check_corpora(
    settings: Settings, folders: Sequence[Path], progress: Progress | None = None, on_read: OnRead | None = None
) -> CheckedCorpus:
    """Return the corpus of `folders` with all problems and unreadable files, its size and coverage.

    `on_read` is called with each file, `progress` with their number.
    """
    corpus = examine(*folders)
    edits = read_edits(settings)
    corpus.warnings += missing_issuers(corpus.entries, [apply_edits(document, edits) for document in corpus.documents])
    passages = 0
    documents: dict[str, Document] = {}
    lines: dict[str, list[DocumentLine]] = {}
    coverage: dict[str, Coverage] = {}
    for done, (entry, result) in enumerate(read_entries(settings, corpus.entries), start=1):
        if isinstance(result, ParsedDocument):
            passages += len(result.passages)
            coverage[entry.location] = result.coverage
            if may_amend_or_be_amended(result.document):
                lines[result.document.id] = document_lines(result.passages, result.dropped)
                documents[result.document.id] = result.document
            corpus.warnings += unread_part_findings(entry, result)
        else:
            corpus.unreadable.append(entry.finding(result))
        if on_read:
            on_read(entry, result)
        if progress:
            progress(READ, done, len(corpus.entries))
    entries = {entry.document.id: entry for entry in corpus.entries}
    corpus.warnings += [
        entries[doc_id].finding(text, FindingKind.AMENDMENT)
        for consolidation in consolidate_documents(list(documents.values()), lines.__getitem__)
        for doc_id, text in find_problems(consolidation, documents[consolidation.doc_id].title)
    ]
    unread = {finding.file for finding in corpus.unreadable}
    corpus.warnings = [
        warning for warning in corpus.warnings if warning.kind is not FindingKind.UNLISTED or warning.file not in unread
    ]
    return CheckedCorpus(corpus, passages, coverage)
