"""Text on one line, without characters that nobody sees."""

import re
from itertools import pairwise

JAPANESE = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
# Control characters, zero-width and bidirectional marks, tag characters (read by machines only) and U+FFFC,
# which stands for an object.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    r"\U000e0000-\U000e007f]"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def strip_invisible(text: str) -> str:
    """Return the text without control, format and tag characters; lone surrogates become U+FFFD."""
    return _INVISIBLE.sub("", _SURROGATE.sub("\ufffd", text))


def to_one_line(text: str) -> str:
    """Return the text on one line: line breaks and runs of white space become single spaces."""
    return re.sub(r"[^\S\u3000]+", " ", strip_invisible(text)).strip()


def join_wrapped_name(text: str) -> str:
    """Return a column name on one line; Japanese that was wrapped is joined without a space."""
    parts = [to_one_line(part) for part in text.split("\n")]
    joined = parts[0]
    for left, right in pairwise(parts):
        is_japanese = re.search(rf"{JAPANESE}$", left) and re.match(JAPANESE, right)
        joined += ("" if is_japanese or not joined else " ") + right
    return joined.strip()
