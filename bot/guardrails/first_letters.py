"""Regular expressions that look at a letter before they try their alternatives.

Python's `re` tries each alternative at each place of a text. With the letters that a match can begin with in front,
`(?=[…])`, most places are passed at once: the rules of the guard, hundreds of alternatives, take a third of the time.
"""

import re
import re._constants as op  # type: ignore[import-not-found]  # the parser of `re`: no other name since Python 3.11
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Sequence
from itertools import groupby
from typing import Any

# A class of more letters than these passes hardly any place.
_WIDEST = 200
_END: tuple[Any, Any] = (None, None)
_OF_NO_LETTER = frozenset({op.AT, op.ASSERT, op.ASSERT_NOT})
_REPEATED = frozenset({op.MAX_REPEAT, op.MIN_REPEAT})


def any_of(alternatives: Sequence[str], flags: re.RegexFlag) -> str:
    """Return an expression that matches what one of `alternatives` does, the first that can.

    `flags` are those that it is compiled with.
    """
    first = [_first(list(parser.parse(one, flags & ~re.IGNORECASE))) for one in alternatives]
    parts = []
    for is_known, run in groupby(zip(alternatives, first, strict=True), key=lambda one: bool(one[1])):
        members = list(run)
        letters = "".join(map(re.escape, sorted({letter for _, some in members for letter in some or ()})))
        parts.append((f"(?=[{letters}])" if is_known else "") + f"(?:{'|'.join(one for one, _ in members)})")
    return f"(?:{'|'.join(parts)})"


def _first(parsed: Sequence[tuple[Any, Any]]) -> set[str] | None:
    """Return the letters that what is parsed can begin with; None where they are not known, or it can be empty."""
    at = next((at for at, (kind, _) in enumerate(parsed) if kind not in _OF_NO_LETTER), len(parsed))
    (kind, value), behind = [*parsed, _END][at], parsed[at + 1 :]
    if kind is op.LITERAL:
        return {chr(value)}
    if kind is op.IN:
        return _of_class(value)
    if kind is op.BRANCH:
        return _union([_first([*branch, *behind]) for branch in value[1]])
    if kind is op.SUBPATTERN:
        return _first([*value[3], *behind])
    if kind in _REPEATED:
        least, _, repeated = value
        return _first([*repeated]) if least else _union([_first([*repeated, *behind]), _first(behind)])
    return None


def _union(parts: Sequence[set[str] | None]) -> set[str] | None:
    known = [part for part in parts if part is not None]
    return set().union(*known) if len(known) == len(parts) else None


def _of_class(members: Sequence[tuple[Any, Any]]) -> set[str] | None:
    found = set[str]()
    for kind, value in members:
        if kind is op.LITERAL:
            found.add(chr(value))
        elif kind is op.RANGE and value[1] - value[0] < _WIDEST:
            found |= {chr(code) for code in range(value[0], value[1] + 1)}
        else:
            return None
    return found
