"""What happened when: `X(2024年2月策定)`, `2019年2月に「X」を…策定し` — out of a long sentence, a short one."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.compose.corpus import Corpus
from bot.compose.statement import Statement, assemble
from bot.find.evidence import content_terms_cached
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.turn import Draft, Source
from bot.understand.asked import Kind
from bot.understand.leaning import PAPERS
from ingest.normalise import DateMention, dates
from ingest.tokenise import morphemes

# 令和2年3月に策定した「X」に基づき
_ACTION_AND_NAME = re.compile(r"^\s?に、?(?P<action>[一-龥]{2,4})(?:した|された|している)「(?P<name>[^「」]+)」")
_NAME_BEFORE = re.compile(r"(「[^「」]+」|[^\s、。()「」○◎●・]+)\s?[(（][^()]*$")
_NAME_AS_TOPIC = re.compile(r"^(「[^「」]+」|[^、。「」()]{2,40})は、?\s?$")
_NAME_AFTER = re.compile(r"^\s?に、?\s?(「[^「」]+」|[^、。「」()]{2,30}?)(?=[をが](?!.{0,2}」))")

_PAST = re.compile(r"(?:まし)?た(?:もの(?:です|である))?[。\s]*$|[月日年度][一-龥]{2}の[^、。]{1,16}です[。\s]*$")
_PLANNED = re.compile(r"^[^()（）]{0,8}(?:予定|見込|目途|めど|目標)")
_NO_NAMES = PAPERS | {"ビジョン", "会議", "もの"}
_NO_EVENTS = frozenset({"比較", "予定", "計画", "目標"})
# Pieces that are read for events; how well one must be named, and what share of that its own name has.
_READ, _NAMED, _NAME_SHARE = 12, 0.75, 0.3
# … and where the date was named and the event is asked for: what the question says must not be all of something else.
_TOLD = 0.2


@dataclass(frozen=True, slots=True)
class Event:
    """`name` was `action`-ed on `day`; `quote` is where it stands, letter for letter."""

    name: str
    day: DateMention
    written: str
    action: str
    quote: str


def events(text: str, subject: str) -> Iterator[Event]:
    """Yield the dated events in a line; `subject` is what a line with a date alone (2026年1月策定) is about.

    Offsets need `text` as it stands, so only half-width dates are found.
    """
    for day in dates(text):
        written = text[day.start : day.end]
        before, after = text[: day.start], text[day.end :]
        if (match := _NAME_BEFORE.search(before)) and (action := _action(after, ")")) and not _PLANNED.search(after):
            end = day.end + after.index(action) + len(action)
            yield Event(match[1], day, written, action, text[match.start(1) : end] + text[end : end + 1])
        elif match := _ACTION_AND_NAME.match(after):
            yield Event(f"「{match['name']}」", day, written, match["action"], text[day.start : day.end + match.end()])
        elif not _is_past(text):
            continue  # …に開設します has not happened
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


def _is_past(text: str) -> bool:
    """Whether the sentence tells what happened, or is a line without a verb (2026年1月策定)."""
    return bool(_PAST.search(text)) or not re.search(r"(?:ます|る|です)[。\s]*$", text)


def _action(text: str, end: str) -> str:
    """Return the first noun of action before `end` (策定, 議決, 開設) that is no part of a name."""
    open_quotes = 0
    for m in morphemes(text.partition(end)[0]):
        open_quotes += (m.surface == "「") - (m.surface == "」")
        if open_quotes == 0 and "サ変可能" in m.pos and m.surface not in _NO_EVENTS:
            return m.surface
    return ""


def event(sought: Sought, fitting: Sequence[Weighed], corpus: Corpus) -> Draft | None:
    """Answer a question for a date, or for what happened on one, with a short sentence of its own."""
    asks_date = sought.asked.kind is Kind.WHEN
    if not asks_date and not (sought.dates and sought.asked.kind in {Kind.WHAT, Kind.LIST, Kind.DEFINITION}):
        return None
    found = list(_events(fitting[:_READ], corpus))
    if sought.dates:
        found = [(e, w) for e, w in found if any(d.covers(e.day) for d in sought.dates)]
    scores = [_named(e, sought, frozenset() if asks_date else _NO_NAMES) for e, _ in found]
    if not scores or max(scores) < (_NAMED if asks_date else _TOLD):
        return None
    best, weighed = found[scores.index(max(scores))]
    sentence = Statement(f"{best.name}は、{best.written}に{best.action}されました。", (_source(best, weighed),))
    return assemble([sentence], topic=best.name.strip("「」"))


def _source(found: Event, weighed: Weighed) -> Source:
    return Source(weighed.evidence.passage, found.quote)


def _events(weighed: Sequence[Weighed], corpus: Corpus) -> Iterator[tuple[Event, Weighed]]:
    for w in weighed:
        if w.evidence.kind in {"sentence", "item"}:
            title = corpus.document(w.evidence.passage).title
            yield from ((found, w) for found in events(w.evidence.text, title))


def _named(found: Event, sought: Sought, kinds: frozenset[str]) -> float:
    """Return how well (0–1) the question names the event: its words in the name, and the name's in the question.

    Of the words those that name no more than the kind of thing asked for do not count.
    """
    wanted = (sought.strong | sought.documents_named) - {found.action} - kinds
    name = content_terms_cached(found.name)
    shared = len(wanted & name)
    if not wanted or not name:
        return float(not wanted)
    return shared / len(wanted) * (1 - _NAME_SHARE) + shared / len(name) * _NAME_SHARE
