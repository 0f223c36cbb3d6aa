"""Applies an operation to the provisions of a document, or declines it with a reason; it never guesses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.amendments.addresses import Address, Step, format_step, next_number, restyle_label
from ingest.amendments.operations import Operation
from ingest.amendments.provisions import (
    Provision,
    change_provision,
    equal_text,
    find_provisions,
    path_to,
)
from ingest.amendments.words import Place, find_in_provision, find_words, part_span, replace_spans
from ingest.japanese import nfkc

# Kinds whose numbers have to ascend among their siblings.
_ORDERED = ("条", "項", "号", "ア", "(ア)", "第")


class DeclinedError(Exception):
    """An operation cannot be applied; the message is the reason, in Japanese. `is_done` if the text is so already."""

    def __init__(self, reason: str, *, is_done: bool = False) -> None:
        super().__init__(reason)
        self.is_done = is_done


@dataclass(frozen=True, slots=True)
class Applied:
    """The provisions after an operation, and the keys of those that it changed."""

    root: Provision
    keys: frozenset[int]


def apply_operation(root: Provision, operation: Operation) -> Applied:
    """Return the provisions after an operation; raises DeclinedError, in which case nothing is changed."""
    if operation.problem:
        raise DeclinedError(operation.problem)
    appliers = {
        "replace_words": _replace_words,
        "insert_words": _insert_words,
        "delete_words": _delete_words,
        "replace_text": _replace_text,
        "add_caption": _add_caption,
        "delete_label": _delete_label,
        "replace": _replace,
        "insert": _insert,
        "append_sentence": _append_sentence,
        "delete": _delete,
        "renumber": _renumber,
        "replace_all": _replace_all,
        "repeal": _repeal,
    }
    return appliers[operation.action](root, operation)


def _find_one(root: Provision, address: Address) -> Provision:
    """Return the provision at an address; raises DeclinedError where there is none or more than one."""
    if not address.steps:
        return root
    found = find_provisions(root, address)
    if not found:
        raise DeclinedError(f"{address.text}がありません")
    if len(found) > 1:
        raise DeclinedError(f"{address.text}が二つ以上あり、どちらか決められません")
    if address.row:
        return _find_row(found[0], address)
    return found[0]


def _find_row(table: Provision, address: Address) -> Provision:
    """Return the row whose first cell is the row's name, else the only one that begins with it."""
    cells = [(row, re.split(r"[\t　]", row.text)) for row in table.walk() if row.step.kind in {"行", "項", "号"}]
    exact = [row for row, values in cells if any(equal_text(value, address.row) for value in values[:2])]
    if not exact:
        exact = [
            row for row, values in cells if find_words(values[0], address.row)[:1] == [(0, len(values[0].rstrip()))]
        ]
    if len(exact) != 1:
        text = "がありません" if not exact else "が二つ以上あり、どちらか決められません"
        raise DeclinedError(f"{address.text}{text}")
    return exact[0]


def _find_rows(root: Provision, address: Address) -> Provision:
    """Return a provision with all rows that share a name in the first cell, as a merged cell gives it to several."""
    table = _find_one(root, replace(address, row=""))
    rows = [
        one
        for one in table.walk()
        if one.step.kind == "行" and equal_text(re.split(r"[\t　]", one.text)[0], address.row)
    ]
    return replace(table, text="", caption="", children=tuple(rows)) if len(rows) > 1 else _find_one(root, address)


def _locate(root: Provision, operation: Operation, *, is_single: bool) -> list[Place]:
    """Return where the words of an operation are; raises DeclinedError where that is nowhere or not certain."""
    place = operation.place
    target = (
        _find_rows(root, place) if place.row else root if not place.steps and not place.part else _find_one(root, place)
    )
    if not place.steps and not place.part:
        found = [
            one
            for child in root.children
            if _is_main(child)
            for one in find_in_provision(child, "見出しを含む", operation.old)
        ]
    elif place.part and place.part not in {"見出し", "題名", "見出しを含む", "各号列記以外の部分", "各号"}:
        if not any(part_span(one.text, place.part) for one in target.walk()):
            raise DeclinedError(f"{place.text}がありません")
        found = find_in_provision(target, place.part, operation.old)
    else:
        found = find_in_provision(target, place.part, operation.old)
    name = place.text or "本則"
    if not found:
        if operation.new and find_in_provision(target, place.part, operation.new):
            raise DeclinedError(
                f"{name}は、すでに「{operation.new}」となっています", is_done=operation.action != "delete_words"
            )
        raise DeclinedError(f"{name}に「{operation.old}」という文言がありません")
    has_figure = bool(re.search(r"\d", nfkc(operation.old)))
    if len(found) > 1 and (is_single or (has_figure and not operation.is_general)):
        raise DeclinedError(f"{name}に「{operation.old}」が{len(found)}か所あり、どれか決められません")
    return found


