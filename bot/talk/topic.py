"""What an exchange was about: its question without what asks."""

import re
from dataclasses import dataclass

from bot.talk.phrases import Phrase, Role, is_interrogative, names, phrases
from ingest.sentences import sentences
from ingest.tokenise import morphemes

# Particles that set a topic apart from what is said of it.
_TOPIC = re.compile(r"\s?(?:(?:で|に|と|から)?(?:は|って)|とは|について|に関して)")
# … and those that set what is asked apart from a matter that it belongs to: Xについて、Yは.
_MATTER = re.compile(r"(?:について|に関して)、")
_TELLING = frozenset({Role.NAME, Role.PROPERTY})


@dataclass(frozen=True, slots=True)
class Topic:
    """What a question is about: `text`, between what it says `before` and `behind`; the three give it again."""

    before: str
    text: str
    behind: str

    @property
    def name(self) -> str:
        """The topic as a noun: の stands for the に or で before its last noun (冬に会館: 冬の会館)."""
        *_, beside, last = (None, *phrases(self.text))
        if beside is None or self.text[beside.end : last.start] not in {"に", "で"}:
            return self.text
        return f"{self.text[: beside.end]}の{self.text[last.start :]}"

    @property
    def owner(self) -> str:
        """Whose the property is that the topic ends with (Xの実績: X); the topic itself where it names no owner.

        A quantity has properties of its own: the target of Xの件数 is that of the count.
        """
        *found, last = phrases(self.text)
        if last.role is not Role.PROPERTY or last.before != "の" or last.is_measure:
            return self.name
        return self.text[: found[-1].end] if any(p.role is Role.NAME for p in found) else self.name


def topic_of(question: str) -> Topic | None:
    """Return what a normalised `question` is about, or None where it names nothing, not even a property.

    It ends where the particle of a topic stands, else before what asks, else with the last noun; a sentence that
    names nothing itself goes on with those before it.
    """
    start = _last_sentence(question)
    start, end = _span(question, start)
    if not names(question[start:end]):
        start = 0
    text = question[start:end]
    return Topic(question[:start], text, question[end:]) if any(p.role in _TELLING for p in phrases(text)) else None


def _last_sentence(question: str) -> int:
    """Return where the last sentence starts that has a noun."""
    starts, place = [0], 0
    for sentence in sentences(question):
        if any(p.role is not Role.COUNT for p in phrases(sentence)):
            starts.append(place)
        place += len(sentence)
    return starts[-1]


def _span(question: str, start: int) -> tuple[int, int]:
    """Return from where to where the topic stands in the sentence that begins at `start`."""
    told = [p for p in phrases(question) if p.start >= start and p.role in _TELLING]
    asking = [m.start for m in morphemes(question) if m.start >= start and is_interrogative(m)]
    topics = [p for p in told if _TOPIC.match(question, p.end)]
    if topics and len(topics) > 1 and topics[1].role is Role.NAME and _MATTER.match(question, topics[0].end):
        return start, topics[1].end
    if topics:
        before = [place for place in asking if place < topics[0].start]
        return (_behind(told, before[-1]) if before else start), topics[0].end
    before_asking = [p for p in told if not asking or p.end <= asking[0]]
    if before_asking or not told:
        return start, before_asking[-1].end if before_asking else start
    return _behind(told, asking[0]), told[-1].end


def _behind(told: list[Phrase], place: int) -> int:
    return next(p.start for p in told if p.start > place)
