"""Meetings as data: speeches in sentences, decisions, persons and matters."""

from dataclasses import dataclass, field

from ingest.japanese import nfkc
from ingest.spoken_words import Kind, Person, SpeakerRole

# Characters between a vote and the decision after it.
_MAX_DISTANCE = 80


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a meeting: `text` is `[start:end]` of the passage with this number in its document.

    `terms` are its index terms between spaces. A sentence of which only a heading has the words has no length.
    """

    passage: int
    start: int
    end: int
    text: str
    terms: str = ""

    @property
    def search_text(self) -> str:
        """The terms and the words, in which those of a question are sought."""
        return f"{self.terms}\t{nfkc(self.text)}"

    def is_near(self, following: "Sentence") -> bool:
        """Whether another sentence follows in the same passage within some 80 characters."""
        return self.passage == following.passage and 0 <= following.start - self.end < _MAX_DISTANCE


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of one speaker without interruption.

    Attributes:
        person: who speaks; None for words without a speaker, such as remarks on a vote.
        kind: whether it asks, replies or states.
        sentences: its words, in one or several passages.
        item: the matter of the agenda, as headings and the chair name it.
        replies_to: the numbers of the speeches with the questions that it replies to.
    """

    person: Person | None
    kind: Kind
    sentences: tuple[Sentence, ...]
    item: str = ""
    replies_to: tuple[int, ...] = ()

    @property
    def context(self) -> tuple[int, ...]:
        """The numbers of the speeches that say what it is about."""
        return self.replies_to

    @property
    def text(self) -> str:
        """All its words."""
        return "".join(sentence.text for sentence in self.sentences)

    @property
    def is_heading(self) -> bool:
        """Whether only a heading has its words."""
        return not self.sentences[0].end

    @property
    def is_by_member(self) -> bool:
        """Whether a member of the body or of the public speaks, not the chair."""
        return self.person is not None and self.person.role is SpeakerRole.MEMBER


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided.

    Attributes:
        sentences: the words that state it, with the vote before them.
        item: the matter that it is about.
        outcome: the word of the outcome (可決), "" if only a proposal met with agreement.
        vote: how it was voted, "" if unknown.
        context: the numbers of the speeches since the decision before it.
    """

    sentences: tuple[Sentence, ...]
    item: str
    outcome: str
    vote: str = ""
    context: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """The words as written."""
        return " ".join(sentence.text for sentence in self.sentences)


@dataclass(frozen=True, slots=True)
class Meeting:
    """The minutes of a document as data.

    Attributes:
        speeches: all speeches in order, with the words without a speaker.
        present: who was present, as the list of participants names them.
        decisions: what was decided, in order.
        matters: the index terms of each matter, between spaces.
    """

    speeches: tuple[Speech, ...]
    present: tuple[Person, ...] = ()
    decisions: tuple[Decision, ...] = ()
    matters: dict[str, str] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[Speech | Decision, ...]:
        """The speeches, then the decisions."""
        return *self.speeches, *self.decisions

    @property
    def persons(self) -> tuple[Person, ...]:
        """The speakers and those present, each once."""
        return tuple(dict.fromkeys((*(speech.person for speech in self.speeches if speech.person), *self.present)))

    def askers(self, speech: Speech) -> tuple[Person, ...]:
        """Return whose questions a speech replies to."""
        persons = (self.speeches[n].person for n in speech.replies_to)
        return tuple(dict.fromkeys(person for person in persons if person))
