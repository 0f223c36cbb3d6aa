"""Our index and encoder as LangChain's interfaces, so that its users can take them into chains of their own.

retriever = ShirubeRetriever(index=open_index(settings), encoder=open_encoder(settings), k=5)
chain = {"context": retriever, "question": RunnablePassthrough()} | prompt | model
"""

from collections.abc import Sequence
from datetime import date

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, SkipValidation

from bot.question.text_limits import check_length
from bot.retrieval.retrieve import search
from bot.state import Hit
from ingest.documents import Document
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.metadata.validity import is_in_force


class ShirubeRetriever(BaseRetriever):
    """Keyword and meaning search over an index, best passage first.

    `doc_ids` narrows the search to these documents. With `as_of` each passage tells whether its document governs
    on that day (`in_force`). A query has at most `most_chars` characters as they are read (NFKC). Metadata is flat text
    and numbers, as vector stores want it.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    encoder: SkipValidation[Encoder]
    k: int = Field(default=10, ge=1)
    doc_ids: tuple[str, ...] | None = None
    as_of: date | None = None
    most_chars: int = Field(default=1000, ge=1)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - the interface's
    ) -> list[LangChainDocument]:
        """Return up to `k` passages for `query`; none for an empty query or an empty index.

        Raises QuestionTooLongError.
        """
        check_length(query, self.most_chars)
        hits = search(self.index, self.encoder, query, self.k, doc_ids=self.doc_ids)
        return [self._document(hit) for hit in hits]

    def _document(self, hit: Hit) -> LangChainDocument:
        passage = hit.passage
        metadata: dict[str, str | int | float | bool] = {
            "passage_id": passage.id,
            "doc_id": passage.doc_id,
            "kind": passage.kind,
            "section": passage.section,
            "path": " > ".join(passage.path),
            "score": hit.score,
        }
        if passage.page is not None:
            metadata["page"] = passage.page
        if document := self.index.document(passage.doc_id):
            metadata |= self._about(document)
        return LangChainDocument(page_content=passage.text, metadata=metadata, id=passage.id)

    def _about(self, document: Document) -> dict[str, str | bool]:
        told: dict[str, str | bool] = {"title": document.title, "published": document.published}
        if document.url:
            told["source"] = document.url
        if document.period:
            told |= {"valid_from": f"{document.period.start}", "valid_until": f"{document.period.end}"}
        if self.as_of:
            told["in_force"] = is_in_force(document, self.as_of, self.index.documents)
        return told


class ShirubeEmbeddings(Embeddings):
    """An encoder of the index as LangChain's embeddings; vectors have unit length."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: Sequence[str]) -> list[list[float]]:
        """Return a vector for each of `texts`; no texts, no vectors."""
        if not texts:
            return []
        vectors: list[list[float]] = self._encoder.encode_documents(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        vector: list[float] = self._encoder.encode_query(text).tolist()
        return vector
