"""Consolidates a document with its amendments: the provisions on each day, and what became of each operation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from threading import Lock

from ingest.amendments.addresses import Address, Step
from ingest.amendments.amending_document import AmendingDocument, read_amending_document
from ingest.amendments.application import Applied, DeclinedError, apply_operation
from ingest.amendments.document_lines import Quote
from ingest.amendments.effect import DayOfEffect, Effect, read_effect
from ingest.amendments.links import LinesOf, find_links
from ingest.amendments.operations import AmendedText, Operation
from ingest.amendments.provisions import Provision, find_provisions, parse_provisions
from ingest.amendments.reamendment import amend_amending_document
from ingest.documents import Document
from ingest.metadata.amending_titles import read_amending_title, same_title
from ingest.metadata.validity import published_on

SAME_DAY = "同じ日に施行される別の改正と重なり、どちらが先か文書から分かりません"
_UNKNOWN_NUMBER = "番号を読み取れません"
_NOTHING_READ = "改正の内容を読み取れません"
_DEPENDENT = "同じ文の別の改正を当てはめられないため、当てはめていません"


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one operation.

    Attributes:
        operation: the operation, with its amending text.
        document: the amending document.
        effect: when it takes effect.
        reason: why it was not applied, "" if it was.
        is_done: whether the text was so already, so that nothing is missing.
        keys: the top-level provisions that it changes, or would change.
    """

    operation: Operation
    document: Document
    effect: DayOfEffect
    reason: str = ""
    is_done: bool = False
    keys: frozenset[int] = frozenset()

    @property
    def is_missing(self) -> bool:
        """Whether the consolidated text lacks this operation."""
        return bool(self.reason) and not self.is_done


