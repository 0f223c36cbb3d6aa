"""Text cut into sentences: not inside brackets, which may hold sentences of their own (3,000円(税込み。)とする。)."""

import re

_CLOSED_BY = {"」": "「", "』": "『", ")": "(", "）": "（"}
_QUOTES = "」』"
# What belongs to the sentence that has just ended: marks of sources, brackets that close.
_AFTER_END = re.compile(r"(?:\s*\[\d{1,3}\]|[」』)）])*")
# No sentence begins like this: what stands before the 。 was a name that holds one (…を除く。の目標値は).
_GOES_ON = re.compile(r"[、,)）(（を]|の(?!ち)|[はがにでとも][、,]")


def sentences(text: str, ends: str = "。!?！？") -> list[str]:
    """Cut `text` after each of `ends`, not inside brackets nor before one; joined, they give it again but for white space at its end.

    The marks `[n]` of sources that follow a sentence are its own.
    """
    held = _bracketed(text)
    found, start, position = [], 0, 0
    while position < len(text):
        ended = text[position] in ends and position not in held
        position += 1
        if ended and not _GOES_ON.match(text, position):
            if behind := _AFTER_END.match(text, position):
                position = behind.end()
            found.append(text[start:position])
            start = position
    return [*found, text[start:]] if text[start:].strip() else found


def _bracketed(text: str) -> set[int]:
    """Return the places inside brackets that are closed again; a speech in 「」 of several sentences is none."""
    held: set[int] = set()
    opened: list[int] = []
    for place, character in enumerate(text):
        if character in _CLOSED_BY.values():
            opened.append(place)
        elif opener := _CLOSED_BY.get(character):
            while opened and text[opened[-1]] != opener:
                opened.pop()
            if opened and not _is_speech(text, start := opened.pop(), place, character):
                held.update(range(start, place))
    return held


def _is_speech(text: str, start: int, end: int, closing: str) -> bool:
    """Whether the quote is all that is said to the end of its line, in more than one sentence."""
    last = end + 1 == len(text) or text[end + 1] == "\n"
    return closing in _QUOTES and last and "。" in text[start : end - 1]
