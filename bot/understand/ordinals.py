"""Ordinals of persons and turns, in questions and in the heads of tables: 3人目, 第3子以降, 第1子・第2子, 2台目から."""

import re
from dataclasses import dataclass
from functools import lru_cache

# Children are counted as persons: the third child is 3人目 and 第3子.
_PLACE = re.compile(
    r"(?:第\s?)?(?P<number>\d{1,2})\s?(?:(?P<child>人目|番目の子|子(?![ど供]))|(?P<what>[台回個冊頭匹枚件年日月]目))"
    r"(?P<on>\s?(?:以降|以上|から))?"
)
_CHILD = "人目"


@dataclass(frozen=True, slots=True)
class Ordinal:
    """The place `number` in a count of `what`, at `text[start:end]`; where it is `open`, all after it too."""

    start: int
    end: int
    number: int
    what: str
    open: bool

    def holds(self, other: "Ordinal") -> bool:
        """Whether the place of `other` is this one, or one after it where it is open."""
        after = other.number > self.number and self.open
        return self.what == other.what and (after or other.number == self.number)


@lru_cache(maxsize=4096)
def ordinals(text: str) -> tuple[Ordinal, ...]:
    """Return the ordinals of normalised `text`, in order; those that begin with 第 only where children are counted."""
    return tuple(
        Ordinal(m.start(), m.end(), int(m["number"]), _CHILD if m["child"] else m["what"], bool(m["on"]))
        for m in _PLACE.finditer(text)
        if m["child"] or not m[0].startswith("第")
    )
