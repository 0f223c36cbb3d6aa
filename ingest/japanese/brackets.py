"""Finds text inside brackets or quotation marks."""

_OPENING, _CLOSING = "「『(【", "」』)】"


def mark_bracketed(text: str, opening: str = _OPENING, closing: str = _CLOSING) -> list[bool]:
    """Return for each character of `text` whether it is inside brackets; the brackets themselves are not."""
    depth = 0
    inside = []
    for character in text:
        depth = max(0, depth - (character in closing))
        inside.append(depth > 0)
        depth += character in opening
    return inside
