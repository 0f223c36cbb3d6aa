"""Measures by page how much of a PDF's text is in passages, was left out for a reason, or was lost.

The text compared with is read without layout, so that this is independent of the reader.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ingest.blocks.unread_parts import UNREAD_PAGE_REASON
from ingest.documents import Coverage, DroppedLines, LeftOut, Line, Passage, UnexplainedText
from ingest.japanese import nfkc
from ingest.japanese.markers import BULLETS, MARKS

PageText = tuple[int, str]
"""A piece of a source's text with its page."""

# Letters, figures, and symbols with a meaning of their own (○, ×, △, ¥, ℃, →).
_NOT_COMPARED = re.compile(
    "[^\\w\u00a2-\u00a5\u00b0\u00b1\u00d7\u00f7\u2100-\u214f\u2190-\u22ff\u25a0-\u27bf\u3012\u3036]|_"
)
_IN_PASSAGE = "in passage"
_OCR_REASON = "OCR で読み直したページの、もとの文字"
_MARK_REASON = "箇条の印"
_LIST_MARKS = f"{BULLETS}{MARKS}➢➤▪◦‣⚫⬤→⇒☑✔"


def measure_coverage(
    reference: Iterable[PageText],
    lines: Sequence[Line],
    passages: Sequence[Passage],
    dropped: Sequence[DroppedLines],
) -> Coverage:
    """Return how many characters of each page's `reference` text are in passages, left out, or lost.

    The reader's `lines` are compared with the passages and dropped lines that name them, then the characters of a page
    with those of its lines, whatever their order.
    """
    fates = _character_fates(lines, passages, dropped)
    unread = {number for part in dropped if part.reason == UNREAD_PAGE_REASON for number in part.lines}
    page_reasons = {line.page: _OCR_REASON for line in lines if line.confidence is not None}
    page_reasons |= {line.page: UNREAD_PAGE_REASON for line in lines if line.number in unread}
    counts: Counter[str] = Counter()
    n_characters = 0
    lost: list[UnexplainedText] = []
    for page, group in groupby(reference, key=lambda piece: piece[0]):
        text = "".join(piece for _, piece in group)
        missing = Counter(_comparable(text))
        n_characters += missing.total()
        for fate, characters in fates[page].items():
            counts[fate] += (missing & characters).total()
            missing -= characters
        counts[_MARK_REASON] += sum(missing.pop(mark, 0) for mark in _LIST_MARKS)
        if page in page_reasons:
            counts[page_reasons[page]] += missing.total()
        elif missing:
            lost += [UnexplainedText(run, page) for run in _lost_runs(text, missing)]
    left_out = tuple(LeftOut(fate, n) for fate, n in counts.most_common() if n and fate != _IN_PASSAGE)
    return Coverage(n_characters, counts[_IN_PASSAGE], left_out, tuple(lost))


def _comparable(text: str) -> str:
    return _NOT_COMPARED.sub("", nfkc(text))


def _character_fates(
    lines: Sequence[Line], passages: Sequence[Passage], dropped: Sequence[DroppedLines]
) -> dict[int | None, dict[str, Counter[str]]]:
    remaining: dict[int, list[tuple[Line, Counter[str]]]] = defaultdict(list)
    for line in lines:  # a form feed divides a line of a text file, whose parts have one number
        remaining[line.number].append((line, Counter(_comparable(line.text))))
    owners = [(_IN_PASSAGE, _passage_text(passage), passage.lines) for passage in passages]
    owners += [(part.reason, part.text, part.lines) for part in dropped]
    fates: dict[int | None, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for fate, text, numbers in owners:
        characters = Counter(_comparable(text))
        for line, left in (part for number in numbers for part in remaining.get(number, ()) if part[1]):
            found = left & characters
            fates[line.page][fate] += found
            left -= found  # noqa: PLW2901 -- in place
    return fates


def _passage_text(passage: Passage) -> str:
    cells = [text for cell in passage.cells for text in (cell.column, cell.value)]
    return "".join([*passage.path, *(cells or [passage.text]), *passage.notes])


# From the end, because a page or line is cut off there more often than at its start.
def _lost_runs(text: str, missing: Counter[str]) -> Iterator[str]:
    for line in reversed(text.split("\n")):
        runs = ""
        for character in reversed(_comparable(line)):
            runs = (character if missing[character] > 0 else "\n") + runs
            missing[character] -= 1
        yield from runs.split()
