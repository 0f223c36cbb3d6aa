"""What minutes record of their meeting: each field with its label, and where the next meeting is told."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.find.evidence import Evidence
from bot.find.sought import Sought
from bot.turn import Source
from bot.understand.of_meeting import Facet, asks_of_meeting, facet_of
from ingest.documents import Passage
from ingest.structure.meeting import FIELD, is_field_head, squeezed
from ingest.structure.speeches import speech

_NUMBER = re.compile(r"^第?(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.．、)）]?[\s\u3000]*")
_NEXT = re.compile(r"^(?:次回|次の会議)")
_SAID = re.compile(r"(?:次回|次の会議)(?:の\S{1,8}?)?(?:は|を)[^。]*?\d[^。]*(?:。|$)")
# What heads minutes without numbers, among their other fields.
_HEADER = re.compile(r"^・(?:開催)?(?:日時|日|場所)[\s\u3000]", re.MULTILINE)
_ABSENT = re.compile(r"欠席\s?[\d０-９]+")
_LABELS = {
    Facet.ABSENT: re.compile(r"欠席"),
    Facet.OBSERVERS: re.compile(r"傍聴"),
    Facet.PRESENT: re.compile(
        r"(?:代理)?出席|(?:副?会|副?委員|副?議|副?座|部会)長|委員|オブザーバー|アドバイザー|職務代理者"
    ),
    Facet.NEXT: _NEXT,
    Facet.STAFF: re.compile(r"事務局|(?:関係)?職員|説明[員者]|行政|[市町村]側"),
}
DAY = re.compile(r"日時|開催日|年月日|期日")
"""The labels of the day on which a meeting was held."""
PLACE = re.compile(r"場所|会場")
"""The labels of the place where it was."""
COUNT = re.compile(r"[\d０-９一二三四五六七八九十]+\s?[人名]")
"""How many people a field tells of."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """A field of the meeting's record: its label, its value, and where it stands."""

    label: str
    value: str
    source: Source


def recorded(passages: Iterable[Passage]) -> Iterator[Recorded]:
    """Yield the fields of minutes in order: items with a label, and what stands under a head that is one (2 場所)."""
    for passage in passages:
        if passage.kind == "row":
            continue
        name = _NUMBER.sub("", passage.section)
        head = squeezed(name) if is_field_head(name) else ""
        for line in passage.text.split("\n"):
            text = line.strip().removeprefix("・")
            match = FIELD.match(text) if line.startswith("・") else None
            if match:
                label = squeezed(match["label"])
                coming = f"{head}の" if _NEXT.match(head) else ""  # 日時 under 次回の会議 is not of this meeting
                yield Recorded(coming + label, match["value"].strip(), Source(passage, text))
            elif head:
                yield Recorded(head, text, Source(passage, text))


def fields_of(facet: Facet, passages: Iterable[Passage]) -> list[Recorded]:
    """Return the fields of minutes that tell what is asked of the meeting."""
    pattern = _LABELS[facet]
    return [field for field in recorded(passages) if pattern.match(field.label)]


def counted_absent(passages: Iterable[Passage]) -> list[Recorded]:
    """Return the fields that only count who was not there: 出席者 12名(欠席3名)."""
    return [f for f in recorded(passages) if _ABSENT.search(f.value) and not f.label.startswith("欠席")]


def holder_of(office: str, passages: Iterable[Passage]) -> Recorded | None:
    """Return who holds an office: 会長 大野, 大野(会長・学識経験者), 大野会長(大学教授)."""
    name = r"[^、。()（）\s・]{1,12}(?:[ \u3000][^、。()（）\s・]{1,8})?"
    written = re.compile(
        rf"(?P<before>{name})[(（](?:[^()（）]{{1,20}}[・、])?{office}(?:[・、][^()（）]{{1,30}})?[)）]"
        rf"|(?:^|[、\s])(?P<joined>[^、。()（）\s]{{1,8}}?){office}(?=[(（、\s]|$)"
    )
    for field in recorded(passages):
        if field.label == office and not COUNT.fullmatch(field.value):
            return field
        if _LABELS[Facet.PRESENT].match(field.label) and (match := written.search(field.value)):
            who = (match["before"] or match["joined"]).strip()
            if who not in {"副", "前", "元"}:
                return Recorded(office, who, Source(field.source.passage, match[0].strip("、 \u3000")))
    return None


def next_said(passages: Iterable[Passage]) -> Source | None:
    """Return the last sentence that says when the next meeting is (次回は11月26日に開く。)."""
    found: Source | None = None
    for passage in passages:
        for line in passage.text.split("\n"):
            said = speech(line)
            text = line[said.end() :] if said else line
            if match := _SAID.search(text):
                found = Source(passage, match[0].strip())
    return found


def is_idle(evidence: Evidence, sought: Sought) -> bool:
    """Whether a piece of a meeting's record cannot answer: all of it, what is not asked of the meeting, a way to come.

    What `bot.compose.of_meeting` reads from the record, and did not find there, no piece of it tells.
    """
    name = _NUMBER.sub("", evidence.passage.section)
    of_record = is_field_head(name) and not _NEXT.match(name)
    if not of_record and not (FIELD.match(evidence.text) and _HEADER.search(evidence.passage.text)):
        return False
    return evidence.kind == "list" or facet_of(sought.asked) is not None or not asks_of_meeting(sought.asked)
