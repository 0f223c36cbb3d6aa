"""Readers for plain text and Markdown."""

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ingest.documents import Line
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
