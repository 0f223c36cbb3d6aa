"""Questions with judged documents, in the formats of BEIR and SQuAD and over PDFs, and an index that searches them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.answering.retrieval.ranking import Ranker
from bot.answering.retrieval.retrieve import search
from bot.answering.state import Hit
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_models, read_numbered_lines
from ingest.build.build import index_documents
from ingest.cli.terminal import build_progress
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument, Passage
from ingest.embedding import Encoder, open_encoder
from ingest.errors import UnreadableDocumentError
from ingest.index.index import Index, open_index
from ingest.metadata.manifest import make_id
from ingest.metadata.proposal import find_fields
from ingest.passages.document_reading import read_document

Grades = Mapping[str, int]
"""Grade by key of what may answer; grades from 1 are relevant."""


@dataclass(frozen=True, slots=True)
class JudgedQuestion:
    """A question, what answers it, and its true short answers if they are known."""

    id: str
    text: str
    grades: Grades
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Documents and the questions about them in file order.

    Attributes:
        key: returns what a passage belongs to, by which questions are judged: an entry, a context, a page.
        unread: why documents could not be read.
        unanswered: number of further questions that nothing answers.
    """

    readings: Sequence[ParsedDocument]
    questions: Sequence[JudgedQuestion]
    key: Callable[[Passage], str]
    unread: tuple[str, ...] = ()
    unanswered: int = 0


# The head of a file of judgements, which may be missing, and the separator of title and paragraph in JSQuAD.
_COLUMNS = ("query-id", "corpus-id", "score")
_SEPARATOR = " [SEP] "


