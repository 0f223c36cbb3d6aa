"""Staff's answers as files of questions and answers: listed, checked before they are published, and published."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.answering.privacy.personal import mask_personal_data
from bot.answering.staff_answers.answer import answer_draft
from bot.answering.state import AnswerContent, Question, Status, Turn
from bot.answering.suggestions import names_person
from bot.desk.curation.regression_case import write_case
from bot.errors import ChangedMeanwhileError, DeskError
from bot.running.service.service import Service
from bot.spreadsheet import to_csv
from ingest.configuration.audit import record_event
from ingest.configuration.storage import exclusive_writer
from ingest.documents import Document, Passage
from ingest.guardrails.secrets import requests_secret
from ingest.index.generation import load_generation
from ingest.japanese import dates, nfkc
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.sentences import sentences
from ingest.lifecycle.library import add_documents
from ingest.metadata.document_table import added_folder, read_documents
from ingest.metadata.manifest import make_id
from ingest.passages.document_reading import split_document
from ingest.publications import published_on
from ingest.readers.faq_file import (
    ANSWER,
    AUTHOR,
    COLUMNS,
    OFFICE,
    QUESTION,
    SUPERSEDES,
    TELEPHONE,
    UPDATED,
    WORDINGS,
    FaqRow,
    group_rows,
    read_faq,
    row_file,
    write_faq,
)

STATES = {
    "served": "答えています",
    "later": "まだ始まっていません",
    "ended": "終わりました",
    "contradicts": "文書と違う",
    "problem": "直すところがあります",
}
"""The states of a row, with their Japanese names; `contradicts` is asked for, as it takes time."""
_LOCK = "faq.lock"
_PLACEHOLDER = re.compile(r"〔[^〔〕]+〕")
# Masked details that an office tells of itself; a mobile number is a person's.
_OF_OFFICES = frozenset({"〔電話番号〕", "〔メールアドレス〕"})
_MOBILE = re.compile(r"(?<!\d)0[789]0[-(\s]?\d{4}")
# Below this probability a passage is about something else.
_MIN_PROBABILITY = 0.3


@dataclass(frozen=True, slots=True)
class FaqFile:
    """A file of questions and answers with the number of its rows that are in the index."""

    id: str
    title: str
    rows: int


@dataclass(frozen=True, slots=True)
class FaqState:
    """A row of a file with its state and why it is not served."""

    row: FaqRow
    doc_id: str
    state: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ProposedRows:
    """Rows that an editor wants to publish: one, or with `is_file` all of a file.

    Attributes:
        file: the id of the file, "" for a new one, which is named after the office.
        based_on: the row that is changed, as it was read; None for a new one.
        tried: questions to try besides those of the row.
        waiting: the question of the list that the row answers.
        adds_case: whether the answer becomes a regression case.
    """

    file: str
    rows: tuple[FaqRow, ...]
    issuer: str = ""
    title: str = ""
    based_on: FaqRow | None = None
    is_file: bool = False
    tried: tuple[str, ...] = ()
    waiting: str = ""
    adds_case: bool = True


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A passage in force with other figures or dates than an answer: `stated` in the answer, `found` in the passage."""

    stated: str
    found: str
    document: Document
    passage: Passage


@dataclass(frozen=True, slots=True)
class TriedQuestion:
    """How a question is found: whether the row answers it, or is only offered, and what answers it today."""

    question: str
    match: str
    today: str


@dataclass(frozen=True, slots=True)
class FaqCheck:
    """What was found before publication: `problems` prevent it, `doubts` and contradictions need a confirmation."""

    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    contradictions: list[tuple[FaqRow, Contradiction]] = field(default_factory=list)
    tried: list[TriedQuestion] = field(default_factory=list)
    shown: AnswerContent | None = None