def _is_main(provision: Provision) -> bool:
    return provision.step.kind not in {"附則", "別表", "様式"}


def _change_words(root: Provision, places: list[Place], new: str) -> Applied:
    changed = replace_spans(root, places, lambda _old: new)
    return Applied(changed, frozenset(provision.key for provision, _, _ in places))


def _replace_words(root: Provision, operation: Operation) -> Applied:
    places = _locate(root, operation, is_single=False)
    if operation.new and operation.old in operation.new and not operation.is_general:
        _check_not_done(root, places, operation)
    return _change_words(root, places, operation.new)


def _check_not_done(root: Provision, places: Sequence[Place], operation: Operation) -> None:
    """Raise DeclinedError where every occurrence of the words is within the new ones already."""
    del root
    for provision, field, (start, end) in places:
        value = getattr(provision, field)
        inside = any(a <= start and end <= b for a, b in find_words(value, operation.new))
        if not inside:
            return
    raise DeclinedError(f"{operation.place.text}は、すでに「{operation.new}」となっています", is_done=True)


def _insert_words(root: Provision, operation: Operation) -> Applied:
    places = _locate(root, operation, is_single=True)
    provision, field, (start, end) = places[0]
    value = getattr(provision, field)
    after = operation.position == "after"
    neighbour = value[end:] if after else value[:start]
    if find_words(neighbour, operation.new) and (
        neighbour.startswith(operation.new) if after else neighbour.endswith(operation.new)
    ):
        raise DeclinedError(f"{operation.place.text}には、すでに「{operation.new}」があります", is_done=True)
    old = value[start:end]
    return _change_words(root, places, old + operation.new if after else operation.new + old)


def _delete_words(root: Provision, operation: Operation) -> Applied:
    return _change_words(root, _locate(root, operation, is_single=True), "")


def _replace_text(root: Provision, operation: Operation) -> Applied:
    """Replace a whole caption, title or own text; where the old text is known it has to be the present one."""
    place = operation.place
    target = _find_one(root, replace(place, part=""))
    field = "caption" if place.part in {"見出し", "題名"} else "text"
    new = operation.new.strip("（）()") if field == "caption" and place.part == "見出し" else operation.new
    if target.step.kind == "条" and field == "text":
        target = target.children[0] if target.children else target
    present = getattr(target, field)
    if not present:
        raise DeclinedError(f"{place.text}がありません")
    if operation.old and not equal_text(present, operation.old):
        if equal_text(present, new):
            raise DeclinedError(f"{place.text}は、すでに改正後の文になっています", is_done=True)
        places = find_in_provision(target, "", operation.old) if field == "text" else []
        if len(places) != 1:
            raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")
        return _change_words(root, places, new)
    return _put(root, target, replace(target, caption=new) if field == "caption" else replace(target, text=new))


def _add_caption(root: Provision, operation: Operation) -> Applied:
    target = _find_one(root, operation.place)
    if target.caption:
        is_done = equal_text(target.caption.strip("（）()"), operation.new.strip("（）()"))
        raise DeclinedError(f"{operation.place.text}には、すでに見出しがあります", is_done=is_done)
    caption = operation.new.strip("（）()")
    return _put(root, target, replace(target, caption=f"（{caption}）" if target.step.kind == "項" else caption))


def _delete_label(root: Provision, operation: Operation) -> Applied:
    """Delete the number of the only paragraph of supplementary provisions."""
    target = _find_one(root, operation.place)
    parents = path_to(root, target.key)
    siblings = parents[-2].children if len(parents) > 1 else ()
    if target.step != Step("項", "1") or sum(one.step.kind == "項" for one in siblings) > 1:
        raise DeclinedError(f"{operation.place.text}の番号は削れません")
    return _put(root, target, replace(target, label=""))


def _put(root: Provision, target: Provision, changed: Provision) -> Applied:
    if target.key == root.key:
        return Applied(changed, frozenset({target.key}))
    return Applied(change_provision(root, target.key, lambda _: (changed,)), frozenset({target.key}))


