"""Compiles the minutes of an index into meetings whose sentences are found by their terms, and reads them back."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter

from ingest.documents import Document, Passage
from ingest.errors import IngestError
from ingest.index.artefacts import artefact_keys, read_artefact, write_artefact
from ingest.index.index import Index
from ingest.index.passages import PassageStore
from ingest.japanese import nfkc
from ingest.minutes.meeting import read_meeting
from ingest.minutes.model import Meeting
from ingest.minutes.speeches import MAX_CHARACTERS, may_be_minutes
from ingest.sandbox import ChildEndedError, Limits, map_in_workers

_KIND = "meeting"
_DECLINED = "declined-meeting"
# For one document; the second limit is that of the wall clock, since the processes have a low priority.
_LIMITS = Limits(cpu_s=30, wall_s=90, memory_bytes=2 << 30, result_bytes=32 << 20)
_TOO_LONG = f"上限の{MAX_CHARACTERS:,}字を超えています"
_TOO_MUCH_WORK = "時間かメモリーがかかりすぎるので、途中でやめました"
_MEETING = TypeAdapter(Meeting)


class CompiledMeeting:
    """A meeting with its document and passages.

    Attributes:
        texts: the terms and the words of each speech, then of each decision.
        matters: the terms and the words of each matter, by the matter.
    """

    def __init__(self, document: Document, passages: Sequence[Passage], meeting: Meeting) -> None:
        self.document = document
        self.passages = passages
        self.meeting = meeting
        self.persons = meeting.persons
        self.texts = ["\n".join(sentence.search_text for sentence in part.sentences) for part in meeting.parts]
        self.matters = {item: f"{terms}\t{nfkc(item)}" for item, terms in meeting.matters.items()}


def compile_meetings(store: PassageStore) -> None:
    """Write the meetings among the documents of an index into its folder, and which minutes exceed the limits.

    Documents are read in processes with limits. Raises IngestError if none can be started.
    """
    candidates = list[tuple[Document, Sequence[Passage]]]()
    for document in store.documents:
        passages = store.document_passages(document.id)
        length = sum(len(passage.text) for passage in passages)
        if not may_be_minutes(document, passages):
            continue
        if length > MAX_CHARACTERS:
            write_artefact(store.folder, _DECLINED, document.id, _TOO_LONG.encode())
        else:
            candidates.append((document, passages))
    try:
        for n, content in map_in_workers(compile_meeting, [(one,) for one in candidates], _LIMITS):
            doc_id = candidates[n][0].id
            if content is None:
                write_artefact(store.folder, _DECLINED, doc_id, _TOO_MUCH_WORK.encode())
            elif content:
                write_artefact(store.folder, _KIND, doc_id, content)
    except ChildEndedError as error:
        raise IngestError(
            "会議録を読むプロセスを始められません。メモリーの空きとプロセスの数の上限を確かめてください。"
        ) from error


def compile_meeting(source: tuple[Document, Sequence[Passage]]) -> bytes:
    """Return the meeting of a document with these passages as JSON, empty for another document."""
    meeting = read_meeting(*source)
    return _MEETING.dump_json(meeting, exclude_defaults=True) if meeting else b""


def find_declined_meetings(folder: Path) -> dict[str, str]:
    """Return why minutes were not compiled and what to do, by the id of the document, from the folder of an index."""
    return {
        doc_id: f"会議録として読み取れません（{(read_artefact(folder, _DECLINED, doc_id) or b'').decode()}）。"
        "だれが何を発言したかという質問には答えられません。文書を会議の日か議題ごとに分けてください。"
        for doc_id in sorted(artefact_keys(folder, _DECLINED))
    }


def read_meetings(index: Index) -> dict[str, CompiledMeeting]:
    """Return the meetings of an index by document id."""
    stored = (
        (document, read_artefact(index.folder, _KIND, doc_id))
        for doc_id in artefact_keys(index.folder, _KIND)
        if (document := index.document(doc_id))
    )
    return {
        document.id: CompiledMeeting(document, index.document_passages(document.id), _MEETING.validate_json(content))
        for document, content in stored
        if content
    }
