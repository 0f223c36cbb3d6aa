"""Compiles the speeches of minutes in order, with the terms by which questions find them."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter

from ingest.documents import Document, Passage, Speech
from ingest.index.artefacts import read_artefact
from ingest.index.index import Index
from ingest.index.passages import PassageStore
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

MINUTES = "minutes"
"""The name of their artefacts."""


@dataclass(frozen=True, slots=True)
class MeetingSpeech:
    """A speech of a meeting.

    Attributes:
        passage: the number of its passage in the document.
        terms: the index terms of its words between spaces, then the words.
        headings: the same of the headings above it.
        asked: the number of the speech with the question that it replies to, None for none.
    """

    passage: int
    speech: Speech
    terms: str
    headings: str
    asked: int | None = None


_SPEECHES = TypeAdapter(tuple[MeetingSpeech, ...])


@dataclass(frozen=True, slots=True)
class Meeting:
    """The minutes of a document."""

    document: Document
    passages: Sequence[Passage]
    speeches: tuple[MeetingSpeech, ...]


def compile_minutes(store: PassageStore, document: Document) -> bytes | None:
    """Return the speeches of a document as JSON, None without any."""
    speeches = find_speeches(document, store.document_passages(document.id))
    return _SPEECHES.dump_json(speeches, exclude_defaults=True) if speeches else None


def find_speeches(document: Document, passages: Sequence[Passage]) -> tuple[MeetingSpeech, ...]:
    """Return the speeches in the passages of a document, in order."""
    speeches = list[MeetingSpeech]()
    asked: int | None = None
    for number, passage in enumerate(passages):
        matters = [heading for heading in passage.path if heading != document.title]
        headings = _search_text("\n".join(matters)) if passage.speeches else ""
        for speech in passage.speeches:
            if speech.person.role == "member":
                asked = len(speeches)
            terms = _search_text(passage.text[speech.start : speech.end])
            is_reply = speech.kind == "reply"
            speeches.append(MeetingSpeech(number, speech, terms, headings, asked if is_reply else None))
    return tuple(speeches)


def _search_text(text: str) -> str:
    return f" {' '.join(words(text))} \t{nfkc(text)}"


def read_meetings(index: Index) -> dict[str, Meeting]:
    """Return the meetings of an index by document id."""
    meetings = dict[str, Meeting]()
    for document in index.documents:
        if content := read_artefact(index.folder, MINUTES, document.id):
            speeches = _SPEECHES.validate_json(content)
            meetings[document.id] = Meeting(document, index.document_passages(document.id), speeches)
    return meetings
