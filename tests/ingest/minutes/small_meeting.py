"""Meetings of an invented town, read from the lines of their minutes."""

from ingest.blocks import find_blocks
from ingest.documents import Document, Line, Passage
from ingest.minutes import Meeting, Person, read_meeting
from ingest.passages import split

TITLE = "第1回 潮待町まちづくり協議会 会議録"


def passages_of(text: str, doc_id: str = "kaigi", title: str = TITLE) -> tuple[Passage, ...]:
    """Return the passages of a document's text."""
    lines = [Line(n, line) for n, line in enumerate(text.strip("\n").split("\n"), 1)]
    return split(doc_id, title, find_blocks(lines))[0]


def meeting_of(text: str, title: str = TITLE) -> Meeting:
    """Return the meeting that minutes describe."""
    meeting = read_meeting(Document("kaigi", title, "kaigi.md", issuer="潮待町"), passages_of(text, title=title))
    assert meeting is not None
    return meeting


def statements(meeting: Meeting) -> list[tuple[str, str, str]]:
    """Return speaker, kind and words of each speech of a person."""
    named = ((speech.person, speech) for speech in meeting.speeches)
    return [(_name(person), speech.kind.value, speech.text.strip()) for person, speech in named if person]


def _name(person: Person) -> str:
    return person.display
