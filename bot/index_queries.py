"""Read-only queries of the current index: search, passages, documents, files and example questions."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from threading import BoundedSemaphore, Lock

from bot.errors import BusyError, UnknownDocumentError, UnknownFileError, UnknownPassageError
from bot.kinds.tables.table import Table
from bot.question.text_limits import check_question
from bot.retrieval.retrieve import search
from bot.runtime.active_pipeline import ActivePipeline, Models
from bot.runtime.document_state import DocumentState, OriginalFile
from bot.state import Hit
from bot.suggestions.suggest import SuggestionTopic
from ingest.corpus import content_digest
from ingest.documents import Document, Passage, is_pdf
from ingest.errors import UnreadableDocumentError
from ingest.index.index import Index
from ingest.index.originals import archived_original, original_path
from ingest.japanese import nfkc
from ingest.metadata.validity import is_in_force, superseded_by, superseding_documents
from ingest.readers.pdf.page_picture import draw_page

# Some two hundred pages.
_MAX_CACHE_BYTES = 64 << 20
# A page takes up to 30 seconds, most take half a second.
_MAX_WAITING = 8


class PagePictures:
    """Draws pages of PDFs; safe to share between threads."""

    def __init__(self) -> None:
        self._cache: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
        self._lock = Lock()
        self._drawing = Lock()
        self._seats = BoundedSemaphore(_MAX_WAITING)

    def render_page(self, original: OriginalFile, page: int, passage: str) -> bytes:
        """Return a page as a PNG with the text of `passage` highlighted.

        Raises UnknownFileError for a page that does not exist or cannot be drawn, BusyError where too many wait.
        """
        if not is_pdf(original.document):
            raise UnknownFileError("ページの画像は PDF の文書だけにあります。原本を開いてください。")
        key = original.document.digest, page, passage
        if picture := self._cached(key):
            return picture
        if not self._seats.acquire(blocking=False):
            raise BusyError("ページの画像を待つ人が多すぎます。少し待ってから、もう一度お試しください。")
        try:
            with self._drawing:
                return self._cached(key) or self._draw(key, original, page, passage)
        finally:
            self._seats.release()

    def _cached(self, key: tuple[str, int, str]) -> bytes | None:
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
            return self._cache.get(key)

    def _draw(self, key: tuple[str, int, str], original: OriginalFile, page: int, passage: str) -> bytes:
        try:
            picture = draw_page(original.path, page, passage)
        except UnreadableDocumentError as error:
            raise UnknownFileError(str(error)) from error
        if picture is None:
            raise UnknownFileError(f"「{original.document.title}」に{page}ページはありません。")
        with self._lock:
            self._cache[key] = picture
            while sum(map(len, self._cache.values())) > _MAX_CACHE_BYTES:
                self._cache.popitem(last=False)
        return picture


# Documents that example questions are taken from.
_EXAMPLE_DOCUMENTS = 4


class IndexQueries:
    """The queries of a service that only read its index; safe to share. All of them raise NoIndexError."""

    def __init__(
        self, pipeline: ActivePipeline, models: Models, clock: Callable[[], date], max_question_chars: int
    ) -> None:
        self._pipeline = pipeline
        self._models = models
        self._clock = clock
        self._max_question_chars = max_question_chars
        self._pages = PagePictures()

    def search(self, q: str, k: int = 10, as_of: date | None = None, doc_id: str | None = None) -> list[Hit]:
        """Return the best `k` passages of the documents published by `as_of` for `q` in either spelling, best first.

        Raises BadQuestionError, QuestionTooLongError, UnknownDocumentError.
        """
        check_question(q, self._max_question_chars)
        pipeline = self._pipeline()
        doc_ids = pipeline.publications.published_by(as_of or self._clock())
        if doc_id is not None:
            _document(pipeline.index, doc_id)
            doc_ids = frozenset({doc_id}) if doc_ids is None else doc_ids & {doc_id}
        hits: dict[str, Hit] = {}
        for text in dict.fromkeys((nfkc(q), pipeline.spelling(nfkc(q)))):
            for hit in search(
                pipeline.index,
                pipeline.encoder,
                text,
                k,
                doc_ids=doc_ids,
                reranker=self._models.reranker,
                ranker=self._models.ranker,
            ):
                hits[hit.passage.id] = max(hit, hits.get(hit.passage.id, hit), key=lambda candidate: candidate.score)
        return sorted(hits.values(), key=lambda hit: -hit.score)[:k]

    def passage(self, passage_id: str) -> Passage:
        """Return one passage. Raises UnknownPassageError."""
        index = self._pipeline().index
        with suppress(KeyError):
            passage = index.passages[index.passage_row(passage_id)]
            if index.document(passage.doc_id):
                return passage
        raise UnknownPassageError(f"箇所「{passage_id}」は今の文書にはありません。もう一度質問してください。")

    def passages(self, doc_id: str) -> list[Passage]:
        """Return the passages of a document in order. Raises UnknownDocumentError."""
        index = self._pipeline().index
        _document(index, doc_id)
        return list(index.all_passages(doc_id))

    def document_tables(self, doc_id: str) -> Iterator[Table]:
        """Yield the tables of a document with labelled rows, in order."""
        return self._pipeline().tables.document_tables(doc_id)

    def original(self, doc_id: str, version: str = "") -> OriginalFile:
        """Return the original file of a document, or of a version of it that is kept.

        Raises UnknownDocumentError, also for a withdrawn document, and UnknownFileError.
        """
        index = self._pipeline().index
        if version and not (index.document(doc_id) and index.by_id[doc_id].version == version):
            return self._earlier_original(index, doc_id, version)
        document = _document(index, doc_id)
        if doc_id not in index.originals:
            raise UnknownFileError(
                f"「{document.title}」の原本は、まだ保管されていません。次に文書を取り込むと、開けるようになります。"
            )
        return OriginalFile(document, original_path(index.data, document))

    def has_newer_version(self, doc_id: str, version: str) -> bool:
        """Whether the document's file differs from the file of an earlier version."""
        index = self._pipeline().index
        document = index.document(doc_id)
        if document is None or document.version == version:
            return False
        earlier = archived_original(index.data, doc_id, version)
        current = original_path(index.data, document)
        # Another version may be the same file under a corrected entry.
        return not (earlier and current.is_file() and content_digest(earlier) == content_digest(current))

    def _earlier_original(self, index: Index, doc_id: str, version: str) -> OriginalFile:
        path = archived_original(index.data, doc_id, version) if doc_id not in index.excluded else None
        current = index.document(doc_id)
        if path is None:
            newer = "今の版は文書の一覧から開けます。" if current else ""
            raise UnknownFileError(f"文書「{doc_id}」のこの版は、もう保管されていません。{newer}")
        document = current or Document(doc_id, doc_id, path.name)
        file = f"{doc_id}-{version}{path.suffix}"
        return OriginalFile(replace(document, file=file, digest=path.stem), path, is_current=False)

    def page_picture(self, doc_id: str, page: int, passage_id: str | None = None, version: str = "") -> bytes:
        """Return a page as a PNG, with the passage highlighted if it belongs to this document.

        Raises UnknownDocumentError, UnknownFileError, BusyError.
        """
        original = self.original(doc_id, version)
        passage = None
        with suppress(UnknownPassageError):
            passage = self.passage(passage_id) if passage_id else None
        return self._pages.render_page(original, page, passage.text if passage and passage.doc_id == doc_id else "")

    def documents(self, as_of: date | None = None) -> list[DocumentState]:
        """Return every document that is not withdrawn, with its state on a day."""
        day = as_of or self._clock()
        index = self._pipeline().index
        replacing = superseding_documents(index.documents)
        states = []
        for document in index.documents:
            successor = superseded_by(document, day, replacing)
            in_force = is_in_force(document, day, replacing) if document.period else None
            has_file = document.id in index.originals
            states.append(DocumentState(document, in_force, successor.id if successor else None, has_file))
        return states

    def examples(self, limit: int) -> tuple[str, ...]:
        """Return up to `limit` example questions from the newest documents in force."""
        states = sorted(
            self.documents(), key=lambda state: (bool(state.in_force), state.document.published), reverse=True
        )
        newest = [state.document.id for state in states[:_EXAMPLE_DOCUMENTS]]
        return self._pipeline().suggestions.examples(newest, limit, self._clock())

    def topics(self, limit: int, questions_per_topic: int) -> tuple[SuggestionTopic, ...]:
        """Return up to `limit` top headings of the documents in force, each with some of its questions."""
        states = sorted(self.documents(), key=lambda state: state.document.published, reverse=True)
        in_force = [state.document.id for state in states if state.in_force is not False]
        return self._pipeline().suggestions.topics(in_force, limit, questions_per_topic)


def _document(index: Index, doc_id: str) -> Document:
    document = index.document(doc_id)
    if document is None:
        raise UnknownDocumentError(
            f"文書「{doc_id}」は見つかりません。この番号では登録されていません。一覧で確かめてください。"
        )
    return document
