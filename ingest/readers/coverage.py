"""Measures which text of a source is in passages, which was left out for a reason, and which is unexplained."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ingest.documents import Coverage, DroppedLines, LeftOut, Line, Passage, UnexplainedText
from ingest.japanese import nfkc
from ingest.japanese.markers import BULLETS, MARKS
from ingest.readers.reference_text import ReferenceText
from ingest.readers.unread_parts import UNREAD_PAGE_REASON, is_unread, unread_reason

# Letters, figures, and symbols with a meaning of their own (○, ×, △, ¥, ℃, →).
_NOT_COMPARED = re.compile(
    "[^\0\\w\u00a2-\u00a5\u00b0\u00b1\u00d7\u00f7\u2100-\u214f\u2190-\u22ff\u25a0-\u27bf\u3012\u3036]|_"
)
# Characters before and after the expected place in which a line is searched for.
_WINDOW = 20_000
# Lengths of the character sequences by which text in another order is matched, the longest first.
_SEQUENCE_LENGTHS = (8, 3, 1)
# A fallback compares a line with at most this many characters of its passages.
_MAX_PASSAGE_CHARACTERS = 200_000
# Separates texts that are not continuous.
_GAP = "\0"
_CELL_END = re.compile(r"(?<!\\)\||\t")
# Characters that are not matched yet.
_FREE = re.compile(rb"\0+")
# Shorter texts prove nothing inside others.
_MAX_SHORT_TEXT = 3
# Sequences of this length occur in another text by chance only rarely.
_MIN_LONG_TEXT = 8
# Fates of characters besides the reasons for which they are left out.
_IN_PASSAGE = "in passage"
_UNEXPLAINED = "unexplained"
_OCR_REASON = "OCR で読み直したページの、もとの文字"
_MARK_REASON = "箇条の印"
_LIST_MARKS = f"{BULLETS}{MARKS}➢➤▪◦‣⚫⬤→⇒☑✔"
# A mark before an item, which only shows that it is one.
_LIST_MARK = re.compile(rf"^[ \t\u3000|*-]*[{_LIST_MARKS}]+(?=\s*[^\s\d|])", re.MULTILINE)


def measure_coverage(
    reference: Iterable[ReferenceText],
    lines: Sequence[Line],
    passages: Sequence[Passage],
    dropped: Sequence[DroppedLines],
) -> Coverage:
    """Return the coverage of the `reference` text by `passages` and by text left out with a reason.

    The reader's `lines` are traced into passages and dropped lines, then the text of each page of the reference is
    matched with the lines of that page, each character once. Time is linear in the size of the texts.
    """
    traced = _trace_lines(lines, passages, dropped)
    lines_by_page = {page: list(group) for page, group in groupby(lines, key=lambda line: line.page)}
    counts: Counter[str] = Counter()
    unexplained: list[UnexplainedText] = []
    for page, group in groupby(reference, key=lambda piece: piece.page):
        pieces = [(comparable(_without_list_marks(piece.text)).replace(_GAP, ""), piece.reason) for piece in group]
        page_lines = lines_by_page.get(page, [])
        fates = _match_page("".join(text for text, _ in pieces), page_lines, traced)
        page_reason = _page_reason(page_lines)
        start = 0
        for text, reason in pieces:
            for fate, run in _fate_runs(text, fates[start : start + len(text)]):
                reason_or_fate = (reason or page_reason or _mark_reason(run)) if fate == _UNEXPLAINED else fate
                counts[reason_or_fate or fate] += len(run)
                if fate == _UNEXPLAINED and not reason_or_fate:
                    unexplained.append(UnexplainedText(run, page))
            start += len(text)
    left_out = tuple(LeftOut(fate, n) for fate, n in counts.most_common() if fate not in {_IN_PASSAGE, _UNEXPLAINED})
    return Coverage(counts.total(), counts[_IN_PASSAGE], left_out, tuple(unexplained))


def _fate_runs(text: str, fates: Sequence[str]) -> Iterator[tuple[str, str]]:
    start = 0
    for fate, run in groupby(fates):
        end = start + sum(1 for _ in run)
        yield fate, text[start:end]
        start = end


def _page_reason(lines: Sequence[Line]) -> str:
    if any(is_unread(line.text) and unread_reason(line.text) == UNREAD_PAGE_REASON for line in lines):
        return UNREAD_PAGE_REASON
    return _OCR_REASON if any(line.confidence is not None for line in lines) else ""


def _mark_reason(text: str) -> str:
    return _MARK_REASON if set(text) <= set(_LIST_MARKS) else ""


def comparable(text: str) -> str:
    """Return the characters that are compared: letters, figures, symbols, and the gaps between texts."""
    return _NOT_COMPARED.sub("", nfkc(text))


def _without_list_marks(text: str) -> str:
    return _LIST_MARK.sub("", text)


def _trace_lines(
    lines: Sequence[Line], passages: Sequence[Passage], dropped: Sequence[DroppedLines]
) -> dict[int, "_TracedLine"]:
    traced = {line.number: _TracedLine(line.text) for line in lines}
    for lines_dropped in dropped:
        owner = _Owner(lines_dropped.text.split("\n"), lines_dropped.reason)
        for number in lines_dropped.lines:
            if number in traced:
                traced[number].mark(owner)
    for passage in passages:
        owner = _Owner([*passage.path, *_passage_texts(passage)], _IN_PASSAGE)
        for number in passage.lines:
            if number in traced:
                traced[number].mark(owner)
    for line in traced.values():
        line.mark_sequences()
    return traced


def _passage_texts(passage: Passage) -> list[str]:
    if not passage.cells:
        return passage.text.split("\n")
    return [*(text for cell in passage.cells for text in (cell.column, cell.value)), *passage.notes]


class _Owner:
    """The texts of a passage or of dropped lines, and the fate of what is in them."""

    def __init__(self, texts: Sequence[str], fate: str) -> None:
        listed = f"{_GAP}\n".join(texts)
        stripped = _without_list_marks(listed)
        self.text = comparable(listed)
        self.parts = frozenset(self.text.split(_GAP)) - {""}
        if stripped != listed:
            self.parts |= frozenset(comparable(stripped).split(_GAP))
        self.joined = self.text.replace(_GAP, "")
        self.fate = fate


class _TracedLine:
    """A reader's line: its cells, and the fate of each of their characters."""

    def __init__(self, text: str) -> None:
        self.cells = list(filter(None, comparable(_CELL_END.sub(_GAP, _without_list_marks(text))).split(_GAP)))
        self.fates = [[_UNEXPLAINED] * len(cell) for cell in self.cells]
        self._open = set(range(len(self.cells)))
        self._owners: list[_Owner] = []

    def mark(self, owner: _Owner) -> None:
        for i in list(self._open):
            cell = self.cells[i]
            fates = self.fates[i]
            if cell in owner.parts or (len(cell) >= _MAX_SHORT_TEXT and (cell in owner.text or cell in owner.joined)):
                fates[:] = [owner.fate] * len(cell)
                self._open.remove(i)
                continue
            for part in owner.parts:
                for place in _places(cell, part):
                    fates[place : place + len(part)] = [owner.fate] * len(part)
            if _UNEXPLAINED not in fates:
                self._open.remove(i)
        if self._open:
            self._owners.append(owner)

    def mark_sequences(self) -> None:
        if not self._open:
            return
        for fate in dict.fromkeys(owner.fate for owner in self._owners):
            supply = _GAP.join(owner.text for owner in self._owners if owner.fate == fate)[:_MAX_PASSAGE_CHARACTERS]
            for i in self._open:
                _mark_sequences(self.cells[i], self.fates[i], supply, fate)


