"""Which characters of a sentence are somebody else's words: what stands in brackets or quotation marks."""

_OPENING, _CLOSING = "「『(【", "」』)】"


def inside(text: str, opening: str = _OPENING, closing: str = _CLOSING) -> list[bool]:
    """Return for each character of `text` whether it stands inside brackets; the brackets themselves do not."""
    depth = 0
    found = []
    for character in text:
        depth = max(0, depth - (character in closing))
        found.append(depth > 0)
        depth += character in opening
    return found
