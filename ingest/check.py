"""A corpus examined without indexing it: every problem of manifests and files, not only the first."""

from collections.abc import Sequence
from pathlib import Path

from ingest.corpus import Corpus
from ingest.errors import UnreadableDocumentError
from ingest.manifest import examine
from ingest.read import read_document, unread_pages


def check_corpora(folders: Sequence[Path]) -> tuple[Corpus, int]:
    """Return the corpus of `folders` with all problems, unreadable files among them, and how many passages it gives."""
    corpus = examine(*folders)
    passages = 0
    for entry in corpus.entries:
        try:
            reading = read_document(entry.path, entry.document)
        except UnreadableDocumentError as error:
            corpus.problems.append(entry.finding(str(error)))
            continue
        passages += len(reading.passages)
        if told := unread_pages(reading):
            corpus.warnings.append(entry.finding(f"{entry.path.name}: {told}"))
    return corpus, passages
