"""Applies an operation to the provisions of a document, or declines it with a reason; it never guesses."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.japanese import nfkc
from ingest.provisions.addresses import KATAKANA, ROOTS, Address, Step, format_step, next_number, restyle_label
from ingest.provisions.operations import Action, AmendmentOperation
from ingest.provisions.provisions import (
    Provision,
    change_provision,
    equal_text,
    find_parent,
    find_provisions,
    path_to,
)
from ingest.provisions.words import find_in_provision, find_words, part_span, replace_occurrences

_CAPTION_PARTS = frozenset({"見出し", "題名"})
_APPENDIX_KINDS = frozenset({"別表", "様式"})
_CHAPTER_KINDS = frozenset({"章", "節"})
_ROW_KINDS = frozenset({"行", "項", "号"})
# Kinds whose numbers have to ascend among their siblings.
_ORDERED_KINDS = frozenset({"条", "項", "号", "ア"})
# The kinds of provisions that may have one of a kind at their end.
_CONTAINERS = {
    "条": {"本則", "附則"},
    "項": {"条", "附則", "本則"},
    "号": {"項", "附則", "号", "本則"},
    "ア": {"号", "項"},
    "行": {"別表", "様式", "項", "号"},
    "別表": {"本則"},
    "様式": {"本則"},
}
_LETTERS = KATAKANA + "マミムメモヤユヨラリルレロワ"
_FIRST_PARAGRAPH = Step("項", "1")


class DeclinedError(Exception):
    """An operation cannot be applied; the message is the reason, in Japanese.

    Attributes:
        is_done: whether the text is already as the operation makes it.
    """

    def __init__(self, reason: str, *, is_done: bool = False) -> None:
        super().__init__(reason)
        self.is_done = is_done


def apply_operation(root: Provision, operation: AmendmentOperation) -> Provision:
    """Return the provisions after an operation, the same objects where nothing changes.

    Raises DeclinedError, in which case nothing is changed.
    """
    if operation.problem:
        raise DeclinedError(operation.problem)
    return _APPLIERS[operation.action](root, operation)


def _put(root: Provision, changed: Provision) -> Provision:
    return changed if changed.key == root.key else change_provision(root, changed.key, lambda _: (changed,))


def _find(root: Provision, address: Address) -> Provision:
    """Return the only provision or table row at an address, whatever part of it is meant."""
    provision = _take_only(find_provisions(root, address), replace(address, part="", row=""))
    return _take_only(_find_rows(provision, address.row), address) if address.row else provision


def _take_only(provisions: Sequence[Provision], address: Address) -> Provision:
    if len(provisions) == 1:
        return provisions[0]
    problem = "が二つ以上あり、どちらか決められません" if provisions else "がありません"
    raise DeclinedError(f"{replace(address, part='').text}{problem}")


def _find_rows(provision: Provision, name: str) -> list[Provision]:
    """Return the rows that have a name in one of their first two cells."""
    rows = [(row, re.split(r"[\t　]", row.text)) for row in provision.walk() if row.step.kind in _ROW_KINDS]
    return [row for row, cells in rows if any(equal_text(cell, name) for cell in cells[:2])]


def _find_text(root: Provision, place: Address) -> Provision:
    """Return the provision whose text is meant: of an article its only paragraph."""
    target = _find(root, place)
    if target.step.kind != "条":
        return target
    if len(target.children) != 1:
        raise DeclinedError(f"{place.text}のどの項か読み取れません")
    return target.children[0]


def _change_words(root: Provision, operation: AmendmentOperation) -> Provision:
    """Replace words wherever they are in the place; figures and single words only if they occur once."""
    place, old, new = operation.place, operation.old, operation.new
    name = place.text or "本則"
    if place.row:
        targets = _find_rows(_find(root, replace(place, row="")), place.row)
        _take_only(targets[:1], place)
    elif place.steps or place.part:
        targets = [_find(root, place)]
    else:
        targets = [child for child in root.children if child.step.kind not in ROOTS]
    part = place.part if place.steps or place.part else "見出しを含む"
    if not any(part_span(member.text, part) for target in targets for member in target.walk()):
        raise DeclinedError(f"{name}がありません")
    occurrences = [occurrence for target in targets for occurrence in find_in_provision(target, part, old)]
    is_new_present = bool(new) and any(find_in_provision(target, part, new) for target in targets)
    if not occurrences:
        if is_new_present:
            raise DeclinedError(f"{name}は、すでに「{new}」となっています", is_done=True)
        raise DeclinedError(f"{name}に「{old}」という文言がありません")
    has_figure = bool(re.search(r"\d", nfkc(old)))
    if len(occurrences) > 1 and (operation.is_single or has_figure) and not operation.is_general:
        raise DeclinedError(f"{name}に「{old}」が{len(occurrences)}か所あり、どれか決められません")
    if is_new_present and old in new and not operation.is_general:
        spans = {value: find_words(value, new) for value in {item.value for item in occurrences}}
        if all(any(a <= item.span[0] and item.span[1] <= b for a, b in spans[item.value]) for item in occurrences):
            raise DeclinedError(f"{name}は、すでに「{new}」となっています", is_done=True)
    return replace_occurrences(root, occurrences, new)


def _replace_text(root: Provision, operation: AmendmentOperation) -> Provision:
    """Replace a caption, a title, a text or a part of it; the old text, if it is known, has to be the present one."""
    place, old = operation.place, operation.old
    target = _find(root, place)
    if place.part in _CAPTION_PARTS:
        if not target.caption:
            raise DeclinedError(f"{place.text}がありません")
        new = operation.new.strip("（）()") if place.part == "見出し" else operation.new
        _check_old(target.caption, old, new, place)
        return _put(root, replace(target, caption=new))
    members = target.children if target.step.kind == "条" else (target,)
    spans = [(member, span) for member in members if (span := part_span(member.text, place.part)) and member.text]
    if not spans or (place.part and len(spans) > 1):
        raise DeclinedError(f"{place.text}がありません")
    member, (start, end) = spans[0]
    if old and not equal_text(member.text, old) and len(found := find_in_provision(member, "", old)) == 1:
        return replace_occurrences(root, found, operation.new)
    _check_old(member.text, old, operation.new, place)
    return _put(root, replace(member, text=(member.text[:start] + operation.new + member.text[end:]).strip()))


def _check_old(present: str, old: str, new: str, place: Address) -> None:
    if old and not equal_text(present, old):
        if equal_text(present, new):
            raise DeclinedError(f"{place.text}は、すでに改正後の文になっています", is_done=True)
        raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")


def _append_sentence(root: Provision, operation: AmendmentOperation) -> Provision:
    name, target = operation.place.text, _find_text(root, operation.place)
    if not target.text.rstrip().endswith("。") and target.step.kind not in {"号", "ア"}:
        raise DeclinedError(f"{name}に文がありません")
    if find_words(target.text, operation.new):
        raise DeclinedError(f"{name}には、すでにその文があります", is_done=True)
    if operation.old == "ただし書" and part_span(target.text, "ただし書"):
        raise DeclinedError(f"{name}には、すでにただし書があります")
    return _put(root, replace(target, text=target.text + operation.new))


def _replace(root: Provision, operation: AmendmentOperation) -> Provision:
    place, new = operation.place, operation.provisions
    if place.part:
        return _replace_text(root, operation)
    if not place.steps:
        raise DeclinedError("どの規定を改めるのか読み取れません")
    target = _find(root, place)
    if place.row or target.step.kind == "行":
        rows = [replace(row, step=Step("行", target.step.number)) for row in new]
        return change_provision(root, target.key, lambda _: rows)
    if target.step.kind in ROOTS and new and new[0].step.kind != target.step.kind:
        return _put(root, replace(target, text="", children=new, quotes=new[0].quotes))
    if not new or new[0].step != target.step:
        step = format_step(new[0].step) if new else ""
        raise DeclinedError(f"{place.text}を改める文が、{step}の文になっています")
    caption = new[0].caption
    if not caption:
        is_deletion = new[0].step.kind == "条" and equal_text(new[0].own_content, "削除")
        has_other_captions = new[0].step.kind != "条" and any(provision.caption for provision in new)
        caption = "" if is_deletion or has_other_captions else target.caption
    first = replace(new[0], key=target.key, caption=caption, label=new[0].label or target.label)
    changed = change_provision(root, target.key, lambda _: (first, *new[1:]))
    _check_numbers(changed, new[1:])
    return changed


def _insert(root: Provision, operation: AmendmentOperation) -> Provision:
    place, new = operation.place, operation.provisions
    if operation.position == "end":
        return _insert_at_end(root, operation)
    if not place.steps:
        raise DeclinedError("どこに加えるのか読み取れません")
    target = _find(root, place)
    kinds, kind = {provision.step.kind for provision in new}, target.step.kind
    if kind == "行":
        rows = _without_header(find_parent(root, target.key), new)
        new = tuple(replace(row, step=Step("行", target.step.number)) for row in rows)
    elif kind in _CHAPTER_KINDS or not (
        new[0].step.kind in ROOTS if kind in ROOTS or new[0].step.kind in _APPENDIX_KINDS else kinds <= {kind}
    ):
        raise DeclinedError(f"{place.text}の次に加える規定の番号を読み取れません")
    inserted = (target, *new) if operation.position == "after" else (*new, target)
    changed = change_provision(root, target.key, lambda _: inserted)
    _check_numbers(changed, new)
    return changed


def _without_header(table: Provision, new: Sequence[Provision]) -> tuple[Provision, ...]:
    texts = {child.text for child in table.children}
    return tuple(row for row in new if len(new) == 1 or row.text not in texts)


def _insert_at_end(root: Provision, operation: AmendmentOperation) -> Provision:
    place, new = operation.place, operation.provisions
    kind = new[0].step.kind
    target = _find_text(root, place) if kind == "号" else _find(root, place)
    if target.step.kind not in _CONTAINERS.get(kind, ()) or any(other.step.kind != kind for other in new):
        raise DeclinedError(f"{place.text or '本則'}に加える規定を読み取れません")
    if target.step.kind in _APPENDIX_KINDS and not (new := _without_header(target, new)):
        raise DeclinedError(f"{place.text}には、すでにその行があります", is_done=True)
    children = list(target.children)
    position = len(children)
    if target.key == root.key and kind not in _APPENDIX_KINDS:
        position = next((n for n, child in enumerate(children) if child.step.kind in ROOTS), position)
    if target.step.kind == "附則" and new[0].step == Step("項", "2") and children and not children[0].label:
        # A supplementary provision of one paragraph has no number until it has a second one.
        children[0] = replace(children[0], label=restyle_label(new[0].label, _FIRST_PARAGRAPH))
    children[position:position] = new
    changed = _put(root, replace(target, children=tuple(children)))
    _check_numbers(changed, new, is_continued=True)
    return changed


def _check_numbers(root: Provision, new: Sequence[Provision], *, is_continued: bool = False) -> None:
    """Decline unless the new provisions have free numbers in ascending order among their siblings.

    With `is_continued`, the number before the first has to be there, too.
    """
    for provision in new:
        kind = provision.step.kind
        if kind not in _ORDERED_KINDS | _APPENDIX_KINDS:
            continue
        siblings = [child for child in find_parent(root, provision.key).children if child.step.kind == kind]
        if sum(sibling.step == provision.step for sibling in siblings) > 1:
            raise DeclinedError(f"{format_step(provision.step)}がすでにあります")
        position = next(n for n, sibling in enumerate(siblings) if sibling.key == provision.key)
        neighbours = siblings[max(0, position - 1) : position + 2]
        if kind not in _ORDERED_KINDS:
            continue
        if not all(_sort_key(first.step) < _sort_key(second.step) for first, second in pairwise(neighbours)):
            raise DeclinedError(f"{format_step(provision.step)}を置く順序が合いません")
        if not is_continued or not position:
            continue
        previous, head = (step.number.split("の")[0] for step in (siblings[position - 1].step, provision.step))
        if head not in {previous, next_number(kind, previous)}:
            raise DeclinedError(f"{format_step(provision.step)}の前の番号がありません")


def _sort_key(step: Step) -> tuple[int, ...]:
    if step.kind == "ア":
        return (_LETTERS.find(step.number),)
    return tuple(int(part) for part in step.number.split("の") if part) or (0,)


def _delete(root: Provision, operation: AmendmentOperation) -> Provision:
    """Delete a provision or a part of one; the old text, if it is known, has to be the present one."""
    place = operation.place
    target = _find(root, place)
    if place.part == "見出し" and target.caption:
        return _put(root, replace(target, caption=""))
    if place.part:
        return _replace_text(root, replace(operation, new=""))
    if not place.steps:
        raise DeclinedError("どの規定を削るのか読み取れません")
    if operation.old and not equal_text(target.own_content, operation.old) and "略" not in operation.old:
        raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")
    return change_provision(root, target.key, lambda _: ())


def _renumber(root: Provision, operation: AmendmentOperation) -> Provision:
    """Give provisions other numbers, all at once."""
    moves = [(_find(root, address), step) for address, step in operation.moves]
    changed = root
    for target, step in moves:
        parent = find_parent(root, target.key)
        labels = (sibling.label for sibling in parent.children if sibling.label and sibling.step.kind == step.kind)
        label = target.label or next(labels, "")
        label = restyle_label(label, step) if label else step.number
        is_unlabelled = step == _FIRST_PARAGRAPH and parent.step.kind == "条"
        present = path_to(changed, target.key)[-1]
        changed = _put(changed, replace(present, step=step, label="" if is_unlabelled else label))
    for target, step in moves:
        if sum(other.step == step for other in find_parent(changed, target.key).children) > 1:
            raise DeclinedError(f"{format_step(step)}がすでにあります")
    return changed


def _replace_all(root: Provision, operation: AmendmentOperation) -> Provision:
    (new,) = operation.provisions
    if not new.children:
        raise DeclinedError("全部改正の後の文がありません")
    return replace(new, key=root.key, caption=operation.new or root.caption)


_APPLIERS: dict[Action, Callable[[Provision, AmendmentOperation], Provision]] = {
    Action.REPLACE_WORDS: _change_words,
    Action.REPLACE_TEXT: _replace_text,
    Action.APPEND_SENTENCE: _append_sentence,
    Action.REPLACE: _replace,
    Action.INSERT: _insert,
    Action.DELETE: _delete,
    Action.RENUMBER: _renumber,
    Action.REPLACE_ALL: _replace_all,
    Action.REPEAL: lambda root, _operation: replace(root, children=()),
}