def _replace(root: Provision, operation: Operation) -> Applied:
    place = operation.place
    if place.part:
        return _replace_part(root, operation)
    if not place.steps:
        raise DeclinedError("どの規定を改めるのか読み取れません")
    target = _find_one(root, place)
    new = operation.provisions
    if place.row or target.step.kind == "行":
        return Applied(change_provision(root, target.key, lambda _: _as_rows(target, new)), frozenset({target.key}))
    if target.step.kind in {"別表", "様式", "附則"} and new and new[0].step.kind != target.step.kind:
        return _put(root, target, replace(target, text="", children=_as_rows_of(target, new), quotes=new[0].quotes))
    if not new or new[0].step != target.step:
        written = format_step(new[0].step) if new else ""
        raise DeclinedError(f"{place.text}を改める文が、{written}の文になっています")
    parents = path_to(root, target.key)
    siblings = (parents[-2] if len(parents) > 1 else root).children
    taken = {one.step for one in siblings if one.key != target.key}
    if any(one.step in taken for one in new[1:]):
        raise DeclinedError(f"{place.text}の後に置く規定の番号が、すでにあります")
    first = replace(new[0], key=target.key, caption=new[0].caption or (target.caption if not _has_caption(new) else ""))
    if first.step.kind == "条" and not new[0].caption:
        first = replace(first, caption="" if _is_deleted(first) else target.caption)
    if not first.label and target.label:
        first = replace(first, label=target.label)
    return Applied(
        change_provision(root, target.key, lambda _: (first, *new[1:])),
        frozenset({target.key, *(one.key for one in new[1:])}),
    )


def _has_caption(provisions: Sequence[Provision]) -> bool:
    return any(one.caption for one in provisions)


def _is_deleted(provision: Provision) -> bool:
    return equal_text(provision.own_content, "削除")


def _as_rows(target: Provision, new: Sequence[Provision]) -> tuple[Provision, ...]:
    """Return new table rows without a repeated header, the first with the key of the row that it replaces."""
    rows = [replace(one, step=Step("行", target.step.number)) for one in new]
    return (replace(rows[0], key=target.key), *rows[1:]) if rows else ()


def _as_rows_of(target: Provision, new: Sequence[Provision]) -> tuple[Provision, ...]:
    del target
    return tuple(new)


def _replace_part(root: Provision, operation: Operation) -> Applied:
    place = operation.place
    target = _find_one(root, replace(place, part=""))
    if place.part in {"見出し", "題名"}:
        return _replace_text(root, replace(operation, old=""))
    if place.part == "各号":
        return _replace_items(root, target, operation)
    if target.step.kind == "条":
        target = target.children[0] if len(target.children) == 1 else target
    span = part_span(target.text, place.part)
    if span is None or not target.text:
        raise DeclinedError(f"{place.text}がありません")
    text = target.text[: span[0]] + operation.new + target.text[span[1] :]
    return _put(root, target, replace(target, text=text))


def _replace_items(root: Provision, target: Provision, operation: Operation) -> Applied:
    """Replace all items of an article with one paragraph, or of a paragraph."""
    if target.step.kind == "条" and len(target.children) == 1:
        target = target.children[0]
    items = [one for one in target.children if one.step.kind == "号"]
    if not items or any(one.step.kind != "号" for one in operation.provisions):
        raise DeclinedError(f"{operation.place.text}がありません")
    others = [one for one in target.children if one.step.kind != "号"]
    return _put(root, target, replace(target, children=(*operation.provisions, *others)))


def _append_sentence(root: Provision, operation: Operation) -> Applied:
    target = _find_one(root, operation.place)
    if target.step.kind == "条":
        if len(target.children) != 1:
            raise DeclinedError(f"{operation.place.text}のどの項か読み取れません")
        target = target.children[0]
    if not target.text.rstrip().endswith("。") and target.step.kind not in {"号", "ア", "(ア)"}:
        raise DeclinedError(f"{operation.place.text}に文がありません")
    if find_words(target.text, operation.new):
        raise DeclinedError(f"{operation.place.text}には、すでにその文があります", is_done=True)
    if operation.old == "ただし書" and part_span(target.text, "ただし書"):
        raise DeclinedError(f"{operation.place.text}には、すでにただし書があります")
    return _put(root, target, replace(target, text=target.text + operation.new))


def _insert(root: Provision, operation: Operation) -> Applied:
    place, new = operation.place, operation.provisions
    if operation.position == "end":
        return _insert_at_end(root, operation)
    target = _find_one(root, place)
    if not place.steps:
        raise DeclinedError("どこに加えるのか読み取れません")
    if target.step.kind == "行":
        new = tuple(replace(one, step=Step("行", target.step.number)) for one in _without_header(root, target, new))
    elif not _may_follow(target, new):
        raise DeclinedError(f"{place.text}の次に加える規定の番号を読み取れません")
    inserted = (target, *new) if operation.position == "after" else (*new, target)
    changed = change_provision(root, target.key, lambda _: inserted)
    _check_numbers(changed, new)
    return Applied(changed, frozenset(one.key for one in new))