class BeirEntry(BaseModel):
    """A line of corpus.jsonl or queries.jsonl; `title` is optional, and texts may be empty."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(alias="_id", min_length=1)
    title: str | None = None
    text: str


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


def load_beir(folder: Path, split: str) -> JudgedSet:
    """Return a set in the format of BEIR (Thakur et al. 2021, arXiv:2104.08663) with the queries of `split`.

    Raises SetFileError, with file and line, for missing, invalid or unknown entries.
    """
    form = '{"_id": "…", "title": "…", "text": "…"} の JSON '
    corpus, queries = (
        {entry.id: entry for _, entry in read_models(folder / name, BeirEntry, form)}
        for name in ("corpus.jsonl", "queries.jsonl")
    )
    file = folder / "qrels" / f"{split}.tsv"
    if not file.is_file():
        splits = "、".join(sorted(path.stem for path in file.parent.glob("*.tsv"))) or "なし"
        raise SetFileError(f"{file}: ありません。--split に、ある判定の名前を指定してください(ある判定: {splits})。")
    grades: dict[str, dict[str, int]] = {}
    for location, line in read_numbered_lines(file):
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if cells == _COLUMNS:
            continue
        try:
            query_id, doc_id, grade = *cells[:2], int(cells[2])
        except (ValueError, IndexError) as error:
            raise SetFileError(
                f"{location}: query-id、corpus-id、score(整数)をタブで区切って書いてください。"
            ) from error
        if query_id not in queries or doc_id not in corpus:
            raise SetFileError(f"{location}: この id が queries.jsonl か corpus.jsonl にありません。直してください。")
        grades.setdefault(query_id, {})[doc_id] = grade
    if not grades:
        raise SetFileError(f"{file}: 判定が1つもありません。query-id、corpus-id、score の行を書いてください。")
    readings = [single_passage_document(entry.id, entry.title or "", entry.text) for entry in corpus.values()]
    questions = [JudgedQuestion(q.id, q.text, grades[q.id]) for q in queries.values() if q.id in grades]
    return JudgedSet(readings, questions, lambda passage: passage.doc_id)


def load_squad(file: Path) -> JudgedSet:
    """Return a set in SQuAD 1.1 format (Rajpurkar et al. 2016, arXiv:1606.05250); equal contexts are merged.

    Raises SetFileError if the file is unreadable or not SQuAD JSON, or has no question with an answer.
    """
    readings: dict[str, ParsedDocument] = {}
    questions: dict[str, JudgedQuestion] = {}
    try:
        for article in json.loads(file.read_bytes())["data"]:
            for paragraph in article["paragraphs"]:
                text = paragraph["context"]
                if text not in readings:
                    title, separator, body = text.partition(_SEPARATOR)
                    parts = (title, body) if separator else (article.get("title", ""), text)
                    readings[text] = single_passage_document(str(len(readings)), *parts)
                for asked in paragraph["qas"]:
                    answers = tuple(answer["text"] for answer in asked["answers"])
                    grades = {readings[text].document.id: 1}
                    questions[asked["id"]] = JudgedQuestion(asked["id"], asked["question"], grades, answers)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SetFileError(
            f"{file}: SQuAD 形式(data[].paragraphs[].context と qas[].id・question・answers[].text)として"
            f"読めません({error!r})。--squad に SQuAD 形式の JSON を指定してください。"
        ) from error
    answered = [question for question in questions.values() if question.answers]
    if not answered:
        raise SetFileError(f"{file}: 答えのある問いが1つもありません。SQuAD 形式の JSON を指定してください。")
    return JudgedSet(list(readings.values()), answered, lambda passage: passage.doc_id)


def load_pages(folder: Path, file: Path) -> JudgedSet:
    """Return the PDFs of `folder` and the questions of `file` that one of their pages answers.

    Raises SetFileError, with file and line, for an invalid question or an unknown PDF.
    """
    pdfs = pdf_files(folder)
    listed = list(read_models(file, PageQuestion, '{"id", "question", "file", "page"} の JSON '))
    for location, question in listed:
        if question.file is not None and question.file not in pdfs:
            raise SetFileError(f"{location}: 「{question.file}」が --pdfs のフォルダーにありません。")
    answered = [question for _, question in listed if question.page]
    questions = [JudgedQuestion(one.id, one.question, {f"{one.file}#{one.page}": 1}) for one in answered]
    if not questions:
        raise SetFileError(f"{file}: 答えのページ(file と page)のある問いがありません。")
    readings, unread = read_pdfs(pdfs)
    if not readings:
        raise SetFileError(f"{folder}: 読み取れる PDF がありません。")
    files = {reading.document.id: reading.document.file for reading in readings}

    def key(passage: Passage) -> str:
        return f"{files[passage.doc_id]}#{passage.page}"

    return JudgedSet(readings, questions, key, tuple(unread), len(listed) - len(questions))


def pdf_files(folder: Path) -> dict[str, Path]:
    """Return the PDFs below `folder` by relative path; raises SetFileError if there are none."""
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".pdf" and path.is_file()]
    if not paths:
        raise SetFileError(f"{folder}: PDF がありません。PDF を置いたフォルダーを --pdfs に指定してください。")
    return {path.relative_to(folder).as_posix(): path for path in paths}


def read_pdfs(files: Mapping[str, Path]) -> tuple[list[ParsedDocument], list[str]]:
    """Return the parsed documents of the readable PDFs, and the errors of the others."""
    readings: list[ParsedDocument] = []
    unread: list[str] = []
    used_ids: set[str] = set()
    for name, path in files.items():
        try:
            document = Document(make_id(Path(name), used_ids), find_fields(path)["title"], name)
            readings.append(read_document(path, document))
            used_ids.add(document.id)
        except UnreadableDocumentError as error:
            unread.append(str(error))
    return readings, unread


def single_passage_document(doc_id: str, title: str, text: str) -> ParsedDocument:
    """Return an entry of a set as a document of one passage; `title` becomes its heading if not empty.

    An empty entry becomes a document without passages.
    """
    path = (title,) if title.strip() else ()
    passage = Passage(f"{doc_id}#1", doc_id, "text", path, text, (1,))
    return ParsedDocument(Document(doc_id, title, file=doc_id), (passage,) if path or text.strip() else ())


@dataclass(frozen=True, slots=True)
class SearchableIndex:
    """An open index with the models that search it."""

    index: Index
    encoder: Encoder
    ranker: Ranker

    def search(self, text: str, k: int) -> list[Hit]:
        """Return up to `k` passages, ranked by the product's retrieval."""
        return search(self.index, self.encoder, text, k, ranker=self.ranker)


@contextmanager
def open_temporary_index(settings: Settings, readings: Iterable[ParsedDocument]) -> Iterator[SearchableIndex]:
    """Index `readings` in a temporary data folder, with progress bars and without external servers.

    Raises IngestError, and BotError if the configured reranker cannot be loaded.
    """
    with TemporaryDirectory(prefix="shirube-eval-") as folder:
        own = {"data": Path(folder), "chroma_url": None, "database_url": None}
        temporary = settings.model_copy(update=own)
        encoder = open_encoder(temporary)
        with build_progress() as progress:
            index_documents(temporary, readings, encoder=encoder, progress=progress)
        with open_index(temporary) as index:
            yield SearchableIndex(index, encoder, Ranker.load(temporary.ranker))
