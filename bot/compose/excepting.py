"""An answer without what the question leaves out: the members of a list but one (スピード感以外は?)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from bot.check.statements import MARK
from bot.compose.listing import counted
from bot.turn import Draft

_COUNTED = re.compile(r"次の(?:\d+(?:つ|項目)|とおり)")


def without(draft: Draft, excepted: Sequence[str]) -> Draft:
    """Return the draft without the list's members that are excepted, or as it is where that leaves no list."""
    lines = draft.text.split("\n")
    dropped = {i for i, line in enumerate(lines) if line.startswith("・") and any(_is(line, e) for e in excepted)}
    kept = [line for i, line in enumerate(lines) if i not in dropped]
    if not dropped or not any(line.startswith("・") for line in kept):
        return draft
    text = "\n".join(_counted_anew(lines, dropped))
    return _numbered_anew(replace(draft, text=text))


def _counted_anew(lines: Sequence[str], dropped: set[int]) -> list[str]:
    """Return the lines without those dropped, each lead with the number of members that are left under it."""
    found: list[str] = []
    for i, line in enumerate(lines):
        under = list(takewhile(lambda j: lines[j].startswith("・"), range(i + 1, len(lines))))
        if not dropped.isdisjoint(under):
            found.append(_COUNTED.sub(f"ほかに次の{counted(len(set(under) - dropped))}", line, count=1))
        elif i not in dropped:
            found.append(line)
    return found


def _is(line: str, excepted: str) -> bool:
    """Whether a member is the one excepted: its name holds the word as a word of its own (市長 is not in 副市長)."""
    name = re.split(r"[:：]", line.lstrip("・"), maxsplit=1)[0]
    return bool(re.search(rf"(?<![一-龥ァ-ヶ]){re.escape(excepted)}", name))


def _numbered_anew(draft: Draft) -> Draft:
    """Return the draft with the sources that it still marks, numbered from 1."""
    used = sorted({int(n) for n in MARK.findall(draft.text)})
    place = {old: new for new, old in enumerate(used, start=1)}
    text = MARK.sub(lambda match: f"[{place[int(match[1])]}]", draft.text)
    return replace(draft, text=text, sources=tuple(draft.sources[n - 1] for n in used))
