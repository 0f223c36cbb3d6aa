"""Consolidates a document with its amendments: the provisions on each day, and what became of each operation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache
from itertools import groupby
from threading import Lock

from ingest.amendments.addresses import Address, Step
from ingest.amendments.amending_document import AmendingDocument, read_amending_document
from ingest.amendments.application import AppliedOperation, DeclinedError, apply_operation
from ingest.amendments.effect import DayOfEffect, Effect, read_effect
from ingest.amendments.links import LinesOf, find_links
from ingest.amendments.operations import Action, AmendedText, AmendmentOperation
from ingest.amendments.provisions import Provision, find_provisions, parse_provisions
from ingest.amendments.reamendment import UnappliedChange, amend_amending_document
from ingest.documents import Document
from ingest.metadata.amending_titles import read_amending_title, same_title
from ingest.metadata.validity import published_on

_SAME_DAY = "同じ日に施行される別の改正と重なり、どちらが先か文書から分かりません"
_UNKNOWN_NUMBER = "番号を読み取れません"
_NOTHING_READ = "改正の内容を読み取れません"
_DEPENDENT = "同じ文の別の改正を当てはめられないため、当てはめていません"
# Actions that change every provision if they name no place.
_ACTIONS_ON_ALL = frozenset({Action.REPLACE_ALL, Action.REPEAL, Action.UNREAD})
_CACHED_CONSOLIDATIONS = 256


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

    operation: AmendmentOperation
    document: Document
    effect: DayOfEffect
    reason: str = ""
    is_done: bool = False
    keys: frozenset[int] = frozenset()

    @property
    def is_missing(self) -> bool:
        """Whether the consolidated text lacks this operation."""
        return bool(self.reason) and not self.is_done

    def may_be_in_effect(self, day: date | None) -> bool:
        """Whether its day of effect is unknown or not after `day`; None stands for the end of time."""
        return day is None or self.effect.day is None or self.effect.day <= day


@dataclass(frozen=True, slots=True)
class Version:
    """A provision during a time in which its text does not change.

    Attributes:
        provision: the provision, None while it does not exist.
        first: the first day, None for the beginning.
        until: the day after the last one, None for no end.
        results: the operations that made this version.
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

    Attributes:
        document: the base document.
        states: the provisions from each day on, the first from None.
        results: what became of each operation.
        effects: when each amending document says that it takes effect, by id.
        amending: the amending documents.
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

    def find_repeal(self, day: date) -> OperationResult | None:
        """Return the repeal that is in effect on a day."""
        repeals = (result for result in self.results if result.operation.action is Action.REPEAL and not result.reason)
        return next((repeal for repeal in repeals if repeal.effect.day and repeal.effect.day <= day), None)

    def versions(self, key: int) -> tuple[Version, ...]:
        """Return the versions of a top-level provision in order."""
        versions: list[Version] = []
        for first, root in self.states:
            provision = next((child for child in root.children if child.key == key), None)
            if versions and _has_same_content(versions[-1].provision, provision):
                continue
            if versions:
                versions[-1] = replace(versions[-1], until=first)
            versions.append(Version(provision, first, None, self._applied_on(first, key)))
        return tuple(versions)

    def changed_keys(self) -> tuple[int, ...]:
        """Return the keys of the top-level provisions that amendments change or would change, in document order."""
        changed = {key for result in self.results for key in result.keys}
        order = {child.key: n for _, root in self.states for n, child in enumerate(root.children)}
        return tuple(sorted(changed & order.keys(), key=order.__getitem__))

    def missing(self, key: int, day: date | None = None) -> tuple[OperationResult, ...]:
        """Return the operations on a provision that could not be applied and may be in effect on a day."""
        results = (result for result in self.results if result.is_missing and key in result.keys)
        return tuple(result for result in results if result.may_be_in_effect(day))

    def find(self, address: Address, day: date) -> Provision | None:
        """Return the provision at an address on a day, None if there is none or more than one."""
        provisions = find_provisions(self.on(day), address)
        return provisions[0] if len(provisions) == 1 else None

    def _applied_on(self, day: date | None, key: int) -> tuple[OperationResult, ...]:
        if day is None:
            return ()
        applied = (result for result in self.results if not result.reason and result.effect.day == day)
        return tuple(result for result in applied if key in result.keys)