def _may_follow(target: Provision, new: Sequence[Provision]) -> bool:
    """Whether provisions of these kinds may stand beside another one; a chapter is not placed."""
    if target.step.kind in {"章", "節"}:
        return False
    if target.step.kind in {"附則", "別表", "様式"} or new[0].step.kind in {"別表", "様式"}:
        return new[0].step.kind in {"附則", "別表", "様式"}
    return all(one.step.kind in {target.step.kind, "章", "節"} for one in new)


def _without_header(root: Provision, target: Provision, new: Sequence[Provision]) -> Sequence[Provision]:
    """Return new rows without the row of column names, if the table of `target` has the same."""
    parents = path_to(root, target.key)
    names = {one.text for one in (parents[-2].children if len(parents) > 1 else ())}
    return [one for one in new if not (len(new) > 1 and one.text in names)]


def _insert_at_end(root: Provision, operation: Operation) -> Applied:
    place, new = operation.place, operation.provisions
    target = _find_one(root, place)
    kinds = {one.step.kind for one in new}
    if len(kinds) != 1:
        raise DeclinedError(f"{place.text or '本則'}に加える規定を読み取れません")
    kind = kinds.pop()
    if kind == "号" and target.step.kind == "条":
        if len(target.children) != 1:
            raise DeclinedError(f"{place.text}のどの項に加えるのか読み取れません")
        target = target.children[0]
    if not _may_contain(target, kind):
        raise DeclinedError(f"{place.text}に{kind}を加えることはできません")
    if target.step.kind in {"別表", "様式"}:
        names = {one.text for one in target.children}
        new = tuple(one for one in new if not (len(new) > 1 and one.text in names))
    children = [*target.children]
    position = len(children)
    if target.key == root.key:
        position = next(
            (n for n, one in enumerate(children) if not _is_main(one) and kind not in {"別表", "様式"}), position
        )
    children[position:position] = new
    if kind == "項" and target.step.kind in {"条", "附則"} and len(children) > len(new):
        children = _number_first_paragraph(children, new, target.step.kind)
    changed = _put(root, target, replace(target, children=tuple(children)))
    _check_numbers(changed.root, new, is_next=kind in _ORDERED)
    return Applied(changed.root, frozenset(one.key for one in new))


def _number_first_paragraph(children: list[Provision], new: Sequence[Provision], kind: str) -> list[Provision]:
    """Return the children with the label 1 for a first paragraph of 附則 that had none, as for 1項 of two."""
    first = children[0]
    if kind == "附則" and first.step == Step("項", "1") and not first.label and new[0].step.number == "2":
        return [replace(first, label=restyle_label(new[0].label, Step("項", "1"))), *children[1:]]
    return children


