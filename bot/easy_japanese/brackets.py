"""Marks the characters of a text that are inside brackets or quotation marks."""

_OPENING, _CLOSING = "「『(【", "」』)】"


def mark_bracketed(text: str, opening: str = _OPENING, closing: str = _CLOSING) -> list[bool]:
    """Return for each character of `text` whether it stands inside brackets; the brackets themselves do not."""
    depth = 0
    found = []
    for character in text:
        depth = max(0, depth - (character in closing))
        found.append(depth > 0)
        depth += character in opening
    return found
