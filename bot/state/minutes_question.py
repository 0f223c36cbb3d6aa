"""What a question wants to know of a meeting, and the speakers that it mentions."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from ingest.spoken_words import Person, SpeakerRole


class MentionKind(StrEnum):
    """By what a question mentions a speaker."""

    NAME = "name"
    SEAT = "seat"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Mention:
    """A speaker that a question mentions.

    Attributes:
        text: the mention as written.
        start, end: its position in the question.
        kind: by what the speaker is mentioned.
        persons: the persons whom it may mean; none if unknown.
        is_certain: whether its form is that of a person or office, known or not.
        is_subject: whether it is what the question says something of (浜名議員は, 浜名議員が).
    """

    text: str
    start: int
    end: int
    kind: MentionKind
    persons: tuple[Person, ...] = ()
    is_certain: bool = False
    is_subject: bool = False

    @property
    def has_member(self) -> bool:
        """Whether it may mean a known member."""
        return any(person.role is SpeakerRole.MEMBER for person in self.persons)

    def overlaps(self, other: "Mention") -> bool:
        """Whether two mentions share a character."""
        return self.start < other.end and other.start < self.end


class Wanted(StrEnum):
    """What a question wants to know."""

    WORDS = "words"
    REPLY = "reply"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class MinutesQuestion:
    """A question about minutes.

    Attributes:
        wanted: what it wants to know if the speakers that it mentions spoke in the meeting; None if nothing.
        wanted_of_unknown: what it wants to know if they did not.
        mentions: the speakers that it mentions.
        topic: its words without those speakers and the words of speaking.
        names_decision: whether it names a decision of a meeting: 可決, 承認, どう決まった; not もう決まった?.
        meeting_numbers: the numbers of meetings in it: 2 in 第2回の会議.
    """

    wanted: Wanted | None
    wanted_of_unknown: Wanted | None
    mentions: tuple[Mention, ...]
    topic: str
    names_decision: bool
    meeting_numbers: frozenset[float]

    @property
    def asked(self) -> tuple[Mention, ...]:
        """The speakers whose words it wants: its subjects if it has some (A委員の案にB委員は何と言いましたか)."""
        return tuple(mention for mention in self.mentions if mention.is_subject) or self.mentions

    def among(self, persons: Container[Person]) -> "MinutesQuestion":
        """Return the question with what it mentions of these persons, and what it wants to know of them."""
        mentions = restrict(self.mentions, persons)
        is_known = any(mention.persons for mention in mentions)
        return replace(self, mentions=mentions, wanted=self.wanted if is_known else self.wanted_of_unknown)


def restrict(mentions: Iterable[Mention], persons: Container[Person]) -> tuple[Mention, ...]:
    """Return the mentions with those of these persons whom each may mean, without what only their names made one."""
    restricted = (
        replace(mention, persons=tuple(person for person in mention.persons if person in persons))
        for mention in mentions
    )
    return tuple(mention for mention in restricted if mention.persons or mention.is_certain)
