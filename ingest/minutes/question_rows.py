"""Reads the rows of tables of questions and replies, and of tables with a column of speakers."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.documents import Passage
from ingest.japanese.normal_forms import nfkc, remove_spaces
from ingest.minutes.labels import find_label
from ingest.minutes.model import Kind, PassageSpan, Speech, speech_kind
from ingest.minutes.people import Person, SpeakerRole, read_person

# Heads of the columns.
_QUESTION = re.compile(r"質問|意見|質疑|要望|問い?|提案|指摘|発言(?:内容|要旨)?$|内容$")
_REPLY = re.compile(r"回答|答弁|答え?$|対応|考え方|事務局|見解|説明")
_PERSON = re.compile(r"発言者|質問者|提案者|氏名|委員名?$|議員名?$|回答者|答弁者|所属")
_ANSWERER = re.compile(r"回答|答弁")
_MATTER = re.compile(r"議題|項目|件名")
# Characters of a name; a longer cell is none.
_MAX_NAME_LENGTH = 9


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell with its column head in normal form, and where its text is in the passage."""

    head: str
    span: PassageSpan

    @property
    def text(self) -> str:
        return nfkc(self.span.text).strip()


def read_row(passage: Passage) -> Iterator[Speech]:
    """Yield the question and the reply of a table row; nothing for a row of another table."""
    cells = list(_cells(passage))
    names = [cell for cell in cells if _PERSON.search(cell.head)]
    replies = [cell for cell in cells if cell not in names and _REPLY.search(cell.head)]
    questions = [cell for cell in cells if cell not in names and cell not in replies and _QUESTION.search(cell.head)]
    if not questions or not (replies or names):
        return
    matters = (cell.text for cell in cells if _MATTER.search(cell.head))
    item = " ".join((*map(nfkc, passage.path[-1:]), *matters))
    asked = ""
    asker = _read_name([cell for cell in names if not _ANSWERER.search(cell.head)], SpeakerRole.MEMBER)
    answerer = _read_name([cell for cell in names if _ANSWERER.search(cell.head)], SpeakerRole.OFFICE)
    for cell in questions:
        labelled, span = _without_label(cell.span)
        person = asker if asker.label or labelled is None else labelled
        asked = span.text
        yield Speech(person, speech_kind(person, asked, ""), (span,), item)
    for cell in replies:
        labelled, span = _without_label(cell.span)
        in_head = read_person(re.sub(r"(?:から)?の?(?:回答|答弁|考え方|対応|説明|見解)$", "", cell.head))
        person = labelled or (answerer if answerer.label else in_head or answerer)
        yield Speech(replace(person, role=SpeakerRole.OFFICE), Kind.REPLY, (span,), item, asked, (asker,))


def _cells(passage: Passage) -> Iterator[_Cell]:
    position = 0
    for cell in passage.cells:
        start = passage.text.find(cell.value, position) if cell.value else -1
        if start >= 0:
            position = start + len(cell.value)
            yield _Cell(nfkc(cell.column), PassageSpan(passage, start, position))


def _without_label(span: PassageSpan) -> tuple[Person | None, PassageSpan]:
    label = find_label(span.text)
    if label is None:
        return None, span
    return label.person, PassageSpan(span.passage, span.start + label.start, span.start + label.end)


def _read_name(cells: Sequence[_Cell], role: SpeakerRole) -> Person:
    for cell in cells:
        if person := read_person(cell.text):
            return person
        title = next((title for title in ("委員", "議員") if title in cell.head), "")
        name = remove_spaces(cell.text)
        if 0 < len(name) <= _MAX_NAME_LENGTH:
            return read_person(f"{name}{title}") or Person(cell.text, role, name, name, office=title)
    return Person("", role)
