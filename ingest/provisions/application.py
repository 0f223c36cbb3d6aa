"""Applies an operation to the provisions of a document, or declines it with a reason; it never guesses."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.japanese import nfkc
from ingest.provisions.addresses import KATAKANA, ROOTS, Address, Step, format_step, next_number, restyle_label
from ingest.provisions.operations import Action, AmendmentOperation, Position
from ingest.provisions.provisions import (
    Provision,
    change_provision,
    equal_text,
    find_parent,
    find_provisions,
    path_to,
)
from ingest.provisions.words import WordOccurrence, find_in_provision, find_words, part_span, replace_occurrences

_CAPTION_PARTS = frozenset({"見出し", "題名"})
# Parts of the text of a provision, which it may lack.
_SENTENCE_PARTS = frozenset({"ただし書", "本文", "前段", "後段"})
_APPENDIX_KINDS = frozenset({"別表", "様式"})
_CHAPTER_KINDS = frozenset({"章", "節"})
_ROW_KINDS = frozenset({"行", "項", "号"})
# Kinds whose numbers have to ascend among their siblings.
_ORDERED_KINDS = frozenset({"条", "項", "号", "ア", "(ア)", "第"})
_NUMBERED_KINDS = _ORDERED_KINDS | _APPENDIX_KINDS
# The kinds of provisions that may have one of a kind at their end.
_CONTAINERS = {
    "条": {"本則", "附則"},
    "項": {"条", "附則", "第", "本則"},
    "号": {"項", "第", "附則", "号", "本則"},
    "ア": {"号", "項", "第"},
    "(ア)": {"ア", "号"},
    "第": {"本則"},
    "行": {"別表", "様式", "項", "号"},
    "別表": {"本則"},
    "様式": {"本則"},
}
_LETTERS = KATAKANA + "マミムメモヤユヨラリルレロワ"
_CELL_SEPARATOR = re.compile(r"[\t　]")
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

    Raises DeclinedError, in which case nothing is changed, and LimitExceededError.
    """
    if operation.problem:
        raise DeclinedError(operation.problem)
    return _APPLIERS[operation.action](root, operation)


def _put(root: Provision, changed: Provision) -> Provision:
    return changed if changed.key == root.key else change_provision(root, changed.key, lambda _: (changed,))


def _find(root: Provision, address: Address) -> Provision:
    """Return the only provision or table row at an address, whatever part of it is meant."""
    if not address.steps:
        return root
    address = replace(address, part="")
    provision = _take_only(find_provisions(root, address), address)
    if not address.row:
        return provision
    rows = [member for member in provision.walk() if member.step.kind in _ROW_KINDS]
    named = [row for row in rows if any(equal_text(cell, address.row) for cell in _cells(row)[:2])]
    if not named:
        first_cells = [(row, _cells(row)[0]) for row in rows]
        named = [row for row, cell in first_cells if find_words(cell, address.row)[:1] == [(0, len(cell.rstrip()))]]
    return _take_only(named, address)


def _find_paragraph(root: Provision, address: Address) -> Provision:
    """Return the provision at an address; of an article its only paragraph."""
    target = _find(root, address)
    if target.step.kind != "条":
        return target
    if len(target.children) != 1:
        raise DeclinedError(f"{address.text}のどの項か読み取れません")
    return target.children[0]


def _take_only(provisions: Sequence[Provision], address: Address) -> Provision:
    if len(provisions) == 1:
        return provisions[0]
    problem = "が二つ以上あり、どちらか決められません" if provisions else "がありません"
    raise DeclinedError(f"{address.text}{problem}")


def _cells(row: Provision) -> list[str]:
    return _CELL_SEPARATOR.split(row.text)


def _locate_words(root: Provision, operation: AmendmentOperation) -> list[WordOccurrence]:
    """Return the places of an operation's old words; declines without any or if uncertain.

    Words beside which others are inserted and deleted words may occur only once, and so may replaced figures, except in
    operations on the whole text.
    """
    place = operation.place
    target = _find(root, replace(place, row=""))
    if place.row:
        named = (member for member in target.walk() if member.step.kind == "行")
        rows = [member for member in named if equal_text(_cells(member)[0], place.row)]
        is_several = len(rows) > 1
        target = replace(target, text="", caption="", children=tuple(rows)) if is_several else _find(root, place)
    if not place.steps and not place.part:
        occurrences = [
            occurrence
            for child in root.children
            if child.step.kind not in ROOTS
            for occurrence in find_in_provision(child, "見出しを含む", operation.old)
        ]
    else:
        if place.part in _SENTENCE_PARTS and not any(part_span(member.text, place.part) for member in target.walk()):
            raise DeclinedError(f"{place.text}がありません")
        occurrences = find_in_provision(target, place.part, operation.old)
    name = place.text or "本則"
    if not occurrences:
        if operation.new and find_in_provision(target, place.part, operation.new):
            is_done = operation.action is not Action.DELETE_WORDS
            raise DeclinedError(f"{name}は、すでに「{operation.new}」となっています", is_done=is_done)
        raise DeclinedError(f"{name}に「{operation.old}」という文言がありません")
    has_figure = bool(re.search(r"\d", nfkc(operation.old)))
    is_single = operation.action is not Action.REPLACE_WORDS or (has_figure and not operation.is_general)
    if len(occurrences) > 1 and is_single:
        raise DeclinedError(f"{name}に「{operation.old}」が{len(occurrences)}か所あり、どれか決められません")
    return occurrences


