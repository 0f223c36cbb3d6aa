"""Puts the speeches of a document together to a meeting: persons, matters, exchanges and decisions."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.sentences import sentence_spans
from ingest.japanese.tokenise import words
from ingest.minutes.attendance import read_attendance
from ingest.minutes.decisions import find_decisions, with_matters
from ingest.minutes.model import Meeting, Sentence, Speech
from ingest.minutes.speeches import MATTER_HEAD, MIN_LABELLED_SPEECHES, MINUTES_TITLE, is_procedure, read_path
from ingest.spoken_words import Kind, Person, SpeakerRole


def read_meeting(document: Document, passages: Sequence[Passage]) -> Meeting | None:
    """Return the meeting whose minutes a document is; None for another document."""
    parts = (speech for number, passage in enumerate(passages) for speech in _speeches_of(number, passage))
    speeches = _with_exchanges(list(_without_repeated_headings(parts)))
    n_labelled = sum(bool(speech.person and speech.person.label) for speech in speeches)
    member_asks = any(speech.is_by_member and speech.kind is Kind.QUESTION for speech in speeches)
    has_speakers = n_labelled >= MIN_LABELLED_SPEECHES and (member_asks or document.kind == "meeting")
    if not MINUTES_TITLE.search(nfkc(document.title)) and not has_speakers:
        return None
    present = read_attendance(passages)
    identify = _Identities([speech.person for speech in speeches if speech.person], present)
    speeches = [replace(speech, person=speech.person and identify(speech.person)) for speech in speeches]
    speeches = list(with_matters(speeches, nfkc(document.title)))
    meeting = Meeting(tuple(speeches), present, tuple(find_decisions(speeches, passages)))
    return replace(meeting, matters={part.item: _terms(part.item) for part in meeting.parts})


def _terms(text: str) -> str:
    return f" {' '.join(words(text))} "


def _to_sentence(passage: Passage, number: int, start: int, end: int) -> Sentence:
    text = passage.text[start:end].lstrip()
    return Sentence(number, end - len(text), end, text, _terms(text))


def _speeches_of(number: int, passage: Passage) -> Iterator[Speech]:
    headings = read_path(passage.path)
    item = headings.item
    if passage.kind == "row":
        matters = (nfkc(cell.value).strip() for cell in passage.cells if MATTER_HEAD.search(nfkc(cell.column)))
        item = " ".join((*map(nfkc, passage.path[-1:]), *matters))
    elif passage.speeches and headings.question and headings.asker and headings.question not in passage.text:
        asked = Sentence(number, 0, 0, headings.question, _terms(headings.question))
        yield Speech(headings.asker, Kind.QUESTION, (asked,), item)
    for spoken in passage.speeches:
        text = passage.text[spoken.start : spoken.end]
        sentences = tuple(
            _to_sentence(passage, number, spoken.start + start, spoken.start + end)
            for start, end in sentence_spans(text)
        )
        if sentences:
            yield Speech(spoken.person, spoken.kind, sentences, item)


def _without_repeated_headings(speeches: Iterable[Speech]) -> Iterator[Speech]:
    texts = defaultdict[Person | None, str](str)
    for speech in speeches:
        text = nfkc(speech.text)
        if not (speech.is_heading and text in texts[speech.person]):
            texts[speech.person] += text
            yield speech


def _with_exchanges(speeches: Sequence[Speech]) -> list[Speech]:
    """Return the speeches with the questions that each reply of the office answers: all since the last reply.

    When another officer replies after the first, it is to the same questions.
    """
    result = list[Speech]()
    questions = list[int]()
    is_answered = False
    for n, speech in enumerate(speeches):
        if n and speech.item != speeches[n - 1].item:
            questions = []
        if speech.is_by_member or speech.kind is Kind.QUESTION:
            questions = [n] if is_answered else [*questions, n]
            is_answered = False
        if speech.person and speech.person.role is SpeakerRole.OFFICE:
            if is_procedure(speech.text):
                speech = replace(speech, kind=Kind.STATEMENT)  # noqa: PLW2901
            elif questions:
                is_answered = True
                speech = replace(speech, kind=Kind.REPLY, replies_to=tuple(questions))  # noqa: PLW2901
        result.append(speech)
    return result


class _Identities:
    """Finds the fullest description of each speaker, among the speakers and those present."""

    def __init__(self, speakers: Sequence[Person], present: Sequence[Person]) -> None:
        self._known = list(dict.fromkeys([*present, *speakers]))
        # Whoever is labelled without a bracket next to 山田(保護者) may be another 山田.
        self._with_bracket = {person.family for person in speakers if person.represents}

    def __call__(self, person: Person) -> Person:
        if person.represents or (person.name in self._with_bracket and person.role is SpeakerRole.MEMBER):
            return person
        descriptions = [other for other in self._known if _is_same(person, other)]
        fullest = max(descriptions, key=lambda other: (len(other.name), bool(other.seat)), default=person)
        if len({other.name for other in descriptions if len(other.name) == len(fullest.name)}) > 1:
            return person
        families = (other.family for other in descriptions if other.family and other.family != fullest.name)
        family = next(families, "") or fullest.family
        return replace(
            person,
            name=fullest.name or person.name,
            family=family or person.family,
            seat=person.seat or fullest.seat,
            office=person.office or fullest.office,
        )


def _is_same(person: Person, other: Person) -> bool:
    if person.seat and other.seat:
        return person.seat == other.seat and (not person.name or not other.name or _is_same_name(person, other))
    if person.name and other.name:
        return _is_same_name(person, other) and (
            person.office == other.office or person.role is other.role or not other.office
        )
    return bool(person.label) and person.office.endswith("長") and person.office == other.office


def _is_same_name(person: Person, other: Person) -> bool:
    return person.name in {other.name, other.family} or other.name == person.family