def _may_contain(target: Provision, kind: str) -> bool:
    containers = {
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
    return target.step.kind in containers.get(kind, set())


def _check_numbers(root: Provision, new: Sequence[Provision], *, is_next: bool = False) -> None:
    """Raise DeclinedError unless the new provisions have free numbers in ascending order among their siblings.

    `is_next` demands that the first one continues the last one before it.
    """
    for provision in new:
        parents = path_to(root, provision.key)
        siblings = [
            one for one in (parents[-2] if len(parents) > 1 else root).children if one.step.kind == provision.step.kind
        ]
        if provision.step.kind not in {*_ORDERED, "別表", "様式"}:
            continue
        if sum(one.step == provision.step for one in siblings) > 1:
            raise DeclinedError(f"{format_step(provision.step)}がすでにあります")
        position = next(n for n, one in enumerate(siblings) if one.key == provision.key)
        before, after = siblings[:position][-1:], siblings[position + 1 :][:1]
        if provision.step.kind in _ORDERED:
            if before and not _sort_key(before[0].step) < _sort_key(provision.step):
                raise DeclinedError(f"{format_step(provision.step)}を置く順序が合いません")
            if after and not _sort_key(provision.step) < _sort_key(after[0].step):
                raise DeclinedError(f"{format_step(provision.step)}を置く順序が合いません")
    first = new[0]
    if is_next and first.step.kind in _ORDERED:
        parents = path_to(root, first.key)
        siblings = [
            one for one in (parents[-2] if len(parents) > 1 else root).children if one.step.kind == first.step.kind
        ]
        position = next(n for n, one in enumerate(siblings) if one.key == first.key)
        if position and not _continues(siblings[position - 1].step, first.step):
            raise DeclinedError(f"{format_step(first.step)}の前の番号がありません")


def _continues(before: Step, after: Step) -> bool:
    if before.kind != "条" and after.number == "2" and not before.number:
        return True
    heads = [step.number.split("の")[0] for step in (before, after)]
    if heads[0] == heads[1]:
        return True
    try:
        return next_number(after.kind, heads[0]) == heads[1]
    except ValueError:
        return False


def _sort_key(step: Step) -> tuple[int, ...]:
    if step.kind in {"ア", "(ア)"}:
        letter = step.number.strip("()")
        series = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワ"
        return (series.find(letter),)
    return tuple(int(part) for part in step.number.split("の") if part) or (0,)


def _delete(root: Provision, operation: Operation) -> Applied:
    place = operation.place
    if place.part:
        return _delete_part(root, operation)
    if not place.steps:
        raise DeclinedError("どの規定を削るのか読み取れません")
    target = _find_one(root, place)
    if operation.old and not equal_text(target.own_content, operation.old) and "略" not in operation.old:
        raise DeclinedError(f"{place.text}の文が、改正前として示された文と違います")
    parents = path_to(root, target.key)
    keys = frozenset({parents[0].key, target.key})
    return Applied(change_provision(root, target.key, lambda _: ()), keys)


def _delete_part(root: Provision, operation: Operation) -> Applied:
    place = operation.place
    target = _find_one(root, replace(place, part=""))
    if place.part == "見出し":
        if not target.caption:
            raise DeclinedError(f"{place.text}がありません")
        return _put(root, target, replace(target, caption=""))
    if target.step.kind == "条":
        holders = [child for child in target.children if part_span(child.text, place.part)]
        if len(holders) != 1:
            raise DeclinedError(f"{place.text}がありません")
        target = holders[0]
    span = part_span(target.text, place.part)
    if span is None:
        raise DeclinedError(f"{place.text}がありません")
    return _put(root, target, replace(target, text=(target.text[: span[0]] + target.text[span[1] :]).strip()))


def _renumber(root: Provision, operation: Operation) -> Applied:
    moves = operation.moves or _onward_moves(root, operation)
    targets = [(_find_one(root, address), step) for address, step in moves]
    keys = {target.key for target, _ in targets}
    changed = root
    for target, step in targets:
        present = path_to(changed, target.key)[-1]
        renumbered = replace(present, step=step, label=_label_for(root, target, step))
        changed = _put(changed, present, renumbered).root
    for target, step in targets:
        parents = path_to(changed, target.key)
        siblings = (parents[-2] if len(parents) > 1 else changed).children
        if sum(one.step == step for one in siblings) > 1:
            raise DeclinedError(f"{format_step(step)}がすでにあります")
    return Applied(changed, frozenset(keys))


def _onward_moves(root: Provision, operation: Operation) -> list[tuple[Address, Step]]:
    """Return the moves of the place and all siblings after it."""
    target = _find_one(root, operation.place)
    parents = path_to(root, target.key)
    siblings = [
        one for one in (parents[-2] if len(parents) > 1 else root).children if one.step.kind == target.step.kind
    ]
    position = next(n for n, one in enumerate(siblings) if one.key == target.key)
    outer = operation.place.steps[:-1]
    return [
        (
            Address((*outer, one.step)),
            Step(one.step.kind, next_number(one.step.kind, one.step.number, int(operation.new))),
        )
        for one in siblings[position:]
    ]


def _label_for(root: Provision, target: Provision, step: Step) -> str:
    """Return the label of a renumbered provision; a first paragraph of an article has none."""
    parents = path_to(root, target.key)
    parent = parents[-2] if len(parents) > 1 else root
    if step.kind == "項" and step.number == "1" and parent.step.kind == "条":
        return ""
    if target.label:
        return restyle_label(target.label, step)
    sibling = next((one.label for one in parent.children if one.label and one.step.kind == step.kind), "")
    return restyle_label(sibling, step) if sibling else step.number


def _replace_all(root: Provision, operation: Operation) -> Applied:
    new = operation.provisions[0] if operation.provisions else None
    if new is None or not new.children:
        raise DeclinedError("全部改正の後の文がありません")
    changed = replace(new, key=root.key, caption=operation.new or root.caption)
    return Applied(changed, frozenset(one.key for one in (*root.children, *new.children)))


def _repeal(root: Provision, operation: Operation) -> Applied:
    del operation
    return Applied(replace(root, children=()), frozenset(one.key for one in root.children))
