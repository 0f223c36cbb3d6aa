"""Builds a temporary index of an evaluation set and opens it for search."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.retrieval.ranking import Ranker
from bot.retrieval.retrieve import Reranker, open_reranker, search
from bot.state import Hit
from ingest.build.build import index_documents
from ingest.cli.terminal import build_progress
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument, Passage
from ingest.embedding import Encoder, open_encoder
from ingest.index.index import Index, open_index


@dataclass(frozen=True, slots=True)
class SearchableIndex:
    """An open index with the models that search it, and its settings (for `bot.service.open_service`)."""

    settings: Settings
    index: Index
    encoder: Encoder
    reranker: Reranker | None
    ranker: Ranker

    def search(self, text: str, k: int) -> list[Hit]:
        """Return up to `k` passages, ranked by the product's retrieval."""
        return search(self.index, self.encoder, text, k, reranker=self.reranker, ranker=self.ranker)


@contextmanager
def temporary_settings(settings: Settings) -> Iterator[Settings]:
    """Yield `settings` with a temporary data folder and without external vector or database servers."""
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        yield settings.model_copy(update={"data": Path(folder), "chroma_url": None, "database_url": None})


@contextmanager
def open_temporary_index(settings: Settings, readings: Sequence[ParsedDocument]) -> Iterator[SearchableIndex]:
    """Index `readings` in a temporary data folder, with progress bars.

    Raises IngestError, and BotError if the configured reranker cannot be loaded.
    """
    with temporary_settings(settings) as temporary:
        encoder = open_encoder(temporary)
        with build_progress() as progress:
            index_documents(temporary, readings, encoder=encoder, progress=progress)
        with open_index(temporary) as index:
            yield SearchableIndex(
                temporary, index, encoder, open_reranker(temporary.reranker), Ranker.load(temporary.ranker)
            )


def single_passage_document(doc_id: str, title: str, text: str) -> ParsedDocument:
    """Return an entry of a set as a document of one passage; `title` becomes its heading if not empty.

    An empty entry becomes a document without passages.
    """
    document = Document(doc_id, title, file=doc_id)
    if not (title.strip() or text.strip()):
        return ParsedDocument(document, ())
    path = (title,) if title.strip() else ()
    return ParsedDocument(document, (Passage(f"{doc_id}#1", doc_id, "text", path, text, (1,)),))
