"""Remembers what spelling correction changed, so that a question is shown as the person spelled it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Characters on each side of a corrected word with which it is found again, the most first. A completed follow-up has
# the word in other surroundings.
_CONTEXTS = ((6, 6), (3, 3), (3, 0), (0, 3), (1, 1), (0, 0))
# A shorter correction is not looked for without its surroundings.
_MIN_ALONE = 2


@dataclass(frozen=True, slots=True)
class Respelling:
    """A correction: `text[start:end]` is the documents' spelling of what the person wrote as `own`."""

    own: str
    text: str
    start: int
    end: int


def find_respellings(own: str, corrected: str) -> tuple[Respelling, ...]:
    """Return what differs between a question as it was written and as it was corrected."""
    if own == corrected:
        return ()
    codes = SequenceMatcher(None, own, corrected, autojunk=False).get_opcodes()
    return tuple(Respelling(own[a:b], corrected, c, d) for kind, a, b, c, d in codes if kind != "equal")


def restore_spelling(text: str, respellings: Sequence[Respelling]) -> str:
    """Return `text` with its corrected words as the person wrote them."""
    for respelling in respellings:
        text = next(_restored(text, respelling), text)
    return text


def _restored(text: str, respelling: Respelling) -> Iterator[str]:
    corrected = respelling.text
    for left, right in _CONTEXTS:
        start, end = max(0, respelling.start - left), min(len(corrected), respelling.end + right)
        found = corrected[start:end]
        is_alone = (start, end) == (respelling.start, respelling.end)
        if found in text and not (is_alone and len(found) < _MIN_ALONE):
            own = corrected[start : respelling.start] + respelling.own + corrected[respelling.end : end]
            yield text.replace(found, own)
