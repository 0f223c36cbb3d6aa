"""Retrieval of the PDF page that answers a question."""

import sys
from argparse import Namespace
from collections.abc import Collection, Sequence
from pathlib import Path
from time import perf_counter

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.state import Hit
from eval.benchmarks.ranked import HALF, MeasuredQuery, choose_half, ranked_measurement
from eval.benchmarks.temporary_index import SearchableIndex, open_temporary_index
from eval.command import OUT, Measurement, command, path_option
from eval.errors import SetFileError
from eval.metrics.ranking import reciprocal_rank
from eval.storage.numbered_lines import read_models
from eval.storage.progress import with_progress_bar
from ingest.chunking.document_reading import read_document
from ingest.configuration.environment import read_settings
from ingest.documents import Document, ParsedDocument
from ingest.errors import UnreadableDocumentError
from ingest.metadata.proposal import find_title
from ingest.metadata.unlisted_files import make_id


class PageQuestion(BaseModel):
    """A question with the page (from 1) that answers it; `page` and `file` are null if none does."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    file: str | None
    page: int | None = Field(ge=1)

    @model_validator(mode="after")
    def _check_file_and_page(self) -> "PageQuestion":
        if (self.file is None) != (self.page is None):
            raise ValueError("file と page は、両方書くか、両方 null にしてください")
        return self


def load_page_questions(file: Path, pdfs: Collection[str]) -> tuple[PageQuestion, ...]:
    """Return the questions of `file` in order; `pdfs` are the allowed file names.

    Raises SetFileError, with file and line, for an invalid or repeated question, or an unknown PDF.
    """
    questions: dict[str, PageQuestion] = {}
    for location, question in read_models(file, PageQuestion, '{"id", "question", "file", "page"} の JSON '):
        if question.id in questions:
            raise SetFileError(f"{location}: id「{question.id}」は2回目です。別の id にしてください。")
        if question.file is not None and question.file not in pdfs:
            raise SetFileError(f"{location}: 「{question.file}」が --pdfs のフォルダーにありません。")
        questions[question.id] = question
    if not any(question.page for question in questions.values()):
        raise SetFileError(f"{file}: 答えのページ(file と page)のある問いがありません。")
    return tuple(questions.values())


def pdf_files(folder: Path) -> dict[str, Path]:
    """Return the PDFs below `folder` by relative path; raises SetFileError if there are none."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".pdf" and path.is_file()]
    if not paths:
        raise SetFileError(f"{folder}: PDF がありません。PDF を置いたフォルダーを --pdfs に指定してください。")
    return {path.relative_to(folder).as_posix(): path for path in paths}


def read_pdfs(files: Sequence[tuple[str, Path]]) -> tuple[list[ParsedDocument], list[str]]:
    """Return the parsed documents of the readable PDFs, and the errors of the others."""
    readings: list[ParsedDocument] = []
    unread: list[str] = []
    used_ids: set[str] = set()
    for name, path in files:
        try:
            document = Document(make_id(Path(name), used_ids), find_title(path), name)
            readings.append(read_document(path, document))
            used_ids.add(document.id)
        except UnreadableDocumentError as error:
            unread.append(str(error))
    return readings, unread


# Number of retrieved passages; a page ranks by its best one. Sums of the best two or three rank 25 to 29 of 40 right
# pages first, the best alone 27.
_DEPTH = 100
_HITS_AT = 5

Page = tuple[str, int | None]


def measure_pages(questions: Sequence[PageQuestion], indexed: SearchableIndex) -> tuple[MeasuredQuery, ...]:
    """Search for each of `questions`, which must have a page; shows a progress bar."""
    # Warm up, so that loading the dictionary and Chroma's index is not measured.
    indexed.search("しるべ", _DEPTH)
    files = {document.id: document.file for document in indexed.index.documents}
    return tuple(
        _measure_question(question, files, indexed) for question in with_progress_bar(questions, "検索しています")
    )


def _measure_question(question: PageQuestion, files: dict[str, str], indexed: SearchableIndex) -> MeasuredQuery:
    started = perf_counter()
    hits = indexed.search(question.question, _DEPTH)
    latency_ms = (perf_counter() - started) * 1000
    pages = ranked_pages(hits, files)
    answer_page = (question.file or "", question.page)
    details = {
        "ranked": [{"file": file, "page": page} for file, page in pages[:_HITS_AT]],
        "wanted": {"file": question.file, "page": question.page},
    }
    return MeasuredQuery(question.id, question.question, page_metrics(pages, answer_page), latency_ms, details)


def ranked_pages(hits: Sequence[Hit], files: dict[str, str]) -> list[Page]:
    """Return the distinct pages of `hits`, best first; `files` maps document ids to files."""
    return list(dict.fromkeys((files[hit.passage.doc_id], hit.passage.page) for hit in hits))


def page_metrics(pages: Sequence[Page], answer_page: Page) -> dict[str, float]:
    """Return hit@1, hit@5 and mrr of `answer_page` among `pages` (best first), and file_hit@1 of its file."""
    names = [f"{file}#{page}" for file, page in pages]
    return {
        "hit@1": float(answer_page in pages[:1]),
        f"hit@{_HITS_AT}": float(answer_page in pages[:_HITS_AT]),
        "mrr": reciprocal_rank(names, {f"{answer_page[0]}#{answer_page[1]}": 1}, len(names)),
        "file_hit@1": float(bool(pages) and pages[0][0] == answer_page[0]),
    }


@command(
    "pages",
    "PDF を索引にし、答えのあるページが見つかるかを測る",
    path_option("--pdfs", "DIR", "PDF のあるフォルダー", required=True),
    path_option("--questions", "FILE", "問いと答えのページ(1行に1件の JSON: id、question、file、page)", required=True),
    HALF,
    OUT,
)
def pages(options: Namespace) -> Measurement:
    """Measure whether the right page, and the right file, is found."""
    files = pdf_files(options.pdfs)
    questions = load_page_questions(options.questions, files)
    chosen = choose_half([q for q in questions if q.page], options.half, options.questions)
    readings, unread = read_pdfs(list(files.items()))
    for reason in unread:
        sys.stderr.write(f"注意: {reason}\n")
    if not readings:
        raise SetFileError(f"{options.pdfs}: 読み取れる PDF がありません。")
    with open_temporary_index(read_settings(), readings) as indexed:
        rows = measure_pages(chosen, indexed)
    counts = {"files": len(readings), "unread": len(unread), "no_answer": sum(q.page is None for q in questions)}
    return ranked_measurement(options, rows, {"pdfs": str(options.pdfs), "questions": str(options.questions)}, counts)
