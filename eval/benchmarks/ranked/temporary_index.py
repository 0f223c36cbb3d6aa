"""Builds a temporary index of an evaluation set and opens it for search."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bot.retrieval.ranking import Ranker
from bot.retrieval.retrieve import Reranker, open_reranker, search
from bot.state import Hit
from eval.storage.temporary_data import temporary_settings
from ingest.build.build import index_documents
from ingest.cli.terminal import build_progress
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument, Passage
from ingest.embedding import Encoder, open_encoder
from ingest.index.index import Index, open_index


@dataclass(frozen=True, slots=True)
class SearchableIndex:
    """An opened index with what searches it, and the settings that name it (for `bot.service.open_service`)."""

    settings: Settings
    index: Index
    encoder: Encoder
    reranker: Reranker | None
    ranker: Ranker

    def search(self, text: str, k: int) -> list[Hit]:
        """Return up to `k` passages, best first, as the product's own retrieval ranks them."""
        return search(self.index, self.encoder, text, k, reranker=self.reranker, ranker=self.ranker)


@contextmanager
def open_temporary_index(settings: Settings, readings: Sequence[ParsedDocument]) -> Iterator[SearchableIndex]:
    """Index `readings` in a temporary data folder; a bar a stage shows on a terminal (stderr).

    Raises IngestError, and BotError where the reranker that the settings name cannot be loaded.
    """
    with temporary_settings(settings) as apart:
        encoder = open_encoder(apart)
        with build_progress() as progress:
            index_documents(apart, readings, encoder=encoder, progress=progress)
        with open_index(apart) as index:
            yield SearchableIndex(apart, index, encoder, open_reranker(apart.reranker), Ranker.load(apart.ranker))


def single_passage_document(doc_id: str, title: str, text: str) -> ParsedDocument:
    """Return an entry of a set as a document of one passage: `title` is its heading (may be ""), `text` its body.

    Where both are empty there is nothing to find, and the document has no passage.
    """
    document = Document(doc_id, title, file=doc_id)
    if not (title.strip() or text.strip()):
        return ParsedDocument(document, ())
    path = (title,) if title.strip() else ()
    return ParsedDocument(document, (Passage(f"{doc_id}#1", doc_id, "text", path, text, (1,)),))
