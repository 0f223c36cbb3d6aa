"""Minutes as data: meetings with their agenda, speakers, speeches and decisions, read from passages."""

from ingest.minutes.meeting import Decision, Meeting, read_meeting
from ingest.minutes.people import Person, Role, read_person
from ingest.minutes.speeches import Kind, Span, Speech, read_speeches

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
]
