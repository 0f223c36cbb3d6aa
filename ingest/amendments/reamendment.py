"""Applies an amendment of an amending document to its text before that takes effect."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from ingest.amendments.addresses import Address
from ingest.amendments.amending_document import AmendingDocument
from ingest.amendments.effect import Effect
from ingest.amendments.operations import Action, AmendmentOperation
from ingest.amendments.provisions import Provision
from ingest.amendments.words import find_words

_LATE = "改正規定が施行された後に、その改正規定を改める改正です"
_UNREAD = "この改正規定を改める改正を当てはめられません"


@dataclass(frozen=True, slots=True)
class UnappliedChange:
    """A place of an amending document whose change cannot be applied, and why."""

    place: Address
    reason: str


def amend_amending_document(
    amending: AmendingDocument, effect: Effect, later: AmendingDocument, later_effect: Effect
) -> tuple[AmendingDocument, list[UnappliedChange]]:
    """Return the amending document as a later one changes it, and the changes that cannot be applied.

    Only words of its sentences and supplementary provisions are replaced, and only before they take effect.
    """
    unapplied = list[UnappliedChange]()
    for text in later.texts:
        for operation in text.operations:
            day = effect.of(AmendmentOperation(Action.REPLACE_WORDS, operation.place)).day
            later_day = later_effect.of(operation, text.article).day
            is_late = day is not None and (later_day is None or later_day > day)
            changed = None if is_late else _change(amending, operation)
            if changed is None:
                unapplied.append(UnappliedChange(operation.place, _LATE if is_late else _UNREAD))
            else:
                amending = changed
    return amending, unapplied


def _change(amending: AmendingDocument, operation: AmendmentOperation) -> AmendingDocument | None:
    if operation.action is not Action.REPLACE_WORDS or operation.problem:
        return None
    if operation.place.steps[:1] and operation.place.steps[0].kind == "附則":
        return _change_supplement(amending, operation)
    place = Address(operation.place.steps)
    candidates = [
        (text, target)
        for text in amending.texts
        for target in text.operations
        if target.place.starts_with(place) and _has_words(target, operation.old)
    ]
    if len(candidates) != 1:
        return None
    changed_text, target = candidates[0]
    changed = _replace_in_operation(target, operation.old, operation.new)
    operations = tuple(changed if item is target else item for item in changed_text.operations)
    texts = tuple(replace(text, operations=operations) if text is changed_text else text for text in amending.texts)
    return replace(amending, texts=texts)


def _has_words(operation: AmendmentOperation, words: str) -> bool:
    texts = [operation.old, operation.new, *(provision.content for provision in operation.provisions)]
    return any(find_words(text, words) for text in texts)


def _replace_in_operation(operation: AmendmentOperation, old: str, new: str) -> AmendmentOperation:
    def change(text: str) -> str:
        for start, end in reversed(find_words(text, old)):
            text = text[:start] + new + text[end:]
        return text

    provisions = tuple(_change_texts(provision, change) for provision in operation.provisions)
    return replace(operation, old=change(operation.old), new=change(operation.new), provisions=provisions)


def _change_texts(provision: Provision, change: Callable[[str], str]) -> Provision:
    children = tuple(_change_texts(child, change) for child in provision.children)
    return replace(provision, text=change(provision.text), caption=change(provision.caption), children=children)


def _change_supplement(amending: AmendingDocument, operation: AmendmentOperation) -> AmendingDocument | None:
    lines = amending.supplement
    occurrences = [(n, span) for n, line in enumerate(lines) for span in find_words(line.text, operation.old)]
    if len(occurrences) != 1:
        return None
    n, (start, end) = occurrences[0]
    text = lines[n].text[:start] + operation.new + lines[n].text[end:]
    return replace(amending, supplement=(*lines[:n], replace(lines[n], text=text), *lines[n + 1 :]))
