"""One question of a message."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AskedPart:
    """One question of a message: its `words` as the person wrote them, and the `text` that asks it by itself."""

    words: str
    text: str
