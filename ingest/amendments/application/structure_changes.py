"""Applies operations that replace, insert, delete and renumber provisions."""

from collections.abc import Sequence
from dataclasses import replace

from ingest.amendments.addresses import Address, Step, format_step, next_number, restyle_label
from ingest.amendments.application.locating import (
    AppliedOperation,
    DeclinedError,
    find_provision,
    is_main_provision,
    put_provision,
)
from ingest.amendments.application.numbering import check_next_number, check_numbers, find_siblings
from ingest.amendments.application.text_changes import delete_part, replace_part
from ingest.amendments.operations import AmendmentOperation, Position
from ingest.amendments.provisions import Provision, change_provision, equal_text, find_parent, path_to

_APPENDIX_KINDS = frozenset({"別表", "様式"})
_ROOT_KINDS = _APPENDIX_KINDS | {"附則"}
_CHAPTER_KINDS = frozenset({"章", "節"})
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


def replace_provision(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Replace a provision, a part of one, its items, or a table row."""
    place, new = operation.place, operation.provisions
    if place.part == "各号":
        return _replace_items(root, operation)
    if place.part:
        return replace_part(root, operation)
    if not place.steps:
        raise DeclinedError("どの規定を改めるのか読み取れません")
    target = find_provision(root, place)
    if place.row or target.step.kind == "行":
        rows = [replace(row, step=Step("行", target.step.number)) for row in new]
        rows[:1] = [replace(row, key=target.key) for row in rows[:1]]
        return AppliedOperation(change_provision(root, target.key, lambda _: rows), frozenset({target.key}))
    if target.step.kind in _ROOT_KINDS and new and new[0].step.kind != target.step.kind:
        return put_provision(root, replace(target, text="", children=new, quotes=new[0].quotes))
    if not new or new[0].step != target.step:
        step = format_step(new[0].step) if new else ""
        raise DeclinedError(f"{place.text}を改める文が、{step}の文になっています")
    siblings = find_parent(root, target.key).children
    steps = {sibling.step for sibling in siblings if sibling.key != target.key}
    if any(provision.step in steps for provision in new[1:]):
        raise DeclinedError(f"{place.text}の後に置く規定の番号が、すでにあります")
    first = replace(
        new[0], key=target.key, caption=_caption_after_replacement(target, new), label=new[0].label or target.label
    )
    changed = change_provision(root, target.key, lambda _: (first, *new[1:]))
    return AppliedOperation(changed, frozenset({target.key, *(provision.key for provision in new[1:])}))


def insert_provisions(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Insert provisions after or before another one, or at the end of one."""
    if operation.position is Position.END:
        return _insert_at_end(root, operation)
    place, new = operation.place, operation.provisions
    target = find_provision(root, place)
    if not place.steps:
        raise DeclinedError("どこに加えるのか読み取れません")
    if target.step.kind == "行":
        rows = _without_header(find_parent(root, target.key), new)
        new = tuple(replace(row, step=Step("行", target.step.number)) for row in rows)
    elif not _may_follow(target, new):
        raise DeclinedError(f"{place.text}の次に加える規定の番号を読み取れません")
    inserted = (target, *new) if operation.position is Position.AFTER else (*new, target)
    changed = change_provision(root, target.key, lambda _: inserted)
    check_numbers(changed, new)
    return AppliedOperation(changed, frozenset(provision.key for provision in new))


def delete_provision(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Delete a provision or a part of one; the old text, if it is known, has to be the present one."""
    place = operation.place
    if place.part:
        return delete_part(root, operation)
    if not place.steps:
        raise DeclinedError("どの規定を削るのか読み取れません")
    target = find_provision(root, place)
    if operation.old and not equal_text(target.own_content, operation.old) and "略" not in operation.old:
        raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")
    outermost = path_to(root, target.key)[0]
    return AppliedOperation(change_provision(root, target.key, lambda _: ()), frozenset({outermost.key, target.key}))


def renumber(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Give provisions other numbers, all at once."""
    moves = operation.moves or _onward_moves(root, operation)
    targets = [(find_provision(root, address), step) for address, step in moves]
    changed = root
    for target, step in targets:
        present = path_to(changed, target.key)[-1]
        changed = put_provision(changed, replace(present, step=step, label=_label_for(root, target, step))).root
    for target, step in targets:
        siblings = find_parent(changed, target.key).children
        if sum(sibling.step == step for sibling in siblings) > 1:
            raise DeclinedError(f"{format_step(step)}がすでにあります")
    return AppliedOperation(changed, frozenset(target.key for target, _ in targets))


def replace_all(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    """Replace the whole text of the document."""
    new = operation.provisions[0] if operation.provisions else None
    if new is None or not new.children:
        raise DeclinedError("全部改正の後の文がありません")
    changed = replace(new, key=root.key, caption=operation.new or root.caption)
    return AppliedOperation(changed, frozenset(child.key for child in (*root.children, *new.children)))


def repeal(root: Provision, _operation: AmendmentOperation) -> AppliedOperation:
    """Remove all provisions."""
    return AppliedOperation(replace(root, children=()), frozenset(child.key for child in root.children))


def _caption_after_replacement(target: Provision, new: Sequence[Provision]) -> str:
    first = new[0]
    if first.caption:
        return first.caption
    if first.step.kind == "条":
        return "" if equal_text(first.own_content, "削除") else target.caption
    return "" if any(provision.caption for provision in new) else target.caption


def _replace_items(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    target = find_provision(root, replace(operation.place, part=""))
    if target.step.kind == "条" and len(target.children) == 1:
        target = target.children[0]
    others = [child for child in target.children if child.step.kind != "号"]
    is_of_items = all(provision.step.kind == "号" for provision in operation.provisions)
    if len(others) == len(target.children) or not is_of_items:
        raise DeclinedError(f"{operation.place.text}がありません")
    return put_provision(root, replace(target, children=(*operation.provisions, *others)))


def _may_follow(target: Provision, new: Sequence[Provision]) -> bool:
    if target.step.kind in _CHAPTER_KINDS:
        return False
    if target.step.kind in _ROOT_KINDS or new[0].step.kind in _APPENDIX_KINDS:
        return new[0].step.kind in _ROOT_KINDS
    return all(provision.step.kind in {target.step.kind, *_CHAPTER_KINDS} for provision in new)


def _without_header(table: Provision, new: Sequence[Provision]) -> tuple[Provision, ...]:
    texts = {child.text for child in table.children}
    return tuple(row for row in new if len(new) == 1 or row.text not in texts)


def _insert_at_end(root: Provision, operation: AmendmentOperation) -> AppliedOperation:
    place, new = operation.place, operation.provisions
    target = find_provision(root, place)
    kinds = {provision.step.kind for provision in new}
    if len(kinds) != 1:
        raise DeclinedError(f"{place.text or '本則'}に加える規定を読み取れません")
    kind = kinds.pop()
    if kind == "号" and target.step.kind == "条":
        if len(target.children) != 1:
            raise DeclinedError(f"{place.text}のどの項に加えるのか読み取れません")
        target = target.children[0]
    if target.step.kind not in _CONTAINERS.get(kind, ()):
        raise DeclinedError(f"{place.text}に{kind}を加えることはできません")
    if target.step.kind in _APPENDIX_KINDS:
        new = _without_header(target, new)
        if not new:
            raise DeclinedError(f"{place.text}には、すでにその行があります", is_done=True)
    children = _children_with(target, new, is_root=target.key == root.key)
    changed = put_provision(root, replace(target, children=children)).root
    check_numbers(changed, new)
    check_next_number(changed, new[0])
    return AppliedOperation(changed, frozenset(provision.key for provision in new))


def _children_with(target: Provision, new: Sequence[Provision], *, is_root: bool) -> tuple[Provision, ...]:
    children = list(target.children)
    kind = new[0].step.kind
    position = len(children)
    if is_root and kind not in _APPENDIX_KINDS:
        position = next((n for n, child in enumerate(children) if not is_main_provision(child)), position)
    first_paragraph = Step("項", "1")
    is_second_of_supplement = target.step.kind == "附則" and kind == "項" and new[0].step.number == "2"
    if is_second_of_supplement and children and children[0].step == first_paragraph and not children[0].label:
        children[0] = replace(children[0], label=restyle_label(new[0].label, first_paragraph))
    children[position:position] = new
    return tuple(children)


def _onward_moves(root: Provision, operation: AmendmentOperation) -> list[tuple[Address, Step]]:
    target = find_provision(root, operation.place)
    siblings = find_siblings(root, target)
    kind, outer, distance = target.step.kind, operation.place.steps[:-1], int(operation.new)
    moved = siblings[siblings.index(target) :]
    return [
        (Address((*outer, sibling.step)), Step(kind, next_number(kind, sibling.step.number, distance)))
        for sibling in moved
    ]


def _label_for(root: Provision, target: Provision, step: Step) -> str:
    parent = find_parent(root, target.key)
    if step == Step("項", "1") and parent.step.kind == "条":
        return ""
    labels = (sibling.label for sibling in parent.children if sibling.label and sibling.step.kind == step.kind)
    label = target.label or next(labels, "")
    return restyle_label(label, step) if label else step.number
