"""Measures by page how much of a source's text is in passages, was left out for a reason, or was lost.

The text compared with is read without layout, so that this is independent of the reader.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import Element

from ingest.blocks.unread_parts import UNREAD_PAGE_REASON
from ingest.documents import Coverage, DroppedLines, LeftOut, Line, Passage, UnexplainedText
from ingest.japanese import nfkc
from ingest.japanese.markers import BULLETS, MARKS
from ingest.readers.html.html_reader import parse_file
from ingest.readers.html.main_content import INVISIBLE_TAGS, is_boilerplate, main_part
from ingest.readers.office import ooxml_package as ooxml
from ingest.readers.text_files import blank_front_matter, decode

PageText = tuple[int | None, str]
"""A piece of a source's text with its page, None in formats without pages."""

# Letters, figures, and symbols with a meaning of their own (○, ×, △, ¥, ℃, →).
_NOT_COMPARED = re.compile(
    "[^\\w\u00a2-\u00a5\u00b0\u00b1\u00d7\u00f7\u2100-\u214f\u2190-\u22ff\u25a0-\u27bf\u3012\u3036]|_"
)
_IN_PASSAGE = "in passage"
_OCR_REASON = "OCR で読み直したページの、もとの文字"
_MARK_REASON = "箇条の印"
_LIST_MARKS = f"{BULLETS}{MARKS}➢➤▪◦‣⚫⬤→⇒☑✔"
# Markup that Markdown does not show: comments, scripts, tags, addresses of links.
_MARKUP = re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)|<[^<>]*>|\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)",
    re.DOTALL | re.IGNORECASE,
)
# Elements of Word that are not read: copies for older programs, deleted text, readings of kanji.
_LEFT_OUT_TAGS = {"Fallback", "del", "moveFrom", "rt"}


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


def read_reference_text(path: Path) -> list[PageText]:
    """Return the text of a Word, HTML or text file; none for other formats, which are not compared.

    Raises UnreadableDocumentError as the reader of the format does.
    """
    suffix = path.suffix.lower()
    if suffix in {".csv", ".md", ".txt"}:
        text = decode(path.read_bytes(), path.name)
        pages = (_MARKUP.sub("", blank_front_matter(text)) if suffix == ".md" else text).split("\f")
        return [(number if "\f" in text else None, page) for number, page in enumerate(pages, start=1)]
    texts = {".htm": _html_texts, ".html": _html_texts, ".docx": _word_texts}.get(suffix)
    return [(None, text) for text in texts(path)] if texts and not ooxml.is_empty(path) else []


def _html_texts(path: Path) -> Iterator[str]:
    tree = parse_file(path)
    main = main_part(tree) if tree and tree.body is not None else None
    pending = [main] if main else []
    while pending:  # depth may exceed recursion
        node = pending.pop()
        if node.tag == "-text":
            yield node.text_content or ""
        elif main is not None and (node.mem_id == main.mem_id or not is_boilerplate(node)):
            children = [child for child in node.iter(include_text=True) if child.tag not in INVISIBLE_TAGS]
            pending += reversed(children)


def _word_texts(path: Path) -> Iterator[str]:
    with ooxml.open_package(path, ooxml.DOCX) as parts:
        main = ooxml.main_part(parts)
        notes = [part for part in ooxml.related_parts(parts, main).values() if part.endswith("notes.xml")]
        for part in [main, *(part for part in notes if part in parts.namelist())]:
            yield from _element_texts(ooxml.parse_part(parts.read(part)))


def _element_texts(element: Element) -> Iterator[str]:
    name = element.tag.rpartition("}")[2]
    if name in _LEFT_OUT_TAGS or (name == "r" and element.find("{*}rPr/{*}vanish") is not None):
        return
    if name == "t":
        yield element.text or ""
    for child in element:
        yield from _element_texts(child)
    if name == "p":
        yield "\n"