class FaqDesk:
    """The files of one service; safe to share between threads and processes. Raises StorageError, NoIndexError."""

    def __init__(self, service: Service) -> None:
        self._settings, self._open_index, self._clock = service.settings, service.open_index, service.clock

    def files(self) -> list[FaqFile]:
        rows = group_rows(self._open_index().index.documents)
        found = [FaqFile(file, same[0].title, len(same)) for file, same in rows.items()]
        return sorted(found, key=lambda one: one.title)

    def content(self, file: str) -> bytes:
        """Return a file as CSV for spreadsheets. Raises DeskError for an unknown one."""
        rows = self.rows(file)
        columns = tuple(dict.fromkeys((*COLUMNS, *(column for row in rows for column in row.cells))))
        return to_csv(columns, [[row.cells.get(column, "") for column in columns] for row in rows])

    def rows(self, file: str) -> tuple[FaqRow, ...]:
        """Return the rows of a file, also those with problems. Raises DeskError for an unknown one."""
        added = read_documents(self._settings).get(file)
        if added and added.file:
            return read_faq(added_folder(self._settings) / added.file)
        names = {row_file(one)[1] for one in self._documents(file)}
        folders = load_generation(self._settings).basis.corpora
        paths = [Path(folder) / name for folder in folders for name in names if (Path(folder) / name).is_file()]
        if not paths:
            raise DeskError("この質問と回答のファイルは見つかりません。一覧から選び直してください。")
        return read_faq(paths[0])

    def states(self, file: str, *, contradicts: bool = False) -> list[FaqState]:
        """Return the rows of a file with their states today, in order; `contradicts` compares them with documents."""
        index, day = self._open_index().index, self._clock()
        states = []
        for row in self.rows(file):
            doc_id = f"{file}-{row.key}"
            document = index.document(doc_id)
            if document is None:
                reason = "".join(row.problems()) or "取り下げたか、同じ質問の行があるか、まだ取り込んでいません。"
                states.append(FaqState(row, doc_id, "problem", reason))
            elif (published_on(document) or day) > day or (document.period and document.period.start > day):
                states.append(FaqState(row, doc_id, "later"))
            elif not index.publications.is_in_force(document, day):
                successor = index.publications.successor(document, day)
                states.append(
                    FaqState(row, doc_id, "ended", f"「{successor.title}」に引き継がれました。" if successor else "")
                )
            elif contradicts and (found := self._contradiction(row)):
                said = f"回答は「{found.stated}」、「{found.document.title}」は「{found.found}」です。"
                states.append(FaqState(row, doc_id, "contradicts", said))
            else:
                states.append(FaqState(row, doc_id, "served"))
        return states

    def check(self, proposed: ProposedRows) -> FaqCheck:
        """Return what speaks against publishing, for all rows at once, and how a single row would be found."""
        check, file = FaqCheck(), self._file_id(proposed)
        own = {f"{file}-{row.key}" for row in (*proposed.rows, *filter(None, [proposed.based_on]))}
        current = {row.key: row for row in self._known_rows(file)}
        seen = {} if proposed.is_file else {key: row.line for key, row in current.items()}
        if proposed.based_on:
            seen.pop(proposed.based_on.key, None)
        if not self._title(proposed):
            check.problems.append(f"「{OFFICE}」を書いてください。新しいファイルの名前になります。")
        if not proposed.rows:
            check.problems.append("回答が1行もありません。")
        for row in proposed.rows:
            place = f"{row.line}行目: " if proposed.is_file else ""
            problems = [*row.problems(), *self._row_problems(row, own)]
            if row.key in seen:
                problems.append(f"「{row.cell(QUESTION)}」という質問の行が、もうあります（{seen[row.key]}行目）。")
            seen[row.key] = row.line
            check.problems.extend(place + problem for problem in problems)
            if not problems and not _is_unchanged(row, current):
                if named := [sentence for sentence in sentences(row.cell(ANSWER)) if names_person(sentence)]:
                    doubt = f"人の名前かもしれない言葉があります（{named[0]}）。個人の名前なら消してください。"
                    check.doubts.append(place + doubt)
                if found := self._contradiction(row):
                    check.contradictions.append((row, found))
        if proposed.is_file or check.problems:
            return check
        return replace(check, tried=list(self._try(proposed)), shown=self._preview(proposed))

    def publish(self, proposed: ProposedRows, by: str, *, confirmed: bool) -> list[str]:
        """Replace the file and the index; return the ids of the published rows.

        Raises DeskError with the problems, or for doubts that are not `confirmed`, ChangedMeanwhileError if somebody
        else has changed the row, and IngestError. Then nothing is changed.
        """
        with exclusive_writer(self._settings.data, _LOCK):
            check = self.check(proposed)
            if check.problems:
                raise DeskError("公開できません。" + " / ".join(check.problems))
            if (check.doubts or check.contradictions) and not confirmed:
                raise DeskError("確かめるところがあります。確かめた印を付けてから公開してください。")
            today = self._clock().isoformat()
            changes = {UPDATED: today} if proposed.is_file else {UPDATED: today, AUTHOR: by}
            current = self._known_rows(self._file_id(proposed))
            known = {row.key: row for row in current}
            new = [
                row if _is_unchanged(row, known) else replace(row, cells={**row.cells, **changes})
                for row in proposed.rows
            ]
            rows = new if proposed.is_file else _merge(current, proposed.based_on, new[0])
            file = self._write(proposed, rows, by)
        subject = self._title(proposed) if proposed.is_file else new[0].cell(QUESTION)
        record_event(self._settings, by, "curate", (file,), f"「{subject}」の回答を公開しました")
        if proposed.adds_case and not proposed.is_file:
            write_case(self._settings, f"{file}-{new[0].key}", new[0], self._clock())
        return [f"{file}-{row.key}" for row in new]

    def remove(self, file: str, key: str, by: str) -> None:
        """Remove a row from its file and the index. Raises DeskError for an unknown one, IngestError."""
        with exclusive_writer(self._settings.data, _LOCK):
            rows = self.rows(file)
            left = [row for row in rows if row.key != key]
            if len(left) == len(rows):
                raise ChangedMeanwhileError("この行は、ほかの人が先に消しました。")
            if not left:
                raise DeskError(
                    f"最後の行です。ファイルごと外すには `python -m ingest remove {file}` を使ってください。"
                )
            self._write(ProposedRows(file, ()), left, by)
        question = next(row.cell(QUESTION) for row in rows if row.key == key)
        record_event(self._settings, by, "curate", (file,), f"「{question}」の回答を消しました")

    def _known_rows(self, file: str) -> tuple[FaqRow, ...]:
        added = read_documents(self._settings).get(file)
        return self.rows(file) if (added and added.file) or self._documents(file) else ()

    def _documents(self, file: str) -> list[Document]:
        return group_rows(self._open_index().index.documents).get(file, [])

    def _title(self, proposed: ProposedRows) -> str:
        known = self._documents(proposed.file)[:1] if proposed.file else []
        office = proposed.title or (proposed.rows[0].cell(OFFICE) if proposed.rows else "")
        return known[0].title if known else office and f"{office}のよくある質問"

    def _file_id(self, proposed: ProposedRows) -> str:
        return proposed.file or make_id(Path(f"faq-{self._title(proposed)}.csv"), set())

    def _write(self, proposed: ProposedRows, rows: Sequence[FaqRow], by: str) -> str:
        file, title = self._file_id(proposed), self._title(proposed)
        issuers = {one.issuer for one in self._documents(file) or self._open_index().index.documents if one.issuer}
        issuer = proposed.issuer or (issuers.pop() if len(issuers) == 1 else "")
        if not issuer and issuers:
            raise DeskError(f"発行者（{'、'.join(sorted(issuers))} など）を書いてください。")
        entry = {"id": file, "title": title, "kind": "faq", **({"issuer": issuer} if issuer else {})}
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"{file}.csv"
            path.write_bytes(write_faq(rows))
            add_documents(self._settings, [path], entry, by=by)
        return file

    def _row_problems(self, row: FaqRow, own: set[str]) -> Iterator[str]:
        opened, day = self._open_index(), self._clock()
        questions = (row.cell(QUESTION), *row.several(WORDINGS))
        for text in questions:
            if mask_personal_data(text) != text:
                yield f"質問「{mask_personal_data(text)}」に個人の情報が入っています。消してください。"
            elif text and (other := opened.faq.find(text, day)) and other not in own:
                title, question = opened.index.by_id[other].title, opened.index.all_passages(other)[0].section
                yield f"質問「{text}」には「{title}」の「{question}」が答えています。その行を直してください。"
        if _has_personal_data(row.cell(ANSWER)):
            yield f"回答に個人の情報が入っています（{mask_personal_data(row.cell(ANSWER))}）。消してください。"
        if requests_secret(nfkc(f"{row.cell(QUESTION)}\n{row.cell(ANSWER)}")):
            yield "暗証番号・パスワード・カードの番号などを求める文は載せられません。窓口が尋ねることはありません。"
        for doc_id in row.several(SUPERSEDES):
            if doc_id not in opened.index.by_id:
                yield f"「{SUPERSEDES}」の「{doc_id}」という文書はありません。記号（ID）を確かめてください。"

    def _contradiction(self, row: FaqRow) -> Contradiction | None:
        opened, day = self._open_index(), self._clock()
        pipeline = replace(opened.pipeline, staff_answerers=())
        turn, _ = pipeline.answer(Turn(Question(question=row.cell(QUESTION), by_model=False), day))
        for scored in turn.relevance.passages if turn.relevance else ():
            document = opened.index.by_id[scored.hit.passage.doc_id]
            if not opened.index.publications.is_in_force(document, day):
                continue
            if scored.probability >= _MIN_PROBABILITY and (
                pair := _different(row.cell(ANSWER), scored.hit.passage.text)
            ):
                return Contradiction(*pair, document, scored.hit.passage)
            return None
        return None

    def _try(self, proposed: ProposedRows) -> Iterator[TriedQuestion]:
        opened, day, row = self._open_index(), self._clock(), proposed.rows[0]
        wordings = (row.cell(QUESTION), *row.several(WORDINGS))
        for question in dict.fromkeys((*wordings, *proposed.tried)):
            turn, _ = opened.pipeline.answer(Turn(Question(question=question, by_model=False), day))
            draft = turn.draft
            source = draft.sources[0].passage if draft and draft.sources else None
            now = f"「{opened.index.by_id[source.doc_id].title}」{source.section}" if source else "答えがありません"
            doubtful = "（確かでない答え）" if draft and draft.status is Status.PARTIAL else ""
            yield TriedQuestion(question, opened.faq.compare(wordings, question, day), now + doubtful)

    def _preview(self, proposed: ProposedRows) -> AnswerContent:
        row = proposed.rows[0]
        file = Document(self._file_id(proposed), self._title(proposed), "preview")
        document = row.document(file)
        parsed = split_document(document, row.blocks())
        contact = f"{row.cell(OFFICE)} {row.cell(TELEPHONE)}".strip()
        draft = answer_draft(parsed.passages, self._clock(), contact)
        return AnswerContent(draft.parts, draft.notices, "ja")


