"""Escape words of documents that leave as Markdown or plain text, so that none of them becomes markup at a client.

Only what could be active is escaped: tags, links, images, code and addresses that a client would turn into links. Marks
such as `[1]`, quotation marks and ordinary punctuation stay as they are. HTML pages escape in their templates
(`bot/rendering/html/markup.py`), spreadsheets in `bot/http/spreadsheet.py`.
"""

import re
from urllib.parse import quote, urlsplit

# A tag, comment or autolink begins so (HTML, 13.2.5.6 "Tag open state"; CommonMark 6.5, 6.6).
_TAG = r"<(?=[A-Za-z/!?]|\Z)"
# `](` makes a link or an image of what is before it, `]:` a definition that other brackets lead to.
_LINK = r"(?<=\])[(:]"
# Clients that find links by themselves, or wrongly, shall not find these.
_SCHEME = r"(?<=javascript):|(?<=vbscript):|(?<=data):(?=[a-z]+/|[,;])"
# Chat clients show what is fenced as HTML in a frame of its own.
_FENCE = r"`(?=``)|~(?=~~)"
_PLAIN = re.compile(f"{_TAG}|{_LINK}|{_SCHEME}|{_FENCE}", re.IGNORECASE | re.ASCII)
# GitHub Flavored Markdown, 6.9: these become links without any mark around them.
_AUTOLINK = (
    r"(?:https?://|ftp://|(?<![A-Za-z0-9])www\.)[\w\-.~:/?#@!$&'*+,;=%]*[\w/#=&%~\-]"
    r"|[\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+"
)
_MARKDOWN = re.compile(
    rf"(?P<address>{_AUTOLINK})|{_TAG}|{_LINK}|{_SCHEME}|{_FENCE}|&(?=#?\w+;)|`|\\(?=[!-/:-@\[-`{{-~])",
    re.IGNORECASE | re.ASCII,
)
# From a visible ASCII character to the same one in full width (Unicode, FF01 to FF5E).
_TO_FULL_WIDTH = 0xFEE0
_IN_LINK_TEXT = re.compile(r"[\[\]]")
_BREAKS_DESTINATION = re.compile(r"[^!#-;=?-\[\]^_a-{}|~%]")
# Whatever is escaped is found within a run of these.
_VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def escape_markdown(text: str) -> str:
    """Return a text as Markdown that shows it letter for letter: no tag, link, image or code of its own.

    Addresses are set as code, which no client turns into a link.
    """
    return _MARKDOWN.sub(_as_entity, text)


def escape_plain(text: str) -> str:
    """Return a text for a mail or a clipboard; what would be markup where it is pasted is in full-width letters."""
    return _PLAIN.sub(lambda found: chr(ord(found[0]) + _TO_FULL_WIDTH), text)


def markdown_link(text: str, address: str | None) -> str:
    """Return a link in Markdown to an http(s) `address`; the escaped text alone where there is no such address."""
    escaped = escape_markdown(text)
    if not is_web_address(address):
        return escaped
    shown = _IN_LINK_TEXT.sub(r"\\\g<0>", escaped)
    target = _BREAKS_DESTINATION.sub(lambda found: quote(found[0]), address or "")
    return f"[{shown}](<{target}>)"


def is_web_address(address: str | None) -> bool:
    """Tell whether an address leads to a web page and nowhere else: `javascript:` and its like do not."""
    if not address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


class MarkdownStream:
    """Escapes a text that comes in pieces: the pieces joined are `escape_markdown` of the whole.

    What the next piece could still make active is held back until it is there.
    """

    def __init__(self) -> None:
        self._held = ""

    def add(self, piece: str) -> str:
        """Return what is certain of the text so far and was not returned yet; may be empty."""
        text = self._held + piece
        end = len(text.rstrip(_VISIBLE_ASCII))
        self._held = text[end:]
        return escape_markdown(text[:end])

    def end(self) -> str:
        """Return the rest."""
        held, self._held = self._held, ""
        return escape_markdown(held)


def _as_entity(found: re.Match[str]) -> str:
    return f"`{found[0]}`" if found["address"] else _ENTITIES.get(found[0]) or f"&#{ord(found[0])};"


_ENTITIES = {"<": "&lt;", "&": "&amp;"}
