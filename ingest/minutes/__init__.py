"""Minutes as data: meetings with their agenda, speakers, speeches and decisions, read from passages."""

from ingest.minutes.decisions import Decision
from ingest.minutes.meeting import Meeting, read_meeting
from ingest.minutes.model import Kind, Span, Speech, sentence_spans
from ingest.minutes.people import Person, Role, read_person
from ingest.minutes.speeches import read_speeches

__all__ = [
    "Decision",
    "Kind",
    "Meeting",
    "Person",
    "Role",
    "Span",
    "Speech",
    "read_meeting",
    "read_person",
    "read_speeches",
    "sentence_spans",
]
