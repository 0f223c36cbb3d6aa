"""Applies an amendment of an amending document to its text before that takes effect."""

from collections.abc import Callable
from dataclasses import replace

from ingest.amendments.addresses import Address
from ingest.amendments.amending_document import AmendingDocument
from ingest.amendments.effect import Effect
from ingest.amendments.operations import Operation
from ingest.amendments.provisions import Provision
from ingest.amendments.words import find_words

_LATE = "改正規定が施行された後に、その改正規定を改める改正です"
_UNREAD = "この改正規定を改める改正を当てはめられません"


def amend_amending_document(
    amending: AmendingDocument, later: AmendingDocument, effect: Effect, later_effect: Effect
) -> tuple[AmendingDocument, tuple[tuple[Address, str], ...]]:
    """Return the amending document as a later one changes it, and the places whose change cannot be applied.

    Only words of its sentences and supplementary provisions are replaced, and only before they take effect.
    """
    dropped: list[tuple[Address, str]] = []
    for text in later.texts:
        for operation in text.operations:
            place = operation.place
            target = effect.of(Operation("replace_words", place)).day
            later_day = later_effect.of(operation, text.article).day
            if target is not None and (later_day is None or later_day > target):
                dropped.append((place, _LATE))
                continue
            changed = _change(amending, operation)
            if changed is None:
                dropped.append((place, _UNREAD))
            else:
                amending = changed
    return amending, tuple(dropped)


def _change(amending: AmendingDocument, operation: Operation) -> AmendingDocument | None:
    """Return the amending document with the words of one sentence replaced; None where that is not certain."""
    if operation.action != "replace_words" or operation.problem:
        return None
    if operation.place.steps[:1] and operation.place.steps[0].kind == "附則":
        return _change_supplement(amending, operation)
    found = [
        (text, one)
        for text in amending.texts
        for one in text.operations
        if one.place.starts_with(Address(operation.place.steps)) and _has_words(one, operation.old)
    ]
    if len(found) != 1:
        return None
    text, target = found[0]
    changed = _replace_in_operation(target, operation.old, operation.new)
    operations = tuple(changed if one is target else one for one in text.operations)
    texts = tuple(replace(one, operations=operations) if one is text else one for one in amending.texts)
    return replace(amending, texts=texts)


def _has_words(operation: Operation, words: str) -> bool:
    texts = [operation.old, operation.new, *(one.content for one in operation.provisions)]
    return any(find_words(text, words) for text in texts)


def _replace_in_operation(operation: Operation, old: str, new: str) -> Operation:
    def change(text: str) -> str:
        for start, end in reversed(find_words(text, old)):
            text = text[:start] + new + text[end:]
        return text

    provisions = tuple(_change_texts(one, change) for one in operation.provisions)
    return replace(operation, old=change(operation.old), new=change(operation.new), provisions=provisions)


def _change_texts(provision: Provision, change: Callable[[str], str]) -> Provision:
    children = tuple(_change_texts(child, change) for child in provision.children)
    return replace(provision, text=change(provision.text), caption=change(provision.caption), children=children)


def _change_supplement(amending: AmendingDocument, operation: Operation) -> AmendingDocument | None:
    lines = amending.supplement
    found = [(n, spans) for n, line in enumerate(lines) if (spans := find_words(line.text, operation.old))]
    if len(found) != 1 or len(found[0][1]) != 1:
        return None
    n, [(start, end)] = found[0]
    text = lines[n].text[:start] + operation.new + lines[n].text[end:]
    changed = (*lines[:n], replace(lines[n], text=text), *lines[n + 1 :])
    return replace(amending, supplement=changed)