def _change_words(root: Provision, operation: AmendmentOperation) -> Provision:
    occurrences = _locate_words(root, operation)
    new = operation.new
    if operation.action is Action.INSERT_WORDS:
        start, end = occurrences[0].span
        old = occurrences[0].value[start:end]
        new = old + new if operation.position is Position.AFTER else new + old
    if new and operation.old in new and not operation.is_general:
        present = {value: find_words(value, new) for value in {item.value for item in occurrences}}
        if all(
            any(first <= item.span[0] and item.span[1] <= last for first, last in present[item.value])
            for item in occurrences
        ):
            raise DeclinedError(f"{operation.place.text}は、すでに「{new}」となっています", is_done=True)
    return replace_occurrences(root, occurrences, new)


def _replace_text(root: Provision, operation: AmendmentOperation) -> Provision:
    """Replace a whole caption, title or text; the old text, if it is known, has to be the present one."""
    place, new = operation.place, operation.new
    target = _find(root, place)
    if place.part in _CAPTION_PARTS:
        new = new.strip("（）()") if place.part == "見出し" else new
        present, changed = target.caption, replace(target, caption=new)
    else:
        target = target.children[0] if target.step.kind == "条" and target.children else target
        present, changed = target.text, replace(target, text=new)
    if not present:
        raise DeclinedError(f"{place.text}がありません")
    if not operation.old or equal_text(present, operation.old):
        return _put(root, changed)
    if equal_text(present, new):
        raise DeclinedError(f"{place.text}は、すでに改正後の文になっています", is_done=True)
    occurrences = [] if place.part in _CAPTION_PARTS else find_in_provision(target, "", operation.old)
    if len(occurrences) != 1:
        raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")
    return replace_occurrences(root, occurrences, new)


def _append_sentence(root: Provision, operation: AmendmentOperation) -> Provision:
    name = operation.place.text
    target = _find_paragraph(root, operation.place)
    if not target.text.rstrip().endswith("。") and target.step.kind not in {"号", "ア", "(ア)"}:
        raise DeclinedError(f"{name}に文がありません")
    if find_words(target.text, operation.new):
        raise DeclinedError(f"{name}には、すでにその文があります", is_done=True)
    if operation.old == "ただし書" and part_span(target.text, "ただし書"):
        raise DeclinedError(f"{name}には、すでにただし書があります")
    return _put(root, replace(target, text=target.text + operation.new))


def _replace(root: Provision, operation: AmendmentOperation) -> Provision:
    place, new = operation.place, operation.provisions
    if place.part:
        if place.part in _CAPTION_PARTS:
            return _replace_text(root, replace(operation, old=""))
        if place.part == "各号":
            return _replace_items(root, operation)
        raise DeclinedError(f"{place.text}だけを置き換える改正は、当てはめられません")
    if not place.steps:
        raise DeclinedError("どの規定を改めるのか読み取れません")
    target = _find(root, place)
    if place.row or target.step.kind == "行":
        rows = [replace(row, step=Step("行", target.step.number)) for row in new]
        rows[:1] = [replace(row, key=target.key) for row in rows[:1]]
        return change_provision(root, target.key, lambda _: rows)
    if target.step.kind in ROOTS and new and new[0].step.kind != target.step.kind:
        return _put(root, replace(target, text="", children=new, quotes=new[0].quotes))
    if not new or new[0].step != target.step:
        step = format_step(new[0].step) if new else ""
        raise DeclinedError(f"{place.text}を改める文が、{step}の文になっています")
    siblings = find_parent(root, target.key).children
    steps = {sibling.step for sibling in siblings if sibling.key != target.key}
    if any(provision.step in steps for provision in new[1:]):
        raise DeclinedError(f"{place.text}の後に置く規定の番号が、すでにあります")
    caption = new[0].caption
    if not caption:
        is_deletion = new[0].step.kind == "条" and equal_text(new[0].own_content, "削除")
        has_other_captions = new[0].step.kind != "条" and any(provision.caption for provision in new)
        caption = "" if is_deletion or has_other_captions else target.caption
    first = replace(new[0], key=target.key, caption=caption, label=new[0].label or target.label)
    return change_provision(root, target.key, lambda _: (first, *new[1:]))


