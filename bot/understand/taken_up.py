"""What a sentence that asks takes up of the ones before it: シカとサルの被害は大きい? それぞれいくら."""

import re
from collections.abc import Callable

_POINTS = re.compile(r"(?:そ|こ)(?:の(?:ような|様な)?(?![たう])|れ(?!ぞれ)|んな|うした|ういう|うなっ|こ(?:で|に|は))")
_CLAUSE_ENDS = re.compile(r"(?<=[。?!\n])|(?<=[すたいる]が、)|(?<=けど、)|(?<=けれど、)|(?<=まして、)")


def taken_up_from(text: str, core: str, names: Callable[[str], bool]) -> int:
    """Return from where on `text` is what its sentence `core` asks about.

    It is the core's own start, or where the nearest clause before it starts that names something, if the core `names`
    nothing itself or points back (なぜそのような仕組みにしたのですか).
    """
    start = text.find(core)
    if start <= 0 or (names(core) and not _POINTS.search(core)):
        return start
    for end in reversed([match.start() for match in _CLAUSE_ENDS.finditer(text[:start])][:-1]):
        if names(text[end:start]):
            return end
    return 0
