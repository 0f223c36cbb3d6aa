"""LangChain's retriever over an index, for use in chains of other projects.

retriever = ShirubeRetriever(index=open_index(settings), encoder=open_encoder(settings), k=5)
chain = {"context": retriever, "question": RunnablePassthrough()} | prompt | model
"""

from datetime import date

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document as LangChainDocument
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, Field, SkipValidation

from bot.answering.question.text_limits import check_length
from bot.answering.retrieval.retrieve import search
from bot.answering.state import Hit
from ingest.embedding import Encoder
from ingest.index.index import Index


class ShirubeRetriever(BaseRetriever):
    """Keyword and vector search over an index, best passage first.

    `doc_ids` limits the search to these documents. With `as_of`, the metadata `in_force` says whether the document is
    in force on that day. A query may have 1,000 characters in normal form (NFKC). Metadata is flat, as vector
    stores require.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    encoder: SkipValidation[Encoder]
    k: int = Field(default=10, ge=1)
    doc_ids: tuple[str, ...] | None = None
    as_of: date | None = None

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - required by the interface
    ) -> list[LangChainDocument]:
        """Return up to `k` passages for `query`; none for an empty query or an empty index.

        Raises QuestionTooLongError.
        """
        check_length(query)
        hits = search(self.index, self.encoder, query, self.k, doc_ids=self.doc_ids)
        return [self._document(hit) for hit in hits]

    def _document(self, hit: Hit) -> LangChainDocument:
        passage, document = hit.passage, self.index.by_id[hit.passage.doc_id]
        period = document.period
        metadata = {
            "passage_id": passage.id,
            "doc_id": passage.doc_id,
            "kind": passage.kind,
            "section": passage.section,
            "path": " > ".join(passage.path),
            "score": hit.score,
            "page": passage.page,
            "title": document.title,
            "published": document.published,
            "source": document.url,
            "valid_from": period and f"{period.start}",
            "valid_until": period and f"{period.end}",
            "in_force": self.as_of and self.index.publications.is_in_force(document, self.as_of),
        }
        known = {name: value for name, value in metadata.items() if value is not None}
        return LangChainDocument(page_content=passage.text, metadata=known, id=passage.id)
