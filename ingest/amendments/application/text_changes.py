"""Applies operations that change words, sentences, captions and labels of provisions."""

from dataclasses import replace

from ingest.amendments.addresses import Step
from ingest.amendments.application.locating import (
    AppliedOperation,
    DeclinedError,
    find_provision,
    locate_words,
    put_provision,
)
from ingest.amendments.operations import AmendmentOperation, Position
from ingest.amendments.provisions import Provision, equal_text, find_parent
from ingest.amendments.words import WordOccurrence, find_in_provision, find_words, part_span, replace_occurrences

_CAPTION_PARTS = frozenset({"見出し", "題名"})


def replace_words(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Replace words wherever they are in the place."""
    occurrences = locate_words(root, operation, is_single=False)
    may_be_done = bool(operation.new) and operation.old in operation.new and not operation.is_general
    if may_be_done and all(_is_within(occurrence, operation.new) for occurrence in occurrences):
        raise DeclinedError(f"{operation.place.text}は、すでに「{operation.new}」となっています", is_done=True)
    return _change_words(root, occurrences, operation.new)


def insert_words(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Insert words after or before others, which may occur only once."""
    occurrences = locate_words(root, operation, is_single=True)
    value = occurrences[0].value
    start, end = occurrences[0].span
    old, new = value[start:end], operation.new
    is_after = operation.position is Position.AFTER
    neighbour = value[end:] if is_after else value[:start]
    is_there = neighbour.startswith(new) if is_after else neighbour.endswith(new)
    if is_there and find_words(neighbour, new):
        raise DeclinedError(f"{operation.place.text}には、すでに「{new}」があります", is_done=True)
    return _change_words(root, occurrences, old + new if is_after else new + old)


def delete_words(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Delete words, which may occur only once."""
    return _change_words(root, locate_words(root, operation, is_single=True), "")


def replace_text(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Replace a whole caption, title or text; the old text, if it is known, has to be the present one."""
    place = operation.place
    target = find_provision(root, replace(place, part=""))
    if place.part in _CAPTION_PARTS:
        new = _without_brackets(operation.new) if place.part == "見出し" else operation.new
        present, changed = target.caption, replace(target, caption=new)
    else:
        new = operation.new
        target = target.children[0] if target.step.kind == "条" and target.children else target
        present, changed = target.text, replace(target, text=new)
    if not present:
        raise DeclinedError(f"{place.text}がありません")
    if not operation.old or equal_text(present, operation.old):
        return put_provision(root, changed)
    if equal_text(present, new):
        raise DeclinedError(f"{place.text}は、すでに改正後の文になっています", is_done=True)
    occurrences = [] if place.part in _CAPTION_PARTS else find_in_provision(target, "", operation.old)
    if len(occurrences) != 1:
        raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")
    return _change_words(root, occurrences, new)


def add_caption(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Give a provision its first caption."""
    target = find_provision(root, operation.place)
    caption = _without_brackets(operation.new)
    if target.caption:
        is_done = equal_text(_without_brackets(target.caption), caption)
        raise DeclinedError(f"{operation.place.text}には、すでに見出しがあります", is_done=is_done)
    return put_provision(root, replace(target, caption=f"（{caption}）" if target.step.kind == "項" else caption))


def delete_label(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Delete the number of the only paragraph of supplementary provisions."""
    target = find_provision(root, operation.place)
    siblings = find_parent(root, target.key).children
    if target.step != Step("項", "1") or sum(sibling.step.kind == "項" for sibling in siblings) > 1:
        raise DeclinedError(f"{operation.place.text}の番号は削れません")
    return put_provision(root, replace(target, label=""))


def append_sentence(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Add a proviso or a second sentence to a provision."""
    name = operation.place.text
    target = find_provision(root, operation.place)
    if target.step.kind == "条":
        if len(target.children) != 1:
            raise DeclinedError(f"{name}のどの項か読み取れません")
        target = target.children[0]
    if not target.text.rstrip().endswith("。") and target.step.kind not in {"号", "ア", "(ア)"}:
        raise DeclinedError(f"{name}に文がありません")
    if find_words(target.text, operation.new):
        raise DeclinedError(f"{name}には、すでにその文があります", is_done=True)
    if operation.old == "ただし書" and part_span(target.text, "ただし書"):
        raise DeclinedError(f"{name}には、すでにただし書があります")
    return put_provision(root, replace(target, text=target.text + operation.new))


def replace_part(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Replace the caption, the title, or a sentence of a provision."""
    place = operation.place
    if place.part in _CAPTION_PARTS:
        return replace_text(root, replace(operation, old=""))
    target = find_provision(root, replace(place, part=""))
    if target.step.kind == "条" and len(target.children) == 1:
        target = target.children[0]
    span = part_span(target.text, place.part)
    if span is None or not target.text:
        raise DeclinedError(f"{place.text}がありません")
    text = target.text[: span[0]] + operation.new + target.text[span[1] :]
    return put_provision(root, replace(target, text=text))


def delete_part(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Delete the caption or a sentence of a provision."""
    place = operation.place
    target = find_provision(root, replace(place, part=""))
    if place.part == "見出し" and target.caption:
        return put_provision(root, replace(target, caption=""))
    candidates = target.children if target.step.kind == "条" else (target,)
    spans = [(member, span) for member in candidates if (span := part_span(member.text, place.part))]
    if place.part == "見出し" or len(spans) != 1:
        raise DeclinedError(f"{place.text}がありません")
    member, (start, end) = spans[0]
    return put_provision(root, replace(member, text=(member.text[:start] + member.text[end:]).strip()))


def _change_words(root: Provision, occurrences: list[WordOccurrence], new: str) -> AppliedOperation:
    keys = frozenset(occurrence.provision.key for occurrence in occurrences)
    return AppliedOperation(replace_occurrences(root, occurrences, new), keys)


def _is_within(occurrence: WordOccurrence, words: str) -> bool:
    start, end = occurrence.span
    return any(first <= start and end <= last for first, last in find_words(occurrence.value, words))


def _without_brackets(caption: str) -> str:
    return caption.strip("（）()")
