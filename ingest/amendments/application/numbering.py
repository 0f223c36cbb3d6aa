"""Checks that new provisions fit into the numbers of those beside them."""

from collections.abc import Sequence
from itertools import pairwise

from ingest.amendments.addresses import KATAKANA, Step, format_step, next_number
from ingest.amendments.application.locating import DeclinedError
from ingest.amendments.provisions import Provision, find_parent

ORDERED_KINDS = frozenset({"条", "項", "号", "ア", "(ア)", "第"})
"""Kinds whose numbers have to ascend among their siblings."""
_LETTERS = KATAKANA + "マミムメモヤユヨラリルレロワ"
_NUMBERED_KINDS = ORDERED_KINDS | {"別表", "様式"}


def find_siblings(root: Provision, provision: Provision) -> list[Provision]:
    """Return the provisions of the same kind in the same one, itself included, in order."""
    siblings = find_parent(root, provision.key).children
    return [sibling for sibling in siblings if sibling.step.kind == provision.step.kind]


def check_numbers(root: Provision, new: Sequence[Provision]) -> None:
    """Raise DeclinedError unless the new provisions have free numbers in ascending order among their siblings."""
    for provision in new:
        if provision.step.kind not in _NUMBERED_KINDS:
            continue
        siblings = find_siblings(root, provision)
        if sum(sibling.step == provision.step for sibling in siblings) > 1:
            raise DeclinedError(f"{format_step(provision.step)}がすでにあります")
        if provision.step.kind in ORDERED_KINDS and not _ascends(siblings, provision):
            raise DeclinedError(f"{format_step(provision.step)}を置く順序が合いません")


def check_next_number(root: Provision, provision: Provision) -> None:
    """Raise DeclinedError unless a new provision continues the number of the sibling before it."""
    if provision.step.kind not in ORDERED_KINDS:
        return
    siblings = find_siblings(root, provision)
    position = _position(siblings, provision)
    if position and not _continues(siblings[position - 1].step, provision.step):
        raise DeclinedError(f"{format_step(provision.step)}の前の番号がありません")


def _position(siblings: Sequence[Provision], provision: Provision) -> int:
    return next(n for n, sibling in enumerate(siblings) if sibling.key == provision.key)


def _ascends(siblings: Sequence[Provision], provision: Provision) -> bool:
    position = _position(siblings, provision)
    neighbours = siblings[max(0, position - 1) : position + 2]
    return all(_sort_key(first.step) < _sort_key(second.step) for first, second in pairwise(neighbours))


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


def _sort_key(step: Step) -> tuple[int, ...]:
    if step.kind in {"ア", "(ア)"}:
        return (_LETTERS.find(step.number.strip("()")),)
    return tuple(int(part) for part in step.number.split("の") if part) or (0,)
