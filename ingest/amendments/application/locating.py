"""Finds the provisions and words that an operation changes; declines the operation if they are not certain."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.amendments.addresses import ROOTS, Address
from ingest.amendments.operations import Action, AmendmentOperation
from ingest.amendments.provisions import Provision, change_provision, equal_text, find_provisions
from ingest.amendments.words import WordOccurrence, find_in_provision, find_words, part_span
from ingest.japanese import nfkc

_ROW_KINDS = frozenset({"行", "項", "号"})
_CELL_SEPARATOR = re.compile(r"[\t　]")
# Parts of the text of a provision, which it may lack.
_SENTENCE_PARTS = frozenset({"ただし書", "本文", "前段", "後段"})


class DeclinedError(Exception):
    """An operation cannot be applied; the message is the reason, in Japanese.

    Attributes:
        is_done: whether the text is already as the operation makes it.
    """

    def __init__(self, reason: str, *, is_done: bool = False) -> None:
        super().__init__(reason)
        self.is_done = is_done


@dataclass(frozen=True, slots=True)
class AppliedOperation:
    """The provisions after an operation, and the keys of those that it changed."""

    root: Provision
    keys: frozenset[int]


def put_provision(root: Provision, changed: Provision) -> AppliedOperation:
    """Return the tree with a changed provision in the place of that with its key."""
    tree = changed if changed.key == root.key else change_provision(root, changed.key, lambda _: (changed,))
    return AppliedOperation(tree, frozenset({changed.key}))


def is_main_provision(provision: Provision) -> bool:
    """Whether a top-level provision is one of the main text (本則)."""
    return provision.step.kind not in ROOTS


def find_provision(root: Provision, address: Address) -> Provision:
    """Return the provision or table row at an address; raises DeclinedError if there is none or more than one."""
    if not address.steps:
        return root
    provision = _take_only(find_provisions(root, address), address)
    return _find_row(provision, address) if address.row else provision


def locate_words(root: Provision, operation: AmendmentOperation, *, is_single: bool) -> list[WordOccurrence]:
    """Return the places of an operation's old words; raises DeclinedError without any or if uncertain.

    `is_single` requires that they occur only once; figures always have to, except in operations on the whole text.
    """
    place = operation.place
    target = _find_rows(root, place) if place.row else find_provision(root, place)
    if not place.steps and not place.part:
        occurrences = [
            occurrence
            for child in root.children
            if is_main_provision(child)
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
    if len(occurrences) > 1 and (is_single or (has_figure and not operation.is_general)):
        raise DeclinedError(f"{name}に「{operation.old}」が{len(occurrences)}か所あり、どれか決められません")
    return occurrences


def _take_only(provisions: Sequence[Provision], address: Address) -> Provision:
    if len(provisions) == 1:
        return provisions[0]
    problem = "が二つ以上あり、どちらか決められません" if provisions else "がありません"
    raise DeclinedError(f"{address.text}{problem}")


def _find_row(table: Provision, address: Address) -> Provision:
    rows = [member for member in table.walk() if member.step.kind in _ROW_KINDS]
    named = [row for row in rows if any(equal_text(cell, address.row) for cell in _cells(row)[:2])]
    return _take_only(named or [row for row in rows if _is_first_cell(row, address.row)], address)


def _is_first_cell(row: Provision, name: str) -> bool:
    cell = _cells(row)[0]
    return find_words(cell, name)[:1] == [(0, len(cell.rstrip()))]


def _find_rows(root: Provision, address: Address) -> Provision:
    table = find_provision(root, replace(address, row=""))
    rows = [
        member for member in table.walk() if member.step.kind == "行" and equal_text(_cells(member)[0], address.row)
    ]
    if len(rows) > 1:
        return replace(table, text="", caption="", children=tuple(rows))
    return find_provision(root, address)


def _cells(row: Provision) -> list[str]:
    return _CELL_SEPARATOR.split(row.text)
