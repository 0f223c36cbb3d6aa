"""Consolidates a document with its amendments: the provisions on each day, and what became of each operation."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import NamedTuple

from ingest.japanese.word_differences import TextSpan, WordComparison
from ingest.provisions.addresses import Step
from ingest.provisions.application import DeclinedError, apply_operation
from ingest.provisions.document_lines import Quote
from ingest.provisions.effect import DayOfEffect, Effect
from ingest.provisions.operations import Action, AmendedText, AmendmentOperation
from ingest.provisions.provisions import Provision

_SAME_DAY = "同じ日に施行される別の改正があり、どちらが先か文書から分かりません"
_UNKNOWN_NUMBER = "番号を読み取れません"
_DEPENDENT = "同じ文の別の改正を当てはめられないため、当てはめていません"
# Actions that change every provision if they name no place.
_ACTIONS_ON_ALL = frozenset({Action.REPLACE_ALL, Action.REPEAL, Action.UNREAD})
# Characters of an amending text that are kept.
_MAX_SENTENCE_LENGTH = 2_000
# Characters of an amending text in a finding.
_MAX_SHOWN_LENGTH = 60


@dataclass(frozen=True, slots=True)
class OperationResult:
    """What became of one operation of an amending document.

    Attributes:
        sentence: the amending text as printed; the beginning of a long one.
        reason: why it was not applied, "" if it was.
        is_done: whether the text was so already, so that nothing is missing.
        keys: the top-level provisions that it changes, or would change.
    """

    doc_id: str
    action: Action
    place: str
    sentence: str
    quotes: tuple[Quote, ...]
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
    """A provision during a time in which its text does not change.

    Attributes:
        provision: None while it does not exist.
        first: the first day, None for the beginning.
        until: the day after the last one, None for no end.
        results: positions in the results of the consolidation of those that made this version.
        old: the text of the version before, with what is no longer in it marked; empty if there is none.
        new: the text of this version, with what is new marked; empty as `old`.
    """

    provision: Provision | None
    first: date | None
    until: date | None = None
    results: tuple[int, ...] = ()
    old: tuple[TextSpan, ...] = ()
    new: tuple[TextSpan, ...] = ()

    def is_on(self, day: date) -> bool:
        """Whether it is the version of the day."""
        return (self.first is None or self.first <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class State:
    """The provisions from a day on: the title of the document and the keys of its top-level provisions, in order."""

    first: date | None
    title: str
    keys: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Consolidation:
    """A document with its amendments, as it is stored with an index.

    Attributes:
        dates: when each amending document takes effect, by id.
        states: the provisions from each day on, the first from None.
        versions: those of each top-level provision in order, by its key.
        changed_keys: the keys of the top-level provisions that amendments change or would change, in document order.
    """

    doc_id: str
    amending: tuple[str, ...]
    dates: Mapping[str, Effect]
    states: tuple[State, ...]
    versions: Mapping[int, tuple[Version, ...]]
    results: tuple[OperationResult, ...]
    changed_keys: tuple[int, ...]

    def on(self, day: date) -> Provision:
        """Return the provisions in force on a day; on `date.min` those before all amendments."""
        state = next(state for state in reversed(self.states) if state.first is None or state.first <= day)
        versions = (next(version for version in self.versions[key] if version.is_on(day)) for key in state.keys)
        children = tuple(version.provision for version in versions if version.provision is not None)
        return Provision(Step("本則", ""), caption=state.title, children=children, key=0)

    def results_of(self, *versions: Version) -> list[OperationResult]:
        """Return the operations that made versions, in order."""
        return [self.results[position] for version in versions for position in version.results]

    def find_repeal(self, day: date) -> OperationResult | None:
        """Return the repeal that is in effect on a day."""
        repeals = (result for result in self.results if result.action is Action.REPEAL and not result.reason)
        return next((repeal for repeal in repeals if repeal.effect.day and repeal.effect.day <= day), None)

    def missing(self, key: int, day: date = date.max) -> tuple[OperationResult, ...]:
        """Return the operations on a provision that could not be applied and may be in effect on a day."""
        results = (result for result in self.results if result.is_missing and key in result.keys)
        return tuple(result for result in results if (result.effect.day or day) <= day)


@dataclass(frozen=True, slots=True)
class Amendment:
    """An amending document with what it says about one base document."""

    doc_id: str
    texts: tuple[AmendedText, ...]
    effect: Effect


class _DatedOperation(NamedTuple):
    """An operation with its amendment and its day; `order` is day of effect, day and number of promulgation, position.

    The position is that of the amendment and of the operation in it.
    """

    order: tuple[date, date, int, int, int]
    operation: AmendmentOperation
    amendment: Amendment
    effect: DayOfEffect

    @property
    def top_steps(self) -> set[Step]:
        """The top-level provisions that it names."""
        addresses = [self.operation.place, *(address for address, _ in self.operation.moves)]
        return {address.steps[0] for address in addresses if address.steps}

    def result(self, keys: frozenset[int], reason: str = "", *, is_done: bool = False) -> OperationResult:
        operation, sentence = self.operation, self.operation.sentence
        if len(sentence) > _MAX_SENTENCE_LENGTH:
            sentence = f"{sentence[:_MAX_SENTENCE_LENGTH]}…"
        what = (operation.action, operation.place.text, sentence, operation.quotes)
        return OperationResult(self.amendment.doc_id, *what, self.effect, reason, is_done, keys)

    def decline(self, root: Provision, reason: str, *, is_done: bool = False) -> OperationResult:
        """Return the result of an operation that was not applied to `root`."""
        steps = self.top_steps
        is_on_all = not steps and self.operation.action in _ACTIONS_ON_ALL
        keys = frozenset(child.key for child in root.children if is_on_all or child.step in steps)
        return self.result(keys, reason, is_done=is_done)


def consolidate(doc_id: str, root: Provision, amendments: Sequence[Amendment]) -> Consolidation:
    """Return a document's provisions after each day of effect, and what became of each operation.

    Operations are applied in the order of effect, then of promulgation, then as drafted; those of one sentence together
    or not at all.
    """
    operations = list(_date_operations(amendments))
    dated = sorted((item for item in operations if item.effect.day), key=lambda item: item.order)
    unordered = _find_unordered(dated)
    results = [item.decline(root, item.effect.reason) for item in operations if item.effect.day is None]
    states: list[tuple[date | None, Provision]] = [(None, root)]
    for (_, _, day), items in groupby(dated, lambda item: (item.order[3], item.operation.group, item.effect.day)):
        sentence = list(items)
        current = states[-1][1]
        if any(item.order in unordered for item in sentence):
            results += [item.decline(current, _SAME_DAY) for item in sentence]
            continue
        changed, sentence_results = _apply_sentence(current, sentence)
        results += sentence_results
        if changed is not current:
            states[-1:] = [(day, changed)] if states[-1][0] == day else [states[-1], (day, changed)]
    changed_keys = {key for result in results for key in result.keys}
    order = dict.fromkeys(child.key for _, state in states for child in state.children)
    return Consolidation(
        doc_id=doc_id,
        amending=tuple(amendment.doc_id for amendment in amendments),
        dates={amendment.doc_id: amendment.effect for amendment in amendments},
        states=tuple(State(first, root.caption, tuple(child.key for child in root.children)) for first, root in states),
        versions=_find_versions(states, results),
        results=tuple(results),
        changed_keys=tuple(filter(changed_keys.__contains__, order)),
    )


def _date_operations(amendments: Sequence[Amendment]) -> Iterator[_DatedOperation]:
    for n, amendment in enumerate(amendments):
        operations = ((operation, text.article) for text in amendment.texts for operation in text.operations)
        promulgated = amendment.effect.promulgated or date.min
        for position, (operation, article) in enumerate(operations):
            effect = amendment.effect.of(operation, article)
            order = (effect.day or date.max, promulgated, amendment.effect.number, n, position)
            yield _DatedOperation(order, operation, amendment, effect)


def _find_unordered(dated: Sequence[_DatedOperation]) -> set[tuple[date, date, int, int, int]]:
    """Return the operations of documents of one day of effect whose order is unknown."""
    unordered = set[tuple[date, date, int, int, int]]()
    for _, group in groupby(dated, key=lambda item: item.order[:3]):
        orders = [item.order for item in group]
        if len({order[3] for order in orders}) > 1:
            unordered.update(orders)
    return unordered


def _apply_sentence(root: Provision, sentence: Sequence[_DatedOperation]) -> tuple[Provision, list[OperationResult]]:
    """Apply the operations of one sentence, or none of them."""
    results, current, has_failed = list[OperationResult](), root, False
    for item in sentence:
        try:
            changed = apply_operation(current, item.operation)
        except (DeclinedError, ValueError) as error:
            # ValueError: a number after the last one of its series (ワ) or in an unknown notation
            is_done = isinstance(error, DeclinedError) and error.is_done
            reason = str(error) if isinstance(error, DeclinedError) else _UNKNOWN_NUMBER
            results.append(item.decline(current, reason, is_done=is_done))
            has_failed = has_failed or not is_done
        else:
            before, after = ({id(child): child.key for child in side.children} for side in (current, changed))
            keys = {(before | after)[child] for child in before.keys() ^ after.keys()}
            results.append(item.result(frozenset(keys)))
            current = changed
    if not has_failed:
        return current, results
    return root, [result if result.reason else replace(result, reason=_DEPENDENT) for result in results]


def _find_versions(
    states: Sequence[tuple[date | None, Provision]], results: Sequence[OperationResult]
) -> dict[int, tuple[Version, ...]]:
    applied: defaultdict[tuple[int, date | None], list[int]] = defaultdict(list)
    for n, result in enumerate(results):
        for key in result.keys if not result.reason else ():
            applied[key, result.effect.day].append(n)
    present = [{child.key: child for child in root.children} for _, root in states]
    versions: dict[int, tuple[Version, ...]] = {}
    comparison = WordComparison()
    for key in dict.fromkeys(key for provisions in present for key in provisions):
        history = [Version(present[0].get(key), None)]
        for (first, _), provisions in zip(states[1:], present[1:], strict=True):
            last, provision = history[-1].provision, provisions.get(key)
            if provision is last or (provision and last and provision.content == last.content):
                continue
            history[-1] = replace(history[-1], until=first)
            spans = comparison.compare(last.content, provision.content) if last and provision else ((), ())
            history.append(Version(provision, first, None, tuple(applied[key, first]), *spans))
        versions[key] = tuple(history)
    return versions


def find_problems(consolidation: Consolidation, title: str) -> Iterator[tuple[str, str]]:
    """Yield the id of each amending document and what of it could not be applied to the one with this title."""
    for result in consolidation.results:
        if result.is_missing:
            sentence = result.sentence.replace("\n", " ")
            if len(sentence) > _MAX_SHOWN_LENGTH:
                sentence = f"{sentence[:_MAX_SHOWN_LENGTH]}…"
            problem = f"「{title}」への改正を当てはめられません（{result.reason}）: {sentence}"
            yield result.doc_id, f"{problem} 元の文書と改正文を見比べてください。"
