"""Splits text into sentences and clauses, but not inside brackets."""

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import accumulate, pairwise

_CLOSED_BY = {"」": "「", "』": "『", ")": "(", "）": "（"}
_BRACKET = re.compile(f"[{''.join([*_CLOSED_BY, *_CLOSED_BY.values()])}]")
_QUOTES = "」』"
# Citation marks and closing brackets, which belong to the sentence before.
_AFTER_END = re.compile(r"(?:\s*\[\d{1,3}\]|[」』)）])*")
# Clause boundaries: after a comma outside figures, a sentence or a line, and before a list mark.
_CLAUSE = re.compile(r"[、。\n]|[,，](?!\d)|\s(?=[○◯●◎・•➢⚫■□◆◇▪])")
_SENTENCE_ENDS = "。\n"
# Particles do not begin sentences: the 。 before is part of a name (…を除く。の目標値は).
_GOES_ON = re.compile(r"[、,)）(（を]|の(?!ち)|[はがにでとも][、,]")
_SENTENCE_END = re.compile(r"[。!?！？][」』)）]*$")


def ends_sentence(text: str) -> bool:
    """Whether `text` ends with 。 or another final mark, even inside brackets."""
    return bool(_SENTENCE_END.search(text))


def sentences(text: str) -> list[str]:
    """Split `text` after 。 ! ? outside brackets; concatenated, the sentences give the text again.

    Citation marks `[n]` belong to the sentence before. In a stream, text after an unclosed bracket is not a sentence
    yet. White space at the end is removed.
    """
    bracketed, unclosed = _bracketed_positions(text)
    return _split_after(text, "。!?！？", bracketed | set(range(unclosed, len(text))))


def split_document_sentences(text: str) -> list[str]:
    """Split the text of a document after 。 outside closed brackets.

    A quoted speech in 「」 at the end of a line is split, too.
    """
    return _split_after(text, "。", _bracketed_positions(text, _is_speech)[0])


@lru_cache(maxsize=4096)
def sentence_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return (start, end) of each sentence of a document's text, in order; lines end sentences, and none is blank."""
    spans: list[tuple[int, int]] = []
    line_start = 0
    for line in text.splitlines(keepends=True):
        start = line_start
        for sentence in split_document_sentences(line):
            if sentence.strip():
                spans.append((start, start + len(sentence.rstrip())))
            start += len(sentence)
        line_start += len(line)
    return tuple(spans)


def clause_spans(text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """Return (start, end) of each clause, which end at commas, and the number of each clause's sentence.

    They cover the whole text; lines and items end sentences, too.
    """
    ends = [match.end() for match in _CLAUSE.finditer(text)]
    bounds = list(pairwise([0, *ends, *([] if ends[-1:] == [len(text)] else [len(text)])]))
    return bounds, list(accumulate((text[end - 1] in _SENTENCE_ENDS for _, end in bounds[:-1]), initial=0))


def _split_after(text: str, ends: str, bracketed: set[int]) -> list[str]:
    parts = []
    start = 0
    position = 0
    while position < len(text):
        ended = text[position] in ends and position not in bracketed
        position += 1
        if ended and not _GOES_ON.match(text, position):
            if sentence_rest := _AFTER_END.match(text, position):
                position = sentence_rest.end()
            parts.append(text[start:position])
            start = position
    return [*parts, text[start:]] if text[start:].strip() else parts


def _bracketed_positions(
    text: str, is_open: Callable[[str, int, int], bool] = lambda *_: False
) -> tuple[set[int], int]:
    """Return the positions inside closed brackets, and that of the first bracket that is not closed."""
    spans: list[tuple[int, int]] = []
    opened: list[int] = []
    for mark in _BRACKET.finditer(text):
        place, character = mark.start(), mark[0]
        if character not in _CLOSED_BY:
            opened.append(place)
            continue
        while opened and text[opened[-1]] != _CLOSED_BY[character]:
            opened.pop()
        if opened and not is_open(text, start := opened.pop(), place):
            while spans and spans[-1][0] > start:  # within these brackets
                spans.pop()
            spans.append((start, place))
    return {place for span in spans for place in range(*span)}, opened[0] if opened else len(text)


def _is_speech(text: str, start: int, end: int) -> bool:
    last = end + 1 == len(text) or text[end + 1] == "\n"
    return text[end] in _QUOTES and last and "。" in text[start : end - 1]
