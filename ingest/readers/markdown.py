"""Markdown: a text file whose inline tags, comments, links and images are marks and not words."""

import re
from pathlib import Path

from ingest.documents import Line
from ingest.readers.text import read_text

_CODE = r"(?P<code>(?<!`)(?P<ticks>`{1,3})(?!`)[^`\n]+(?P=ticks)(?!`))"
_DROPPED = r"<!--.*?(?:-->|\Z)|<(?P<element>script|style)\b[^>]*>.*?(?:</(?P=element)\s*>|\Z)"
# `<br>` parts words, which is told apart later (`ingest/structure/line_marks.py`).
_TAG = r"</?(?!br\b)[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*|/)?>"
_AUTOLINK = r"<(?P<alone>(?:https?://|mailto:)[^\s<>]+)>"
_LINK = (
    r"(?P<image>!?)\[(?P<label>[^\[\]\n]*)\]"
    r"\(\s*(?:<(?P<angled>[^<>\n]*)>|(?P<target>(?:[^\s()<>]|\([^\s()<>]*\))*))(?:\s+(?:\"[^\"\n]*\"|'[^'\n]*'))?\s*\)"
)
_MARKUP = re.compile(f"{_CODE}|{_DROPPED}|{_AUTOLINK}|{_TAG}|{_LINK}", re.IGNORECASE | re.DOTALL)
_WEB_ADDRESS = re.compile(r"https?://\S", re.IGNORECASE)


def read_markdown(path: Path) -> list[Line]:
    """Return the lines of a Markdown file as they are read; raises as `read_text` does.

    Of a link its words are left, with the address in brackets where that is a web page; of an image its description.
    """
    return read_text(path, _without_markup)


def _without_markup(text: str) -> str:
    """Return the text without inline markup, on as many lines as before."""
    return _MARKUP.sub(_words, text)


def _words(found: re.Match[str]) -> str:
    if found["code"] or found["alone"]:
        return found["alone"] or found[0]
    if found["label"] is None:
        return "\n" * len(re.findall(r"\r\n|\r|\n", found[0]))
    label, target = found["label"].strip(), found["angled"] or found["target"] or ""
    shows_address = not found["image"] and _WEB_ADDRESS.match(target) and target != label
    return f"{label}（{target}）" if shows_address else label
