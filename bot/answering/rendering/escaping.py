"""Escapes document text in Markdown and plain text, so that none of it becomes markup in a client.

Only text that could become active is escaped: tags, links, images, code and addresses that a client turns into links.
Marks such as `[1]`, quotation marks and ordinary punctuation are unchanged. HTML pages escape in their templates
(`bot/channels/html/markup.py`), spreadsheets in `bot/spreadsheet.py`.
"""

import re
from urllib.parse import quote, urlsplit

# The start of a tag, comment or autolink (HTML, 13.2.5.6 "Tag open state"; CommonMark 6.5, 6.6).
_TAG = r"<(?=[A-Za-z/!?]|\Z)"
# `](` makes a link or an image, `]:` a link definition.
_LINK = r"(?<=\])[(:]"
# Some clients turn these schemes into links by themselves.
_SCHEME = r"(?<=javascript):|(?<=vbscript):|(?<=data):(?=[a-z]+/|[,;])"
# Some chat clients run fenced HTML in a frame.
_FENCE = r"`(?=``)|~(?=~~)"
_PLAIN = re.compile(f"{_TAG}|{_LINK}|{_SCHEME}|{_FENCE}", re.IGNORECASE | re.ASCII)
# Extended autolinks (GitHub Flavored Markdown 6.9).
_AUTOLINK = (
    r"(?:https?://|ftp://|(?<![A-Za-z0-9])www\.)[\w\-.~:/?#@!$&'*+,;=%]*[\w/#=&%~\-]"
    r"|[\w.+\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+"
)
_MARKDOWN = re.compile(
    rf"(?P<address>{_AUTOLINK})|{_TAG}|{_LINK}|{_SCHEME}|{_FENCE}|&(?=#?\w+;)|`|\\(?=[!-/:-@\[-`{{-~])",
    re.IGNORECASE | re.ASCII,
)
_ENTITIES = {"<": "&lt;", "&": "&amp;"}
# The offset from a visible ASCII character to its full-width form (Unicode FF01 to FF5E).
_TO_FULL_WIDTH = 0xFEE0
_IN_LINK_TEXT = re.compile(r"[\[\]]")
_BREAKS_DESTINATION = re.compile(r"[^!#-;=?-\[\]^_a-{}|~%]")
# Every escaped pattern lies within a run of these.
_VISIBLE_ASCII = "".join(map(chr, range(0x21, 0x7F)))


def escape_markdown(text: str) -> str:
    """Return Markdown that shows a text verbatim, without tags, links, images or code of its own.

    Addresses become code, which no client turns into a link.
    """
    return _MARKDOWN.sub(
        lambda match: f"`{match[0]}`" if match["address"] else _ENTITIES.get(match[0]) or f"&#{ord(match[0])};", text
    )


def escape_plain(text: str) -> str:
    """Return a text for a mail or the clipboard, with characters that could become markup in full width."""
    return _PLAIN.sub(lambda match: chr(ord(match[0]) + _TO_FULL_WIDTH), text)


def markdown_link(text: str, address: str | None) -> str:
    """Return a Markdown link to an http(s) `address`, or only the escaped text for any other address."""
    escaped = escape_markdown(text)
    if not is_web_address(address):
        return escaped
    shown = _IN_LINK_TEXT.sub(r"\\\g<0>", escaped)
    target = _BREAKS_DESTINATION.sub(lambda match: quote(match[0]), address or "")
    return f"[{shown}](<{target}>)"


def is_web_address(address: str | None) -> bool:
    """Whether an address is an http(s) URL with a host."""
    if not address:
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


class MarkdownStream:
    """Escapes a text that arrives in pieces; the joined result is `escape_markdown` of the complete text.

    Text that the next piece could make active is held back until then.
    """

    def __init__(self) -> None:
        self._held = ""

    def add(self, piece: str) -> str:
        """Return the next text that can be escaped for certain; may be empty."""
        text = self._held + piece
        end = len(text.rstrip(_VISIBLE_ASCII))
        self._held = text[end:]
        return escape_markdown(text[:end])

    def end(self) -> str:
        rest = escape_markdown(self._held)
        self._held = ""
        return rest
