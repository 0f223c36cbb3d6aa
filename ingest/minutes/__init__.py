"""Minutes as data: meetings with their agenda, speakers, speeches and decisions, read from passages."""

from ingest.minutes.decisions import Decision
from ingest.minutes.meeting import Meeting, read_meeting
from ingest.minutes.model import Kind, PassageSpan, Speech, sentence_spans
from ingest.minutes.people import Person, SpeakerRole, read_person
from ingest.minutes.speeches import read_speeches

__all__ = [
    "Decision",
    "Kind",
    "Meeting",
    "PassageSpan",
    "Person",
    "SpeakerRole",
    "Speech",
    "read_meeting",
    "read_person",
    "read_speeches",
    "sentence_spans",
]