@dataclass(frozen=True, slots=True)
class Amendment:
    """An amending document with what it says about one base document."""

    document: Document
    texts: tuple[AmendedText, ...]
    effect: Effect


class Consolidations:
    """The consolidated documents of a corpus, each made when it is first asked for; safe to share between threads.

    Attributes:
        links: the documents that amend each document, by its id.
    """

    def __init__(self, documents: Iterable[Document], lines_of: LinesOf) -> None:
        self._documents = {document.id: document for document in documents}
        self._lines_of = lines_of
        self.links = find_links(self._documents.values(), lines_of)
        self._amended_by: dict[str, tuple[str, ...]] = {}
        for base, amending in self.links.items():
            for document in amending:
                self._amended_by[document.id] = (*self._amended_by.get(document.id, ()), base)
        self._lock = Lock()
        self._find_cached = lru_cache(maxsize=_CACHED_CONSOLIDATIONS)(self._consolidate)

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
        return (*((doc_id,) if doc_id in self.links else ()), *self.amended_by(doc_id))

    def _consolidate(self, doc_id: str) -> Consolidation:
        document = self._documents[doc_id]
        amendments = [self._read_amendment(amending, document) for amending in self.links[doc_id]]
        root = parse_provisions(self._lines_of(doc_id), document.title)
        return consolidate(document, root, amendments)

    def _read_amendment(self, document: Document, base: Document) -> Amendment:
        amending, effect = self._read(document)
        unapplied = list[UnappliedChange]()
        for later in self.links.get(document.id, ()):
            amending, problems = amend_amending_document(amending, effect, *self._read(later))
            unapplied += problems
            if not problems:
                effect = read_effect(amending.opening, amending.supplement, published_on(document))
        texts = [text for text in amending.texts if _is_about(text, base, document)]
        if not any(text.operations for text in texts):
            texts = [
                AmendedText("", (AmendmentOperation(Action.UNREAD, sentence=document.title, problem=_NOTHING_READ),))
            ]
        return Amendment(document, tuple(_with_problems(text, unapplied) for text in texts), effect)

    def _read(self, document: Document) -> tuple[AmendingDocument, Effect]:
        amending = read_amending_document(self._lines_of(document.id), document.title)
        return amending, read_effect(amending.opening, amending.supplement, published_on(document))


@dataclass(frozen=True, slots=True)
class _DatedOperation:
    """An operation with its amendment and its day.

    Attributes:
        order: day of effect, day and number of promulgation, position of the amendment and of the operation in it.
    """

    order: tuple[date, date, int, int, int]
    operation: AmendmentOperation
    amendment: Amendment
    effect: DayOfEffect

    @property
    def sentence(self) -> tuple[int, int, date | None]:
        return self.order[3], self.operation.group, self.effect.day

    def result(self, keys: frozenset[int]) -> OperationResult:
        return OperationResult(self.operation, self.amendment.document, self.effect, keys=keys)

    def decline(self, root: Provision, reason: str, *, is_done: bool = False) -> OperationResult:
        steps = _top_steps(self.operation)
        keys = frozenset(child.key for child in root.children if child.step in steps)
        if not steps and self.operation.action in _ACTIONS_ON_ALL:
            keys = frozenset(child.key for child in root.children)
        return OperationResult(self.operation, self.amendment.document, self.effect, reason, is_done, keys)


def consolidate(document: Document, root: Provision, amendments: Sequence[Amendment]) -> Consolidation:
    """Return a document's provisions after each day of effect, and what became of each operation.

    Operations are applied in the order of effect, then of promulgation, then as drafted.
    """
    operations = _date_operations(amendments)
    dated = sorted((item for item in operations if item.effect.day), key=lambda item: item.order)
    results = [item.decline(root, item.effect.reason) for item in operations if item.effect.day is None]
    states: list[tuple[date | None, Provision]] = [(None, root)]
    for (_, _, day), items in groupby(dated, key=lambda item: item.sentence):
        sentence = list(items)
        current = states[-1][1]
        if any(_has_unknown_order(item, dated) for item in sentence):
            results += [item.decline(current, _SAME_DAY) for item in sentence]
            continue
        changed, sentence_results = _apply_sentence(current, sentence)
        results += sentence_results
        if changed is not current:
            states[-1:] = [(day, changed)] if states[-1][0] == day else [states[-1], (day, changed)]
    return Consolidation(
        document=document,
        states=tuple(states),
        results=tuple(results),
        effects={amendment.document.id: amendment.effect for amendment in amendments},
        amending=tuple(amendment.document for amendment in amendments),
    )


