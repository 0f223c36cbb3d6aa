"""Detects the encoding of Japanese text files and decodes them."""

import re

from ingest.errors import UnreadableDocumentError
from ingest.readers.mojibake import broken_share

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
# As web pages name them; "shift_jis" is written where CP932 is meant.
_DECLARED = {
    "utf-8": "utf-8",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "cp932": "cp932",
    "euc-jp": "euc_jp",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
}
# PDF, RTF and ZIP (Office) may happen to hold no zero byte.
_NOT_TEXT = (b"%PDF-", b"{\\rtf", b"PK\x03\x04")
# Measured on 931 bulletins, both sources and their mis-decodings: decision 041.
_MOST_BROKEN = 0.02


def decode(data: bytes, name: str, declared: str = "") -> str:
    """Return `data` as text: UTF-8, UTF-16 with a mark, ISO-2022-JP, Shift_JIS (CP932) or EUC-JP.

    What the file says of itself, `declared`, holds where all of it can be read so. Raises UnreadableDocumentError
    for binary content, an encoding that cannot be told, and mojibake; it names the file as `name`.
    """
    encoding = next((encoding for mark, encoding in _MARKS.items() if data.startswith(mark)), None)
    if data.startswith(_NOT_TEXT) or (encoding != "utf-16" and b"\0" in data):
        raise UnreadableDocumentError(
            f"{name}: 文字だけのファイルではありません。元のソフトで開き、テキスト（UTF-8）で保存し直してください。"
        )
    text = _try(data, encoding) if encoding else _decode_declared(data, declared) or _guess(data)
    if text is None:
        raise UnreadableDocumentError(f"{name}: 文字コードが分かりません。UTF-8 で保存し直してください。")
    if broken_share(text) > _MOST_BROKEN:
        raise UnreadableDocumentError(
            f"{name}: 文字化けしているか、日本語の文書ではありません。元の文書から UTF-8 で書き出し直してください。"
        )
    return text


def _decode_declared(data: bytes, declared: str) -> str | None:
    encoding = _DECLARED.get(declared.lower().replace("_", "-"))
    text = _try(data, encoding) if encoding else None
    return text if text and broken_share(text) <= _MOST_BROKEN else None


def _guess(data: bytes) -> str | None:
    """Return the text in the encoding that these bytes must be in, or None.

    ISO-2022-JP is known by its escape bytes. Kana in Shift_JIS begin with a byte that EUC-JP never has, so that what
    both can read is EUC-JP, unless it is half-width kana in Shift_JIS from end to end.
    """
    if b"\x1b$" in data and (text := _try(data, "iso2022_jp_ext")) is not None:
        return text
    if (text := _try(data, "utf-8")) is not None:
        return text
    euc, shift_jis = _try(data, "euc_jp"), _try(data, "cp932")
    if euc is not None and (shift_jis is None or not _is_half_width(shift_jis)):
        return euc
    return shift_jis


def _try(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_half_width(text: str) -> bool:
    """Whether nothing but half-width kana stands beside ASCII; half of EUC-JP kana would be ､ and ･ here."""
    kana = re.findall(r"[^\x00-\x7f]", text)
    marks = sum(char in "､･" for char in kana)
    return all("｡" <= char <= "ﾟ" for char in kana) and marks * 4 < len(kana)
