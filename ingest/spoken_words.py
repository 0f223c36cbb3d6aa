"""The words of speakers in passages of minutes: who speaks, and whether they ask, reply or state."""

import re
from dataclasses import dataclass
from enum import StrEnum

from ingest.japanese.lexicon import any_of, load_lexicon

_LEXICON = load_lexicon("minutes")
MEMBER_TITLE = any_of(_LEXICON["member"])
CHAIR_TITLE = any_of(_LEXICON["chair"])
OFFICE_END = any_of((*_LEXICON["office"], *_LEXICON["advisor"]))


class SpeakerRole(StrEnum):
    """On which side of a meeting someone speaks."""

    MEMBER = "member"
    OFFICE = "office"
    CHAIR = "chair"


class Kind(StrEnum):
    """What a speech does."""

    QUESTION = "question"
    REPLY = "reply"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Person:
    """A speaker as far as the minutes identify them.

    Attributes:
        label: the speaker as written, in normal form; "" for a speech without a label.
        name: the name without spaces, the full name if known, or a letter (A委員); "" for none.
        family: the family name if it is known, else "".
        seat: the number of the seat (3番).
        office: the office or title (総務課長, 委員).
    """

    label: str
    role: SpeakerRole
    name: str = ""
    family: str = ""
    seat: str = ""
    office: str = ""

    @property
    def identity(self) -> tuple[str, str, str]:
        """A key of the person: labels of one person have the same one."""
        return self.name, self.seat, "" if self.name else self.office or self.label

    @property
    def represents(self) -> str:
        """What distinguishes members of one name in the minutes: 保護者 of 山田(保護者); "" for most."""
        match = re.search(r"\(([^()]+)\)$", self.name)
        return match[1] if match else ""

    @property
    def display(self) -> str:
        """The person as an answer names them: 佐藤花子議員(3番), 総務課長(佐藤花子), A委員."""
        if self.seat:
            return f"{self.name}議員({self.seat})" if self.name else f"{self.seat}の議員"
        if not self.name:
            return self.office or self.label
        if re.fullmatch(rf"{MEMBER_TITLE}|{CHAIR_TITLE}", self.office):
            return f"{self.name}{self.office}" if self.name not in self.office else self.office
        return f"{self.office}({self.name})" if self.office else self.label or self.name


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """The words `text[start:end]` of a passage, and whose they are; `person` is None for words without a speaker."""

    start: int
    end: int
    person: Person | None
    kind: Kind = Kind.STATEMENT