def _has_same_content(first: Provision | None, second: Provision | None) -> bool:
    if first is None or second is None:
        return first is second
    return first.content == second.content


def _with_problems(text: AmendedText, unapplied: Sequence[UnappliedChange]) -> AmendedText:
    def problem_of(operation: AmendmentOperation) -> str:
        reasons = (change.reason for change in unapplied if operation.place.starts_with(change.place))
        return next(reasons, operation.problem)

    operations = tuple(replace(operation, problem=problem_of(operation)) for operation in text.operations)
    return replace(text, operations=operations)


def _is_about(text: AmendedText, base: Document, amending: Document) -> bool:
    """Whether an amended text is that of the base document.

    A text without a title is what the document's title says, and so is a text with that title, which may be an earlier
    or later title of the base document.
    """
    titles = read_amending_title(amending.title)
    if not text.title or (titles and same_title(text.title, titles.title, base.issuer)):
        return True
    return any(same_title(text.title, name, base.issuer) for name in (base.title, *base.aliases))


def _date_operations(amendments: Sequence[Amendment]) -> list[_DatedOperation]:
    dated = list[_DatedOperation]()
    for n, amendment in enumerate(amendments):
        operations = [(operation, text.article) for text in amendment.texts for operation in text.operations]
        promulgated = amendment.effect.promulgated or date.min
        for position, (operation, article) in enumerate(operations):
            effect = amendment.effect.of(operation, article)
            order = (effect.day or date.max, promulgated, amendment.effect.number, n, position)
            dated.append(_DatedOperation(order, operation, amendment, effect))
    return dated


def _has_unknown_order(item: _DatedOperation, dated: Sequence[_DatedOperation]) -> bool:
    return any(
        other.amendment is not item.amendment
        and other.order[:3] == item.order[:3]
        and _touch_same_provision(item.operation, other.operation)
        for other in dated
    )


def _touch_same_provision(first: AmendmentOperation, second: AmendmentOperation) -> bool:
    first_steps, second_steps = _top_steps(first), _top_steps(second)
    return not (first_steps and second_steps) or bool(first_steps & second_steps)


def _top_steps(operation: AmendmentOperation) -> set[Step]:
    addresses = [operation.place, *(address for address, _ in operation.moves)]
    return {address.steps[0] for address in addresses if address.steps}


def _apply_sentence(root: Provision, sentence: Sequence[_DatedOperation]) -> tuple[Provision, list[OperationResult]]:
    results = list[OperationResult]()
    current = root
    has_failed = False
    for item in sentence:
        try:
            applied = _apply(current, item.operation)
        except DeclinedError as error:
            results.append(item.decline(current, str(error), is_done=error.is_done))
            has_failed = has_failed or (item.operation.is_structural and not error.is_done)
            continue
        results.append(item.result(_top_keys(current, applied.keys) | _top_keys(applied.root, applied.keys)))
        current = applied.root
    if not has_failed:
        return current, results
    return root, [
        result if result.reason else replace(item.decline(root, _DEPENDENT), keys=result.keys)
        for result, item in zip(results, sentence, strict=True)
    ]


def _apply(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    try:
        return apply_operation(root, operation)
    except ValueError as error:  # a number after the last one of its series (ワ) or in an unknown notation
        raise DeclinedError(_UNKNOWN_NUMBER) from error


def _top_keys(root: Provision, keys: frozenset[int]) -> frozenset[int]:
    if root.key in keys:
        return frozenset({root.key})
    return frozenset(child.key for child in root.children if any(member.key in keys for member in child.walk()))
