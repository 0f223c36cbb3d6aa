"""Reads references to provisions: 第3条第2項, 同号ア, 別表第1."""

import re
from typing import NamedTuple

from ingest.japanese import nfkc, parse_number
from ingest.japanese.notation import KANJI_DIGITS

COUNT = rf"[\d{KANJI_DIGITS}十百]{{1,6}}"
"""A number of a provision, as a pattern."""
BRANCH = rf"(?:の{COUNT}){{0,5}}"
"""Its branches (第2条の3の2), as a pattern."""
# Kinds of provisions, outer before inner, and of parts after the articles, which have provisions of their own.
_LEVELS = ("章", "節", "条", "項", "号", "ア")
_ROOTS = ("附則", "別表", "様式")
# 第3号から第200号まで is the longest range that is read.
_MAX_RANGE = 200


class Step(NamedTuple):
    """One step of an address: its kind, and its number as canonical text (3, 4の2, ア)."""

    kind: str
    number: str


Address = tuple[Step, ...]
"""A provision of a document by its steps from the outermost."""


def read_number(text: str) -> str:
    """Return a number with its branches in canonical form (四の二 → 4の2), 0 for one that cannot be read."""
    try:
        return "の".join(str(parse_number(part)) for part in nfkc(text).split("の") if part)
    except ValueError:
        return "0"


def next_number(number: str, by: int = 1) -> str:
    """Return the number `by` further in the same series."""
    *branches, last = number.split("の")
    return "の".join([*branches, str(int(last) + by)])


_TABLE = rf"(?:別表|別記|別紙)(?:第?{COUNT}(?!条|項|号|の項){BRANCH})?"
_FORM = rf"(?:別記)?様式(?:第{COUNT}号?{BRANCH})|第{COUNT}号{BRANCH}様式"
_TOKEN = re.compile(
    rf"(?P<root>附則|{_TABLE}|{_FORM}|本則)"
    rf"|(?P<same>同(?:条|項|号|表|様式|附則|章|ア|イ))"
    rf"|第(?P<number>{COUNT})(?P<kind>条|項|号|章|節)(?P<branch>{BRANCH})"
    r"|の?(?P<letter>(?<![ア-ンー])[ア-ン](?![ア-ンー]))"
)
_PART = re.compile(r"(?:の|中)?(?:見出し|題名|ただし書)|\(見出しを含む。?\)|の表")
_CONJUNCTION = re.compile(r"(?:及び|並びに|、|・|から|と)")


def read_addresses(text: str) -> tuple[list[Address], int]:
    """Return the places that a normalised reference names from its start, and where it ends.

    第3条から第5条まで becomes each of the three. No place and 0 if the text does not begin with one.
    """
    address, end = _read_address(text, 0, ())
    if address is None:
        return [], 0
    addresses = [address]
    while conjunction := _CONJUNCTION.match(text, end):
        address, address_end = _read_address(text, conjunction.end(), addresses[-1])
        if address is None:
            break
        end = address_end
        if conjunction[0] == "から":
            addresses += _expand_range(addresses[-1], address)
            end += len("まで") if text.startswith("まで", end) else 0
        else:
            addresses.append(address)
    return addresses, end


def _expand_range(first: Address, last: Address) -> list[Address]:
    if not first or not last or first[:-1] != last[:-1] or first[-1].kind != last[-1].kind or last[-1].kind == "ア":
        return [last]
    step = first[-1]
    addresses: list[Address] = []
    while step != last[-1] and len(addresses) < _MAX_RANGE:
        step = Step(step.kind, next_number(step.number or "0"))
        addresses.append((*first[:-1], step))
    return addresses if step == last[-1] else [last]


def _read_address(text: str, position: int, context: Address) -> tuple[Address | None, int]:
    steps: Address | None = None
    while match := _TOKEN.match(text, position):
        is_first_only = match["root"] or match["same"]
        read = _read_token(match, context)
        if read is None or (steps is not None and (is_first_only or len(steps) > len(_LEVELS))):
            break
        rank = _LEVELS.index(read[0].kind) if steps is None and not is_first_only else 0
        outer = (step for step in context if step.kind in _ROOTS or _LEVELS.index(step.kind) < rank)
        # Numbers below an article are those of the place named before.
        steps = (*outer, *read) if rank > _LEVELS.index("条") else (*(steps or ()), *read)
        position = match.end()
    part = _PART.match(text, position) if steps is not None else None
    return steps, part.end() if part else position


def _read_token(match: re.Match[str], context: Address) -> Address | None:
    if text := match["root"]:
        numbers = re.findall(COUNT + BRANCH, text.replace("第", "").replace("号の", "の"))
        kind = "附則" if text == "附則" else "様式" if "様式" in text else "別表"
        return () if text == "本則" else (Step(kind, read_number(numbers[0]) if numbers else ""),)
    if match["same"]:
        kind = {"表": "別表", "イ": "ア"}.get(match["same"][1:], match["same"][1:])
        kinds = [step.kind for step in context]
        return context[: kinds.index(kind) + 1] if kind in kinds else None
    if match["number"]:
        return (Step(match["kind"], read_number(match["number"] + match["branch"])),)
    return (Step("ア", match["letter"]),)
