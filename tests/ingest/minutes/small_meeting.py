"""Meetings of an invented town, read from the lines of their minutes."""

from ingest.blocks import find_blocks
from ingest.documents import Document, Line, Passage
from ingest.minutes.meeting import read_meeting
from ingest.minutes.model import Meeting
from ingest.minutes.speeches import with_speeches
from ingest.passages import split

TITLE = "第1回 潮待町まちづくり協議会 会議録"


def passages_of(text: str, doc_id: str = "kaigi", title: str = TITLE) -> tuple[Passage, ...]:
    """Return the passages of a document's text."""
    lines = [Line(n, line) for n, line in enumerate(text.strip("\n").split("\n"), 1)]
    return with_speeches(Document(doc_id, title, ""), split(doc_id, title, find_blocks(lines))[0])


def meeting_of(text: str, title: str = TITLE) -> Meeting:
    """Return the meeting that minutes describe."""
    meeting = read_meeting(Document("kaigi", title, "kaigi.md", issuer="潮待町"), passages_of(text, title=title))
    assert meeting is not None
    return meeting


def statements(meeting: Meeting) -> list[tuple[str, str, str]]:
    """Return speaker, kind and words of each speech of a person."""
    return [(s.person.display, s.kind.value, s.text) for s in meeting.speeches if s.person]
