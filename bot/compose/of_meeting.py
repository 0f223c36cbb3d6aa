"""Answers about a meeting itself, from the fields of its minutes: who was there, when and where, the next one."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Status
from bot.compose.corpus import Corpus
from bot.compose.finish import finish
from bot.compose.of_matter import of_matter
from bot.compose.statement import Statement, assemble, closed
from bot.find.evidence import content_terms_cached
from bot.find.record import COUNT, DAY, PLACE, Recorded, counted_absent, fields_of, holder_of, next_said, recorded
from bot.find.sought import Sought
from bot.turn import Draft, Turn
from bot.understand.of_meeting import (
    OF_A_MATTER,
    Facet,
    beside,
    bodies_named,
    facet_of,
    office_in,
    wants_count,
    wants_day,
    wants_names,
    wants_place,
)
from ingest.documents import Document, Passage
from ingest.normalise import dates, nfkc

_NOBODY = re.compile(r"^(?:な\s?し|無し?|いません|0[人名]|-|―)$")
_ONLY_COUNT = re.compile(rf"^(?:{COUNT.pattern}|[()（）、,ほか他計うち代理出席\s])+$")
_NOT_NAMED = "{who}の名前は、この会議録には書かれていません。"
_WHO = {Facet.ABSENT: "欠席した人", Facet.OBSERVERS: "傍聴した人"}
# Who they were is told by name where it is not asked how many.
_BY_NAME = frozenset({Facet.PRESENT, Facet.STAFF})
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])月")
_DAY_OF_MONTH = re.compile(r"\d{1,2}月(?:\d|上旬|中旬|下旬|頃|ごろ|末)")


class OfMeeting:
    """Drafts the answer to a question about a meeting itself; `passages` are all of the index, in order."""

    def __init__(self, passages: Sequence[Passage], documents: Sequence[Document]) -> None:
        self._corpus = Corpus(passages, documents)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with a draft where the question is about one meeting as such, and its minutes tell of it."""
        if turn.draft is not None or turn.asked is None or turn.scope is None:
            return turn
        facet = facet_of(turn.asked)
        if facet is None:
            return turn
        sought = Sought(turn.asked, turn.scope, turn.hits)
        draft = of_matter(facet, sought, self._corpus) if facet in OF_A_MATTER else self._of_meeting(facet, sought)
        if draft is None:
            return turn
        if draft.status is Status.NO_ANSWER:
            return turn.finish(draft)
        return replace(turn, draft=finish(draft, sought, self._corpus.documents))

    def _of_meeting(self, facet: Facet, sought: Sought) -> Draft | None:
        document = self._meant(sought, facet)
        return _DRAFTS[facet](facet, sought, self._corpus.passages_of(document.id)) if document else None

    def _meant(self, sought: Sought, facet: Facet) -> Document | None:
        """Return the minutes of the meeting that the question means, the newest of those that it may; None for none."""
        asked, scope = sought.asked, sought.scope
        rest = beside((t.text for t in sought.terms if t.is_strong), facet)
        found = []
        for document in self._corpus.documents:
            name = nfkc(" ".join((document.title, *document.aliases)))
            named = document.id in scope.named or not scope.named
            told = self._is_called(bodies_named(asked.text), name) and rest <= content_terms_cached(name)
            if document.kind == "meeting" and document.id in scope.allowed and named and told:
                found += [document] if facet is Facet.NEXT or self._held_then(document, sought) else []
        return max(found, key=lambda d: d.published, default=None)

    def _is_called(self, bodies: Sequence[tuple[str, str]], name: str) -> bool:
        """Whether the bodies that are named are the one whose minutes have this name; 審議会 may be any."""
        for called, body in bodies:
            known = any(body in nfkc(f"{d.title} {' '.join(d.aliases)}") for d in self._corpus.documents)
            if (body not in name and (called or known)) or not content_terms_cached(called) <= content_terms_cached(
                name
            ):
                return False
        return True

    def _held_then(self, document: Document, sought: Sought) -> bool:
        """Whether the meeting was on the dates that the question names, if it names any."""
        days = [f.value for f in recorded(self._corpus.passages_of(document.id)) if DAY.match(f.label)]
        held = [day for text in (*days, document.title) for day in dates(nfkc(text))]
        months = {day.first.month for day in held}
        named = {int(month) for month in _MONTH.findall(sought.asked.text)}
        return named <= months and all(any(wanted.covers(day) for day in held) for wanted in sought.dates)


def _attended(facet: Facet, sought: Sought, passages: Sequence[Passage]) -> Draft | None:
    """Say who was there, was not, or listened: by name where names are asked for, else with how many."""
    fields = [f for f in fields_of(facet, passages) if f.value]
    names = [f for f in fields if not _ONLY_COUNT.match(nfkc(f.value))]
    if facet is Facet.ABSENT and not fields:
        fields, names = counted_absent(passages), []
    by_name = wants_names(sought.asked) or (facet in _BY_NAME and not wants_count(sought.asked))
    if by_name:
        if not names and facet not in _BY_NAME:
            return Draft(_NOT_NAMED.format(who=_WHO[facet]), status=Status.NO_ANSWER)
        fields = names
    elif counted := [f for f in fields if COUNT.search(f.value) or _NOBODY.match(nfkc(f.value))]:
        fields = counted
    if not fields or (facet in _BY_NAME and not by_name and not COUNT.search(fields[0].value)):
        return None
    return assemble([_said(field) for field in fields], topic=fields[0].label)


def _next(_: Facet, sought: Sought, passages: Sequence[Passage]) -> Draft | None:
    """Say when and where the next meeting is."""
    fields = fields_of(Facet.NEXT, passages)
    dated = [f for f in fields if _DAY_OF_MONTH.search(nfkc(f.value)) or PLACE.search(f.label)]
    if dated:
        return assemble(
            [Statement(f"{f.label}は、{f.value.rstrip('。')}です。", (f.source,)) for f in dated], topic="次回の会議"
        )
    said = next_said(passages)
    if said is None or (wants_place(sought.asked) and not wants_day(sought.asked)):
        return None
    return assemble([Statement(closed(said.quote), (said,))], topic="次回の会議")


def _held(_: Facet, sought: Sought, passages: Sequence[Passage]) -> Draft | None:
    """Say when and where the meeting was, as far as it is asked for."""
    wanted = [label for label, asks in ((DAY, wants_day), (PLACE, wants_place)) if asks(sought.asked)]
    found = [next((f for f in recorded(passages) if label.match(f.label)), None) for label in wanted]
    told = [field for field in found if field]
    return assemble([_said(field) for field in told], topic="会議") if told and len(told) == len(wanted) else None


def _chair(_: Facet, sought: Sought, passages: Sequence[Passage]) -> Draft | None:
    """Say who holds the office that the question names."""
    office = office_in(sought.asked.text)
    holder = holder_of(office, passages)
    return assemble([_said(holder)], topic=office) if holder else None


def _said(field: Recorded) -> Statement:
    """Say a field with its label."""
    if _NOBODY.match(nfkc(field.value)):
        return Statement(f"{field.label}は「{field.value}」と記載されています。", (field.source,))
    return Statement(f"{field.label}は、{field.value.rstrip('。')}です。", (field.source,))


_DRAFTS = {
    Facet.ABSENT: _attended,
    Facet.OBSERVERS: _attended,
    Facet.PRESENT: _attended,
    Facet.NEXT: _next,
    Facet.HELD: _held,
    Facet.STAFF: _attended,
    Facet.CHAIR: _chair,
}
