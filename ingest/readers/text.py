"""Plain text and Markdown: bytes to lines, whatever Japanese encoding they are in."""

import re
from pathlib import Path

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError

_ENCODINGS = ("utf-8-sig", "iso2022_jp", "cp932", "euc_jp")
_JAPANESE = re.compile(r"[ぁ-んァ-ヶー一-龥、。・「」()()\x20-\x7e\s]")
_BROKEN = re.compile(r"\ufffd|縺[\u0000-\uffff]|繧[\u0000-\uffff]|繝[\u0000-\uffff]|[\u0080-\u00ff]{2}")
# Share of characters that must be ordinary Japanese or ASCII, and share of broken pairs above which a text is mojibake.
# Measured on both sources, 931 bulletins and their mis-decodings: eval/LOG.md, 2026-11-20.
_READABLE, _MOJIBAKE = 0.80, 0.02


def read_text(path: Path) -> list[Line]:
    """Return the lines of a text file; a form feed starts a new page.

    Raises UnreadableDocumentError for binary content, an encoding that cannot be told, and mojibake.
    """
    text = decode(path.read_bytes(), path.name)
    has_pages = "\f" in text
    lines, page = [], 1
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        parts = raw.split("\f")
        lines.append(Line(number, parts[0].rstrip(), page if has_pages else None))
        for part in parts[1:]:
            page += 1
            lines.append(Line(number, part.rstrip(), page))
    return lines


def decode(data: bytes, name: str) -> str:
    """Return `data` as text: UTF-8, UTF-16 with a mark, ISO-2022-JP, Shift_JIS (CP932) or EUC-JP."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="strict")
    if b"\0" in data:
        raise UnreadableDocumentError(
            f"{name}: 文字のファイルではありません。文書を .txt か .md で保存し直してください。"
        )
    texts = [text for encoding in _ENCODINGS if (text := _try(data, encoding)) is not None]
    if not texts:
        raise UnreadableDocumentError(f"{name}: 文字コードが分かりません。UTF-8 で保存し直してください。")
    text = texts[0] if _try(data, "utf-8") is not None else max(texts, key=_readable)
    if len(_BROKEN.findall(text)) > _MOJIBAKE * max(len(text), 1) or _readable(text) < _READABLE:
        raise UnreadableDocumentError(f"{name}: 文字化けしています。元の文書から UTF-8 で書き出し直してください。")
    return text


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _readable(text: str) -> float:
    """Share of characters that ordinary Japanese text is made of; 1 for an empty text."""
    return len(_JAPANESE.findall(text)) / len(text) if text else 1.0