def _replace_items(root: Provision, operation: AmendmentOperation) -> Provision:
    target = _find_paragraph(root, operation.place)
    others = [child for child in target.children if child.step.kind != "号"]
    is_of_items = all(provision.step.kind == "号" for provision in operation.provisions)
    if len(others) == len(target.children) or not is_of_items:
        raise DeclinedError(f"{operation.place.text}がありません")
    return _put(root, replace(target, children=(*operation.provisions, *others)))


def _insert(root: Provision, operation: AmendmentOperation) -> Provision:
    if operation.position is Position.END:
        return _insert_at_end(root, operation)
    place, new = operation.place, operation.provisions
    if not place.steps:
        raise DeclinedError("どこに加えるのか読み取れません")
    target = _find(root, place)
    kinds, kind = {provision.step.kind for provision in new}, target.step.kind
    if kind == "行":
        rows = _without_header(find_parent(root, target.key), new)
        new = tuple(replace(row, step=Step("行", target.step.number)) for row in rows)
        may_follow = True
    elif kind in ROOTS or new[0].step.kind in _APPENDIX_KINDS:
        may_follow = kind not in _CHAPTER_KINDS and new[0].step.kind in ROOTS
    else:
        may_follow = kind not in _CHAPTER_KINDS and kinds <= {kind, *_CHAPTER_KINDS}
    if not may_follow:
        raise DeclinedError(f"{place.text}の次に加える規定の番号を読み取れません")
    inserted = (target, *new) if operation.position is Position.AFTER else (*new, target)
    changed = change_provision(root, target.key, lambda _: inserted)
    _check_numbers(changed, new)
    return changed


def _without_header(table: Provision, new: Sequence[Provision]) -> tuple[Provision, ...]:
    texts = {child.text for child in table.children}
    return tuple(row for row in new if len(new) == 1 or row.text not in texts)


def _insert_at_end(root: Provision, operation: AmendmentOperation) -> Provision:
    place, new = operation.place, operation.provisions
    target = _find(root, place)
    kinds = {provision.step.kind for provision in new}
    if len(kinds) != 1:
        raise DeclinedError(f"{place.text or '本則'}に加える規定を読み取れません")
    kind = kinds.pop()
    if kind == "号" and target.step.kind == "条":
        target = _find_paragraph(root, place)
    if target.step.kind not in _CONTAINERS.get(kind, ()):
        raise DeclinedError(f"{place.text}に{kind}を加えることはできません")
    if target.step.kind in _APPENDIX_KINDS:
        new = _without_header(target, new)
        if not new:
            raise DeclinedError(f"{place.text}には、すでにその行があります", is_done=True)
    children = list(target.children)
    position = len(children)
    if target.key == root.key and kind not in _APPENDIX_KINDS:
        position = next((n for n, child in enumerate(children) if child.step.kind in ROOTS), position)
    is_second_of_supplement = target.step.kind == "附則" and kind == "項" and new[0].step.number == "2"
    if is_second_of_supplement and children and children[0].step == _FIRST_PARAGRAPH and not children[0].label:
        children[0] = replace(children[0], label=restyle_label(new[0].label, _FIRST_PARAGRAPH))
    children[position:position] = new
    changed = _put(root, replace(target, children=tuple(children)))
    _check_numbers(changed, new)
    siblings = _siblings(changed, new[0])
    place_of_new = _position(siblings, new[0])
    if kind in _ORDERED_KINDS and place_of_new and not _continues(siblings[place_of_new - 1].step, new[0].step):
        raise DeclinedError(f"{format_step(new[0].step)}の前の番号がありません")
    return changed


def _siblings(root: Provision, provision: Provision) -> list[Provision]:
    """Return the provisions of the same kind in the same one, itself included, in order."""
    siblings = find_parent(root, provision.key).children
    return [sibling for sibling in siblings if sibling.step.kind == provision.step.kind]


def _position(siblings: Sequence[Provision], provision: Provision) -> int:
    return next(n for n, sibling in enumerate(siblings) if sibling.key == provision.key)