def _places(cell: str, part: str) -> Iterator[int]:
    if _MAX_SHORT_TEXT <= len(part) < _MIN_LONG_TEXT:
        place = cell.find(part, 0, len(part) + _MAX_SHORT_TEXT)
        yield from (place,) if place >= 0 else ()
    elif len(part) >= _MIN_LONG_TEXT:
        place = cell.find(part)
        while place >= 0:
            yield place
            place = cell.find(part, place + len(part))


def _mark_sequences(text: str, fates: list[str], supply: str, fate: str) -> None:
    _mark_runs(text, fates, supply, fate)
    supplied = {supply[i : i + _MIN_LONG_TEXT] for i in range(len(supply) - _MIN_LONG_TEXT + 1)}
    for start, end in list(_open_runs(fates)):
        for i in range(start, end - _MIN_LONG_TEXT + 1):
            if text[i : i + _MIN_LONG_TEXT] in supplied:
                fates[i : i + _MIN_LONG_TEXT] = [fate] * _MIN_LONG_TEXT
    _mark_runs(text, fates, supply, fate)


def _mark_runs(text: str, fates: list[str], supply: str, fate: str) -> None:
    for start, end in list(_open_runs(fates)):
        if text[start:end] in supply:
            fates[start:end] = [fate] * (end - start)


def _open_runs(fates: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for is_open, run in groupby(fates, key=lambda fate: fate == _UNEXPLAINED):
        end = start + sum(1 for _ in run)
        if is_open:
            yield start, end
        start = end


def _match_page(text: str, lines: Sequence[Line], traced: dict[int, _TracedLine]) -> list[str]:
    result = [_UNEXPLAINED] * len(text)
    matched = bytearray(len(text))
    remaining: list[tuple[str, list[str]]] = []
    expected = 0
    for line in lines:
        line_cells = "".join(traced[line.number].cells)
        own_fates = [fate for cell in traced[line.number].fates for fate in cell]
        place = _find_free(text, matched, line_cells, expected)
        if place is None:
            remaining.append((line_cells, own_fates))
            continue
        expected = place + len(line_cells)
        result[place:expected] = own_fates
        matched[place:expected] = b"\1" * len(line_cells)
    supply = _GAP.join(line_cells for line_cells, _ in remaining)
    supply_fates = [fate for _, own_fates in remaining for fate in (*own_fates, _UNEXPLAINED)]
    used = bytearray(1 if char == _GAP else 0 for char in supply)
    for length in _SEQUENCE_LENGTHS:
        for i, j in _match_sequences(text, matched, supply, used, length):
            result[i] = supply_fates[j]
    return result


def _find_free(text: str, matched: bytearray, line: str, expected: int) -> int | None:
    if not line:
        return None
    for start in (expected, max(0, expected - _WINDOW)):
        place = text.find(line, start, expected + _WINDOW)
        if place >= 0 and not any(matched[place : place + len(line)]):
            return place
    return None


def _match_sequences(
    text: str, matched: bytearray, supply: str, used: bytearray, length: int
) -> Iterator[tuple[int, int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for j in range(len(supply) - length, -1, -1):
        if not any(used[j : j + length]):
            places[supply[j : j + length]].append(j)
    for run in list(_FREE.finditer(matched)):
        i = run.start()
        while places and i <= run.end() - length:
            candidates = places.get(text[i : i + length])
            while candidates and any(used[candidates[-1] : candidates[-1] + length]):
                candidates.pop()
            if not candidates:
                i += 1
                continue
            j = candidates.pop()
            while i < run.end() and j < len(supply) and text[i] == supply[j] and not used[j]:
                matched[i] = used[j] = 1
                yield i, j
                i = i + 1
                j = j + 1
