"""Puts the speeches of a document together to a meeting: persons, matters, exchanges and decisions."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice

from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.minutes.attendance import read_attendance
from ingest.minutes.decisions import Decision, find_decisions, with_matters
from ingest.minutes.model import Kind, Speech, is_procedure
from ingest.minutes.people import MEMBER_TITLE, Person, SpeakerRole
from ingest.minutes.speeches import read_speeches

_TITLE = re.compile(
    r"(?:会議|議事|審議|発言)の?(?:録|要旨|概要|記録|結果|経過|摘録|要点)|質疑|議会だより|一般質問|記録簿"
    r"|[会談][^。]{0,12}記録$|主な意見|開催(?:結果|概要|報告)|懇談|総会"
)
_MEMBER_AT_START = re.compile(
    rf"^[^\n。、]{{0,16}}(?:(?:{MEMBER_TITLE})(?=\W|[A-ZＡ-Ｚ])|[\d０-９]{{1,2}}番\W)", re.MULTILINE
)
# With fewer labelled speeches, a document that is not titled minutes is no meeting.
_MIN_LABELLED_SPEECHES = 3


@dataclass(frozen=True)
class Meeting:
    """The minutes of a document as data.

    Attributes:
        document: the document.
        speeches: all speeches in order, with the words without a speaker.
        present: who was present, as the list of participants names them.
        decisions: what was decided, in order.
    """

    document: Document
    speeches: tuple[Speech, ...]
    present: tuple[Person, ...] = ()
    decisions: tuple[Decision, ...] = ()

    @cached_property
    def persons(self) -> tuple[Person, ...]:
        """The speakers, each once."""
        return tuple(dict.fromkeys(speech.person for speech in self.speeches if speech.person))

    @cached_property
    def names_speakers(self) -> bool:
        """Whether any member is identified, so that it can be said who asked."""
        return any(person.is_named and person.role is not SpeakerRole.OFFICE for person in self.persons)


def may_be_minutes(document: Document, passages: Sequence[Passage]) -> bool:
    """Whether a document may be a meeting's minutes: by its kind or title, or since members speak in it."""
    if document.kind == "meeting" or _TITLE.search(nfkc(document.title)):
        return True
    texts = (passage.text_with_headings for passage in passages)
    labelled = (match for text in texts for match in _MEMBER_AT_START.finditer(text))
    return len(list(islice(labelled, _MIN_LABELLED_SPEECHES))) == _MIN_LABELLED_SPEECHES


def read_meeting(document: Document, passages: Sequence[Passage]) -> Meeting | None:
    """Return the meeting whose minutes a document is; None for another document."""
    present = read_attendance(passages)
    members = [person for person in present if person.role is not SpeakerRole.OFFICE]
    names = frozenset(filter(None, (*(person.name for person in members), *(person.family for person in members))))
    speeches = list(_with_exchanges(_without_repeated_headings(_merge(_all_speeches(passages, names)))))
    n_labelled = sum(bool(speech.person and speech.person.label) for speech in speeches)
    member_asks = any(
        speech.person and speech.person.role is SpeakerRole.MEMBER and speech.kind is Kind.QUESTION
        for speech in speeches
    )
    has_speakers = n_labelled >= _MIN_LABELLED_SPEECHES and (member_asks or document.kind == "meeting")
    if not _TITLE.search(nfkc(document.title)) and not has_speakers:
        return None
    identify = _Identities([speech.person for speech in speeches if speech.person], present)
    identified = [
        replace(speech, person=identify(speech.person), askers=tuple(map(identify, speech.askers)))
        if speech.person
        else speech
        for speech in speeches
    ]
    on_matters = tuple(with_matters(identified, nfkc(document.title)))
    return Meeting(document, on_matters, present, tuple(find_decisions(on_matters)))


def _all_speeches(passages: Sequence[Passage], names: Container[str]) -> Iterator[list[Speech]]:
    last: Speech | None = None
    path: tuple[str, ...] = ()
    for passage in passages:
        speaker = last.person if last and passage.path == path and passage.kind == "text" else None
        speeches = read_speeches(passage, speaker, names)
        yield speeches
        last = speeches[-1] if speeches else None
        path = passage.path


def _merge(groups: Iterable[list[Speech]]) -> Iterator[Speech]:
    pending: Speech | None = None
    for speeches in groups:
        for n, speech in enumerate(speeches):
            is_same = pending and pending.person and (pending.person, pending.item) == (speech.person, speech.item)
            if pending and n == 0 and is_same and not speech.spans[0].start and not (speech.heading or pending.heading):
                pending = replace(pending, spans=(*pending.spans, *speech.spans))
                continue
            yield from [pending] if pending else []
            pending = speech
    yield from [pending] if pending else []


def _without_repeated_headings(speeches: Iterable[Speech]) -> Iterator[Speech]:
    texts = defaultdict[Person, str](str)
    for speech in speeches:
        person = speech.person
        text = nfkc(speech.text)
        if speech.heading and person and text in texts[person]:
            continue
        if person:
            texts[person] += text
        yield speech


def _with_exchanges(speeches: Iterable[Speech]) -> Iterator[Speech]:
    """Yield the speeches with the questions that each reply of the office answers: all since the last reply.

    When another officer replies after the first, it is to the same questions.
    """
    questions = list[Speech]()
    is_answered = False
    item = ""
    for speech in speeches:
        if speech.item != item and not speech.asked:
            questions = []
        item = speech.item
        person = speech.person
        if person and (person.role is SpeakerRole.MEMBER or speech.kind is Kind.QUESTION):
            questions = [speech] if is_answered else [*questions, speech]
            is_answered = False
        if person is None or person.role is not SpeakerRole.OFFICE:
            yield speech
        elif is_procedure(speech.text):
            yield replace(speech, kind=Kind.STATEMENT, asked="")
        elif questions or speech.asked:
            is_answered = True
            askers = tuple(dict.fromkeys(question.person for question in questions if question.person))
            asked = "".join(question.text for question in questions) or speech.asked
            yield replace(speech, kind=Kind.REPLY, asked=asked, askers=askers or speech.askers)
        else:
            yield speech


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