def _is_unchanged(row: FaqRow, known: Mapping[str, FaqRow]) -> bool:
    return row.key in known and known[row.key].cells == row.cells


def _merge(rows: Sequence[FaqRow], replaced: FaqRow | None, new: FaqRow) -> list[FaqRow]:
    if replaced is None:
        return [*rows, new]
    if all(row.cells != replaced.cells for row in rows):
        raise ChangedMeanwhileError("ほかの人が先に、この行を直したか消しました。一覧から開き直してください。")
    return [new if row.cells == replaced.cells else row for row in rows]


def _has_personal_data(text: str) -> bool:
    masked = frozenset(_PLACEHOLDER.findall(mask_personal_data(text))) - frozenset(_PLACEHOLDER.findall(text))
    return not masked <= _OF_OFFICES or ("〔電話番号〕" in masked and bool(_MOBILE.search(nfkc(text))))


def _different(answer: str, passage: str) -> tuple[str, str] | None:
    # A passage differs in a figure or date if it has others of the same unit only.
    answer, passage = nfkc(answer), nfkc(passage)
    for stated in figures(answer):
        same = [one for one in figures(passage) if one.unit == stated.unit]
        if same and all(one.value != stated.value for one in same):
            return answer[stated.start : stated.end], "、".join(passage[one.start : one.end] for one in same)
    found = dates(passage)
    for day in dates(answer):
        if found and all(day.key != one.key for one in found):
            return answer[day.start : day.end], "、".join(passage[one.start : one.end] for one in found)
    return None