def _check_numbers(root: Provision, new: Sequence[Provision]) -> None:
    """Decline unless the new provisions have free numbers in ascending order among their siblings."""
    for provision in new:
        if provision.step.kind not in _NUMBERED_KINDS:
            continue
        siblings = _siblings(root, provision)
        if sum(sibling.step == provision.step for sibling in siblings) > 1:
            raise DeclinedError(f"{format_step(provision.step)}がすでにあります")
        position = _position(siblings, provision)
        neighbours = siblings[max(0, position - 1) : position + 2]
        ascends = all(_sort_key(first.step) < _sort_key(second.step) for first, second in pairwise(neighbours))
        if provision.step.kind in _ORDERED_KINDS and not ascends:
            raise DeclinedError(f"{format_step(provision.step)}を置く順序が合いません")


def _sort_key(step: Step) -> tuple[int, ...]:
    if step.kind in {"ア", "(ア)"}:
        return (_LETTERS.find(step.number.strip("()")),)
    return tuple(int(part) for part in step.number.split("の") if part) or (0,)


def _continues(previous: Step, step: Step) -> bool:
    if previous.kind != "条" and step.number == "2" and not previous.number:
        return True
    previous_head, head = (number.split("の")[0] for number in (previous.number, step.number))
    if previous_head == head:
        return True
    try:
        return next_number(step.kind, previous_head) == head
    except ValueError:
        return False


def _delete(root: Provision, operation: AmendmentOperation) -> Provision:
    """Delete a provision or a part of one; the old text, if it is known, has to be the present one."""
    place = operation.place
    if place.part:
        return _delete_part(root, operation)
    if not place.steps:
        raise DeclinedError("どの規定を削るのか読み取れません")
    target = _find(root, place)
    if operation.old and not equal_text(target.own_content, operation.old) and "略" not in operation.old:
        raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")
    return change_provision(root, target.key, lambda _: ())


def _delete_part(root: Provision, operation: AmendmentOperation) -> Provision:
    place = operation.place
    target = _find(root, place)
    if place.part == "見出し" and target.caption:
        return _put(root, replace(target, caption=""))
    candidates = target.children if target.step.kind == "条" else (target,)
    spans = [(member, span) for member in candidates if (span := part_span(member.text, place.part))]
    if place.part == "見出し" or len(spans) != 1:
        raise DeclinedError(f"{place.text}がありません")
    member, (start, end) = spans[0]
    return _put(root, replace(member, text=(member.text[:start] + member.text[end:]).strip()))


def _renumber(root: Provision, operation: AmendmentOperation) -> Provision:
    """Give provisions other numbers, all at once."""
    moves = operation.moves
    if not moves:  # the place and all after it
        target = _find(root, operation.place)
        siblings = _siblings(root, target)
        kind, outer, distance = target.step.kind, operation.place.steps[:-1], int(operation.new)
        moves = tuple(
            (Address((*outer, sibling.step)), Step(kind, next_number(kind, sibling.step.number, distance)))
            for sibling in siblings[_position(siblings, target) :]
        )
    targets = [(_find(root, address), step) for address, step in moves]
    changed = root
    for target, step in targets:
        present = path_to(changed, target.key)[-1]
        changed = _put(changed, replace(present, step=step, label=_label_for(root, target, step)))
    for target, step in targets:
        beside = find_parent(changed, target.key).children
        if sum(other.step == step for other in beside) > 1:
            raise DeclinedError(f"{format_step(step)}がすでにあります")
    return changed


def _label_for(root: Provision, target: Provision, step: Step) -> str:
    parent = find_parent(root, target.key)
    if step == _FIRST_PARAGRAPH and parent.step.kind == "条":
        return ""
    labels = (sibling.label for sibling in parent.children if sibling.label and sibling.step.kind == step.kind)
    label = target.label or next(labels, "")
    return restyle_label(label, step) if label else step.number


def _replace_all(root: Provision, operation: AmendmentOperation) -> Provision:
    new = operation.provisions[0] if operation.provisions else None
    if new is None or not new.children:
        raise DeclinedError("全部改正の後の文がありません")
    return replace(new, key=root.key, caption=operation.new or root.caption)


_APPLIERS: dict[Action, Callable[[Provision, AmendmentOperation], Provision]] = {
    Action.REPLACE_WORDS: _change_words,
    Action.INSERT_WORDS: _change_words,
    Action.DELETE_WORDS: _change_words,
    Action.REPLACE_TEXT: _replace_text,
    Action.APPEND_SENTENCE: _append_sentence,
    Action.REPLACE: _replace,
    Action.INSERT: _insert,
    Action.DELETE: _delete,
    Action.RENUMBER: _renumber,
    Action.REPLACE_ALL: _replace_all,
    Action.REPEAL: lambda root, _operation: replace(root, children=()),
}
