"""Readers for plain text, Markdown and CSV."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.encoding import decode
from ingest.readers.line_writer import strip_invisible

_LINE_END = re.compile(r"\r\n|\r|\n")
# Slides write a line break inside a paragraph as a vertical tab.
_PART_END = re.compile(r"([\f\v])")
# Markdown: inline tags, comments, link targets and image markup, which are not shown.
_CODE = r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`\n]+(?P=ticks)(?!`))"
_DROPPED = r"<!--.*?(?:-->|\Z)|<(?P<element>script|style)\b[^>]*>.*?(?:</(?P=element)\s*>|\Z)"
# `<br>` separates words; `ingest/structure/line_marks.py` handles it later.
_TAG = r"</?(?!br\b)[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*|/)?>"
_AUTOLINK = r"<(?P<alone>(?:https?://|mailto:)[^\s<>]+)>"
_LINK = (
    r"(?P<image>!?)\[(?P<label>[^\[\]\n]*)\]"
    r"\(\s*(?:<(?P<angled>[^<>\n]*)>|(?P<target>(?:[^\s()<>]|\([^\s()<>]*\))*))(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)"
)
_MARKUP = re.compile(f"{_CODE}|{_DROPPED}|{_AUTOLINK}|{_TAG}|{_LINK}", re.IGNORECASE | re.DOTALL)
_WEB_ADDRESS = re.compile(r"https?://\S", re.IGNORECASE)
# Separators, the likeliest first if several divide a file evenly: a tab is never typed into a cell.
_SEPARATORS = "\t,;|"
# Characters from which the separator is found.
_SAMPLE_LENGTH = 100_000
_THOUSANDS = re.compile(r"(?<![\d,])\d{1,3}(?:,\d{3})+(?![\d,])")


def read_text(path: Path, rewrite: Callable[[str], str] | None = None) -> list[Line]:
    """Return the lines of a text file; a form feed starts a new page within the same line number.

    `rewrite` is applied to the text before it is split. Raises UnreadableDocumentError as `decode` does.
    """
    text = decode(path.read_bytes(), path.name)
    text = rewrite(text) if rewrite else text
    has_pages = "\f" in text
    lines = []
    page = 1
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        first, *further = _PART_END.split(raw)
        lines.append(Line(number, strip_invisible(first).rstrip(), page if has_pages else None))
        for mark, part in zip(further[::2], further[1::2], strict=True):
            page += mark == "\f"
            lines.append(Line(number, strip_invisible(part).rstrip(), page if has_pages else None))
    return lines


def read_markdown(path: Path) -> list[Line]:
    """Return the lines of a Markdown file; raises as `read_text` does.

    A link keeps its words, with the address in brackets if it is a web page; an image keeps its description.
    """
    return read_text(path, partial(_MARKUP.sub, _visible_text))


def _visible_text(match: re.Match[str]) -> str:
    if match["code"] or match["alone"]:
        return match["alone"] or match[0]
    if match["label"] is None:
        return "\n" * len(re.findall(r"\r\n|\r|\n", match[0]))
    label = match["label"].strip()
    target = match["angled"] or match["target"] or ""
    shows_address = not match["image"] and _WEB_ADDRESS.match(target) and target != label
    return f"{label}（{target}）" if shows_address else label


def read_csv(path: Path) -> list[Line]:
    """Return one line per record, numbered by the line on which it begins; cells become one-line.

    Raises UnreadableDocumentError if the file is not text or its quotes are broken.
    """
    text = decode(path.read_bytes(), path.name)
    try:
        return list(_rows(text))
    except csv.Error as error:
        raise UnreadableDocumentError(
            f"{path.name}: CSV として読めません（{error}）。引用符の対応を確かめ、CSV UTF-8 で保存し直してください。"
        ) from error


def _rows(text: str) -> Iterator[Line]:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=find_separator(text))
    start = 1
    for record in records:
        cells = [" ".join(strip_invisible(cell).split()).replace("|", r"\|") for cell in record]
        yield Line(start, f"| {' | '.join(cells)} |" if any(cells) else "")
        start = records.line_num + 1


def find_separator(text: str) -> str:
    """Return the separator that divides most records into the same number of fields, a comma if none does.

    Commas that group digits (1,250円) do not count if another separator divides records too.
    """
    sample = text[:_SAMPLE_LENGTH]
    shares = {separator: _even_share(sample, separator) for separator in _SEPARATORS}
    if any(share for separator, share in shares.items() if separator != ","):
        shares[","] = _even_share(_THOUSANDS.sub("0", sample), ",")
    best = max(shares, key=lambda separator: shares[separator])
    return best if shares[best] else ","


def _even_share(text: str, separator: str) -> float:
    records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    counts = Counter(len(record) for record in records if any(record))
    fields, alike = counts.most_common(1)[0] if counts else (1, 0)
    return alike / counts.total() if fields > 1 else 0.0
