"""Splits text into sentences and clauses, but not inside brackets."""

import re
from collections.abc import Callable
from itertools import accumulate, pairwise

_CLOSED_BY = {"」": "「", "』": "『", ")": "(", "）": "（"}
_QUOTES = "」』"
# What belongs to the sentence that has just ended: marks of sources, brackets that close.
_AFTER_END = re.compile(r"(?:\s*\[\d{1,3}\]|[」』)）])*")
# Where a text may be cut: behind a comma that is none of a figure, a sentence, a line, and before a mark of a list.
_CLAUSE, _END = re.compile(r"[、。\n]|[,，](?!\d)|\s(?=[○◯●◎・•➢⚫■□◆◇▪])"), "。\n"
# No sentence begins like this: what stands before the 。 was a name that holds one (…を除く。の目標値は).
_GOES_ON = re.compile(r"[、,)）(（を]|の(?!ち)|[はがにでとも][、,]")


def sentences(text: str) -> list[str]:
    """Cut what is said after 。 ! ?, not inside brackets nor before one; joined, the sentences give the text again.

    The marks `[n]` of sources that follow a sentence are its own. The text may still be coming: what a bracket opens
    that is not closed yet is no sentence. White space at the end is left away.
    """
    return _split_after(
        text, "。!?！？", _bracketed_positions(text, _never) | set(range(_first_unclosed(text), len(text)))
    )


def split_document_sentences(text: str) -> list[str]:
    """Cut what stands in a document after 。, not inside brackets that are closed again, as `sentences` does.

    A speech in 「」 to the end of its line is cut where it has several sentences.
    """
    return _split_after(text, "。", _bracketed_positions(text, _is_speech))


def clause_spans(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Return (start, end) of each clause of a text, which end at a comma, and the number of the sentence of each.

    Together they hold all of the text; lines and items end sentences too.
    """
    ends = [match.end() for match in _CLAUSE.finditer(text)]
    bounds = list(pairwise([0, *ends, *([] if ends[-1:] == [len(text)] else [len(text)])]))
    return bounds, list(accumulate((text[end - 1] in _END for _, end in bounds[:-1]), initial=0))


def _never(_text: str, _start: int, _end: int) -> bool:
    return False


def _split_after(text: str, ends: str, held: set[int]) -> list[str]:
    """Cut `text` behind each of `ends` whose place is not `held`."""
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


def _first_unclosed(text: str) -> int:
    """Return where the first bracket stands that is not closed again, or the length of the text."""
    opened: list[int] = []
    for place, character in enumerate(text):
        if character in _CLOSED_BY.values():
            opened.append(place)
        elif character in _CLOSED_BY and opened:
            opened.pop()
    return opened[0] if opened else len(text)


def _bracketed_positions(text: str, is_open: Callable[[str, int, int], bool]) -> set[int]:
    """Return the places inside brackets that are closed again, but for those of which `is_open` says otherwise."""
    held: set[int] = set()
    opened: list[int] = []
    for place, character in enumerate(text):
        if character in _CLOSED_BY.values():
            opened.append(place)
        elif opener := _CLOSED_BY.get(character):
            while opened and text[opened[-1]] != opener:
                opened.pop()
            if opened and not is_open(text, start := opened.pop(), place):
                held.update(range(start, place))
    return held


def _is_speech(text: str, start: int, end: int) -> bool:
    """Whether the bracket is a quote of several sentences and all that is said to the end of its line."""
    last = end + 1 == len(text) or text[end + 1] == "\n"
    return text[end] in _QUOTES and last and "。" in text[start : end - 1]
