"""Remembers what spelling correction changed, so that a question is shown as the person spelled it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Characters before and after a corrected word with which it is looked for, the most first: a completed follow-up has
# the word in other surroundings.
_CONTEXT_LENGTHS = ((6, 6), (3, 3), (3, 0), (0, 3), (1, 1), (0, 0))
# A shorter correction is not looked for without its surroundings.
_MIN_LENGTH_ALONE = 2


@dataclass(frozen=True, slots=True)
class Respelling:
    """A correction: `text[start:end]` is the documents' spelling of what the person wrote as `typed`."""

    typed: str
    text: str
    start: int
    end: int


def find_respellings(typed: str, corrected: str) -> tuple[Respelling, ...]:
    """Return the differences between a question as it was typed and as it was corrected."""
    if typed == corrected:
        return ()
    codes = SequenceMatcher(None, typed, corrected, autojunk=False).get_opcodes()
    return tuple(
        Respelling(typed[typed_start:typed_end], corrected, start, end)
        for kind, typed_start, typed_end, start, end in codes
        if kind != "equal"
    )


def restore_spelling(text: str, respellings: Sequence[Respelling]) -> str:
    """Return `text` with its corrected words as the person typed them."""
    for respelling in respellings:
        text = next(_restored_texts(text, respelling), text)
    return text


def _restored_texts(text: str, respelling: Respelling) -> Iterator[str]:
    corrected = respelling.text
    for characters_before, characters_after in _CONTEXT_LENGTHS:
        start = max(0, respelling.start - characters_before)
        end = min(len(corrected), respelling.end + characters_after)
        is_alone = (start, end) == (respelling.start, respelling.end)
        if corrected[start:end] not in text or (is_alone and end - start < _MIN_LENGTH_ALONE):
            continue
        typed = corrected[start : respelling.start] + respelling.typed + corrected[respelling.end : end]
        yield text.replace(corrected[start:end], typed)
