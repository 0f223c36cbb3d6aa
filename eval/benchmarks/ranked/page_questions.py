"""Loads questions whose answer is on a page of a PDF, and reads the PDFs."""

from collections.abc import Collection, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eval.errors import SetFileError
from eval.storage.numbered_lines import read_models
from ingest.chunking.document_reading import read_document
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