@dataclass(frozen=True, slots=True)
class Version:
    """A provision from the day `first` (None for the beginning) until the day before `until` (None for no end).

    `provision` is None while it does not exist; `results` are the operations that made this version.
    """

    provision: Provision | None
    first: date | None
    until: date | None
    results: tuple[OperationResult, ...] = ()

    def is_on(self, day: date) -> bool:
        """Whether it is the version of the day."""
        return (self.first is None or self.first <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Consolidation:
    """A document with its amendments.

    `states` are the provisions from each day on, the first from None; `effects` when each amending document says that
    it takes effect.
    """

    document: Document
    states: tuple[tuple[date | None, Provision], ...]
    results: tuple[OperationResult, ...]
    effects: Mapping[str, Effect]
    amending: tuple[Document, ...]

    def on(self, day: date) -> Provision:
        """Return the provisions in force on a day."""
        return next(root for first, root in reversed(self.states) if first is None or first <= day)

    @cached_property
    def base(self) -> Provision:
        """The provisions before all amendments."""
        return self.states[0][1]

    def is_repealed(self, day: date) -> OperationResult | None:
        """Return the repeal that is in effect on a day."""
        return next(
            (
                one
                for one in self.results
                if one.operation.action == "repeal" and not one.reason and one.effect.day and one.effect.day <= day
            ),
            None,
        )

    def versions(self, key: int) -> tuple[Version, ...]:
        """Return the versions of a top-level provision in order."""
        versions: list[Version] = []
        for n, (first, root) in enumerate(self.states):
            found = next((one for one in root.children if one.key == key), None)
            if versions and _same(versions[-1].provision, found):
                continue
            if versions:
                versions[-1] = replace(versions[-1], until=first)
            del n
            results = tuple(
                one for one in self.results if not one.reason and one.effect.day == first and key in one.keys and first
            )
            versions.append(Version(found, first, None, results))
        return tuple(versions)

    def changed_keys(self) -> tuple[int, ...]:
        """Return the keys of the top-level provisions that amendments change or would change, in document order."""
        touched = {key for one in self.results for key in one.keys}
        order = {one.key: n for _, root in self.states for n, one in enumerate(root.children)}
        return tuple(sorted(touched & order.keys(), key=order.__getitem__))

    def missing(self, key: int, day: date | None = None) -> tuple[OperationResult, ...]:
        """Return the operations on a provision that could not be applied and may be in effect on a day."""
        return tuple(
            one
            for one in self.results
            if one.is_missing and key in one.keys and (day is None or one.effect.day is None or one.effect.day <= day)
        )

    def find(self, address: Address, day: date) -> Provision | None:
        """Return the provision at an address on a day, None where there is none or more than one."""
        found = find_provisions(self.on(day), address)
        return found[0] if len(found) == 1 else None


def _same(one: Provision | None, other: Provision | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.content == other.content


@dataclass(frozen=True, slots=True)
class Amendment:
    """An amending document with what it says about one base document."""

    document: Document
    texts: tuple[AmendedText, ...]
    effect: Effect


class Consolidations:
    """The consolidated documents of a corpus, each made when it is first asked for; safe to share between threads."""

    def __init__(self, documents: Iterable[Document], lines_of: LinesOf) -> None:
        self._documents = {document.id: document for document in documents}
        self._lines_of = lines_of
        self.links = find_links(self._documents.values(), lines_of)
        self._amended_by: dict[str, tuple[str, ...]] = {}
        for base, amending in self.links.items():
            for document in amending:
                self._amended_by[document.id] = (*self._amended_by.get(document.id, ()), base)
        self._lock = Lock()
        self._find_cached = lru_cache(maxsize=256)(self._consolidate)

    def find(self, doc_id: str) -> Consolidation | None:
        """Return a document with its amendments; None for one that no document amends."""
        if doc_id not in self.links:
            return None
        with self._lock:
            return self._find_cached(doc_id)

    def amended_by(self, doc_id: str) -> tuple[str, ...]:
        """Return the ids of the documents that a document amends."""
        return self._amended_by.get(doc_id, ())

    def bases_of(self, doc_id: str) -> tuple[str, ...]:
        """Return the ids of the documents that a document amends, itself included if others amend it."""
        own = (doc_id,) if doc_id in self.links else ()
        return (*own, *self._amended_by.get(doc_id, ()))

    def _consolidate(self, doc_id: str) -> Consolidation:
        document = self._documents[doc_id]
        amendments = [self._read_amendment(amending, document) for amending in self.links[doc_id]]
        root = parse_provisions(self._lines_of(doc_id), document.title)
        return consolidate(document, root, amendments)

    def _read_amendment(self, document: Document, base: Document) -> Amendment:
        amending, effect = self._read(document)
        dropped: tuple[tuple[Address, str], ...] = ()
        for later in self.links.get(document.id, ()):
            later_text, later_effect = self._read(later)
            amending, more = amend_amending_document(amending, later_text, effect, later_effect)
            dropped += more
            if not more:
                effect = read_effect(amending.opening, amending.supplement, published_on(document))
        texts = [text for text in amending.texts if _is_about(text, base, document)]
        if not any(text.operations for text in texts):
            texts = [AmendedText("", (Operation("unread", sentence=document.title, problem=_NOTHING_READ),))]
        return Amendment(document, tuple(_with_problems(text, dropped) for text in texts), effect)

    def _read(self, document: Document) -> tuple[AmendingDocument, Effect]:
        amending = read_amending_document(self._lines_of(document.id), document.title)
        return amending, read_effect(amending.opening, amending.supplement, published_on(document))


def _with_problems(text: AmendedText, dropped: Sequence[tuple[Address, str]]) -> AmendedText:
    """Return the text with a problem for the operations that an unreadable amendment of the amendment may change."""
    if not dropped:
        return text
    operations = tuple(
        replace(one, problem=next((reason for place, reason in dropped if one.place.starts_with(place)), one.problem))
        for one in text.operations
    )
    return replace(text, operations=operations)


def _is_about(text: AmendedText, base: Document, amending: Document) -> bool:
    """Whether an amended text is that of the base document.

    One without a title is what the document's title says, and so is one with that title, which may be an earlier or
    later title of the base document.
    """
    named = read_amending_title(amending.title)
    if not text.title or (named and same_title(text.title, named.title, base.issuer)):
        return True
    return any(same_title(text.title, name, base.issuer) for name in (base.title, *base.aliases))


@dataclass(frozen=True, slots=True)
class _Dated:
    """An operation with its document and its days, in the order in which operations are applied."""

    order: tuple[date, date, int, int, int]
    operation: Operation
    amendment: Amendment
    effect: DayOfEffect


def consolidate(document: Document, root: Provision, amendments: Sequence[Amendment]) -> Consolidation:
    """Return a document's provisions after each day of effect, and what became of each operation.

    Operations are applied in the order of effect, then of promulgation, then as drafted.
    """
    dated, undated = _in_order(amendments)
    unordered = _unordered(dated)
    states: list[tuple[date | None, Provision]] = [(None, root)]
    results = [_declined(root, one, one.effect.reason) for one in undated]
    position = 0
    while position < len(dated):
        group = [
            one
            for one in dated[position:]
            if one.amendment is dated[position].amendment
            and one.operation.group == dated[position].operation.group
            and one.effect.day == dated[position].effect.day
        ]
        group = group[: _run_length(dated, position)]
        position += len(group)
        current = states[-1][1]
        if reasons := [unordered[id(one)] for one in group if id(one) in unordered]:
            results += [_declined(current, one, reasons[0]) for one in group]
            continue
        changed, group_results = _apply_group(current, group)
        results += group_results
        day = group[0].effect.day
        if changed is not current:
            if states[-1][0] == day:
                states[-1] = (day, changed)
            else:
                states.append((day, changed))
    return Consolidation(
        document,
        tuple(states),
        tuple(results),
        {one.document.id: one.effect for one in amendments},
        tuple(one.document for one in amendments),
    )


def _run_length(dated: Sequence[_Dated], position: int) -> int:
    first = dated[position]
    length = 0
    for one in dated[position:]:
        if (
            one.amendment is not first.amendment
            or one.operation.group != first.operation.group
            or (one.effect.day != first.effect.day)
        ):
            break
        length += 1
    return length


def _in_order(amendments: Sequence[Amendment]) -> tuple[list[_Dated], list[_Dated]]:
    """Return the operations whose day of effect is known, in the order of application, and the others."""
    dated, undated = list[_Dated](), list[_Dated]()
    for n, amendment in enumerate(amendments):
        position = 0
        for text in amendment.texts:
            for operation in text.operations:
                position += 1
                effect = amendment.effect.of(operation, text.article)
                promulgated = amendment.effect.promulgated or date.min
                order = (effect.day or date.max, promulgated, amendment.effect.number, n, position)
                one = _Dated(order, operation, amendment, effect)
                (dated if effect.day is not None else undated).append(one)
    return sorted(dated, key=lambda one: one.order), undated


def _unordered(dated: Sequence[_Dated]) -> dict[int, str]:
    """Return the operations of one day on one provision by documents whose order is not known, with the reason."""
    unordered: dict[int, str] = {}
    for one in dated:
        for other in dated:
            if one.amendment is other.amendment or one.effect.day != other.effect.day:
                continue
            if one.order[1:3] == other.order[1:3] and _touches_same(one.operation, other.operation):
                unordered[id(one)] = SAME_DAY
    return unordered


def _touches_same(one: Operation, other: Operation) -> bool:
    places = [_top_steps(operation) for operation in (one, other)]
    return not (places[0] and places[1]) or bool(places[0] & places[1])


def _top_steps(operation: Operation) -> set[Step]:
    addresses = [operation.place, *(address for address, _ in operation.moves)]
    return {one.steps[0] for one in addresses if one.steps}


def _apply_group(root: Provision, group: Sequence[_Dated]) -> tuple[Provision, list[OperationResult]]:
    """Apply the operations of one sentence; structural ones only all together."""
    results: list[OperationResult] = []
    current, failed = root, False
    for one in group:
        try:
            applied = _apply(current, one.operation)
        except DeclinedError as error:
            results.append(_declined(current, one, str(error), is_done=error.is_done))
            failed = failed or (one.operation.is_structural and not error.is_done)
            continue
        keys = _top_keys(current, applied.keys) | _top_keys(applied.root, applied.keys)
        results.append(OperationResult(one.operation, one.amendment.document, one.effect, keys=keys))
        current = applied.root
    if not failed:
        return current, results
    return root, [
        one if one.reason else replace(_declined(root, dated, _DEPENDENT), keys=one.keys)
        for one, dated in zip(results, group, strict=True)
    ]


def _apply(root: Provision, operation: Operation) -> Applied:
    try:
        return apply_operation(root, operation)
    except ValueError as error:  # a number after the last one of its series (ワ) or in an unknown notation
        raise DeclinedError(_UNKNOWN_NUMBER) from error


def _top_keys(root: Provision, keys: Iterable[int]) -> frozenset[int]:
    if root.key in keys:
        return frozenset({root.key})
    wanted = set(keys)
    return frozenset(child.key for child in root.children if any(one.key in wanted for one in child.walk()))


def _declined(root: Provision, one: _Dated, reason: str, *, is_done: bool = False) -> OperationResult:
    steps = _top_steps(one.operation)
    keys = frozenset(child.key for child in root.children if child.step in steps)
    if not keys and one.operation.action in {"replace_all", "repeal", "unread"} and not steps:
        keys = frozenset(child.key for child in root.children)
    return OperationResult(one.operation, one.amendment.document, one.effect, reason, is_done, keys)


def quotes_in(consolidation: Consolidation, key: int) -> tuple[Quote, ...]:
    """Return where the base document has a top-level provision."""
    found = next((one for one in consolidation.base.children if one.key == key), None)
    if found is None:
        return ()
    merged: dict[str, Quote] = {}
    for quote in (quote for one in found.walk() for quote in one.quotes):
        known = merged.get(quote.passage_id, quote)
        merged[quote.passage_id] = Quote(quote.passage_id, min(known.start, quote.start), max(known.end, quote.end))
    return tuple(merged.values())
