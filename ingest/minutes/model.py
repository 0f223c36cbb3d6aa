"""The model of a speech: who speaks, whether it asks or replies, and where its words are."""

import re
from dataclasses import dataclass
from enum import StrEnum

from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.sentences import split_document_sentences
from ingest.minutes.people import Person, SpeakerRole

_ASKS = re.compile(
    r"(?:か|ください|下さい|ほしい|欲しい|いただきたい|願い(?:し)?(?:たい|ます)?|(?:伺|尋ね|聞き|質問|要望)[^。]{0,10}(?:ます|たい))"
    r"(?:でしょうか|と思います)?(?:。|[？?])*\s*$|質問|伺い|お尋ね"
)
# What a chair says about the procedure; a chair may hold an office (教育長).
_PROCEDURE = re.compile(
    r"異議(?:は|が)?(?:なし|ありませんか|ございませんか)|お諮り|採決|議題と|(?:可決|決定|承認|否決)(?:さ|し|す)|休憩"
    r"|[開閉散]会|よろしいか|よろしいです|いかがで|お願いし|意見は|発言を許|質疑(?:は|を|が)|ありませんか。?$"
)
# Characters of a speech on the procedure; a longer speech is more than that.
_MAX_PROCEDURE_LENGTH = 120


class Kind(StrEnum):
    """What a speech does."""

    QUESTION = "question"
    REPLY = "reply"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class PassageSpan:
    """A part of a passage's text: `passage.text[start:end]`."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words as written."""
        return self.passage.text[self.start : self.end]

    def contains(self, other: "PassageSpan") -> bool:
        """Whether another part is within this one."""
        return self.passage.id == other.passage.id and self.start <= other.start and other.end <= self.end


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one speaker without interruption.

    Attributes:
        person: who speaks; None for words without a speaker, such as remarks on a vote.
        kind: whether it asks, replies or states.
        spans: where its words are, in one or several passages.
        item: the matter of the agenda, as headings and the chair name it.
        asked: the words of the question that it replies to, "" for none.
        askers: whose words those are.
        heading: its words if only a heading has them, else "".
    """

    person: Person | None
    kind: Kind
    spans: tuple[PassageSpan, ...]
    item: str = ""
    asked: str = ""
    askers: tuple[Person, ...] = ()
    heading: str = ""

    @property
    def text(self) -> str:
        """All its words."""
        return self.heading or "".join(span.text for span in self.spans)


def sentence_spans(speech: Speech) -> list[PassageSpan]:
    """Return the sentences of a speech, each within its passage."""
    sentences = list[PassageSpan]()
    for span in speech.spans:
        text = span.passage.text
        position = span.start
        for sentence in split_sentences(span.text):
            start = text.index(sentence, position)
            position = start + len(sentence)
            sentences.append(PassageSpan(span.passage, start, position))
    return sentences


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text; each line ends one."""
    sentences = (sentence for line in text.split("\n") for sentence in split_document_sentences(line))
    return [*filter(None, map(str.strip, sentences))]


def is_procedure(text: str) -> bool:
    """Whether a speech only conducts the meeting (ご異議ありませんか)."""
    return len(text) < _MAX_PROCEDURE_LENGTH and bool(_PROCEDURE.search(nfkc(text)))


def speech_kind(person: Person | None, text: str, asked: str) -> Kind:
    """Return the kind of a speech; `asked` are the words of a question that may be replied to."""
    if person is None:
        return Kind.STATEMENT
    if person.role is SpeakerRole.OFFICE:
        return Kind.REPLY if asked or not person.label or person.label[:1] in "答回A" else Kind.STATEMENT
    asks = any(_ASKS.search(sentence.strip()) for sentence in split_document_sentences(text))
    return Kind.QUESTION if asks and not (person.role is SpeakerRole.CHAIR and is_procedure(text)) else Kind.STATEMENT
