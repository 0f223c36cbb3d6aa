"""What happened when: `X(2024年2月策定)`, `2019年2月に「X」を…策定し` — taken out of a long sentence as one short one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.compose.statement import Statement
from bot.evidence import Evidence
from bot.turn import Source
from ingest.normalise import DateMention, dates
from ingest.tokenise import morphemes

_NAME_BEFORE = re.compile(r"(「[^「」]+」|[^\s、。()「」○◎●・]+)\s?[((][^()]*$")
_NAME_AS_TOPIC = re.compile(r"^(「[^「」]+」|[^、。「」()]{2,40})は、?\s?$")
_NAME_AFTER = re.compile(r"^\s?に、?\s?(「[^「」]+」|[^、。「」()]{2,30}?)(?=[をが](?!.{0,2}」))")


@dataclass(frozen=True, slots=True)
class Event:
    """`name` was `action`-ed on `day`; `quote` is where it stands, letter for letter."""

    name: str
    day: DateMention
    written: str
    action: str
    quote: str


def events(text: str, subject: str) -> Iterator[Event]:
    """Yield the dated events in a line of a document; `subject` is what a line with a date alone (2026年1月策定) is about.

    Offsets need `text` as it stands, so only half-width dates are found.
    """
    for day in dates(text):
        written = text[day.start : day.end]
        before, after = text[: day.start], text[day.end :]
        if (match := _NAME_BEFORE.search(before)) and (action := _action(after, ")")):
            end = day.end + after.index(action) + len(action)
            yield Event(match[1], day, written, action, text[match.start(1) : end] + text[end : end + 1])
        elif (match := _NAME_AFTER.match(after)) and (action := _action(after[match.end() :], "。")):
            yield Event(match[1], day, written, action, text[day.start : day.end + match.end()])
        elif (
            (match := _NAME_AS_TOPIC.match(before))
            and re.match(r"\s?に?[一-龥]", after)
            and (action := _action(after, "。"))
        ):
            yield Event(match[1], day, written, action, text)
        elif not before.strip() and (action := _action(after, "。")) and after.strip() == action:
            yield Event(subject, day, written, action, text.strip())


def _action(text: str, end: str) -> str:
    """Return the first noun of action before `end` (策定, 議決, 開設) that is no part of a name."""
    open_quotes = 0
    for m in morphemes(text.split(end)[0]):
        open_quotes += (m.surface == "「") - (m.surface == "」")
        if open_quotes == 0 and "サ変可能" in m.pos:
            return m.surface
    return ""


def say_event(event: Event, evidence: Evidence) -> Statement:
    """Return the event as a sentence."""
    return Statement(
        f"{event.name}は、{event.written}に{event.action}されました。", (Source(evidence.passage, event.quote),)
    )
