"""Decodes obfuscated text: spaced letters, base64, hex, look-alike and reversed letters."""

import base64
import binascii
import codecs
import html
import re
from collections.abc import Callable
from itertools import islice
from urllib.parse import unquote

from ingest.japanese import nfkc

_JAPANESE = "ぁ-んァ-ヶー一-龥"
_SPACE_BETWEEN = re.compile(rf"(?<=[{_JAPANESE}])\s+(?=[{_JAPANESE}、。])")
# Single characters apart, three of them at least: 無/視/し/て, i g n o r e.
_APART = re.compile(r"(?<![^\W_])(?:[^\W_](?:[ \t]*[-_.,・、*/|+~][ \t]*|[ \t]+)){2,}[^\W_](?![^\W_])")
_SEPARATOR = re.compile(r"[\W_]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:(?:\\x|0x|%)?[0-9a-f]{2}[\s,:]?){8,}", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u\{?([0-9a-f]{4,5})\}?", re.IGNORECASE)
# Three words in Latin letters: fewer carry no order.
_LATIN_WORDS = re.compile(r"(?:[A-Za-z]{2,}[^A-Za-z]{1,3}){2}[A-Za-z]{2,}")
# A word with digits or signs among its letters: 1gn0r3.
_LEET_WORD = re.compile(r"[a-z0-9@$!|]*[a-z][a-z0-9@$!|]*", re.IGNORECASE)
_LEET = str.maketrans("0134578@$!|", "oleastbasil")
_LEET_I = str.maketrans("0134578@$!|", "oieastbasil")
# Cyrillic and Greek letters that look like Latin ones (Unicode Technical Standard 39, confusables, the lower case).
_ALIKE = str.maketrans("аеорсухіѕјһԁԛԝɡοαερνιυκτχАВЕКМНОРСТХ", "aeopcyxisjhdqwgoaepviuktxABEKMHOPCTX")
# How a text ends that begins like this when it is turned around: して, ください, ますか, instructions.
_TURNED = re.compile(
    r"[。.!?\s]*(?:いさ[だ下]|て[しえせ]|よせ|ろし|かすま|すで)|.*(?:snoitcurtsni|erongi|tpmorp)",
    re.IGNORECASE | re.DOTALL,
)
_ONLY_KATAKANA = re.compile(r"[^ぁ-ん一-龥A-Za-z]+")
_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
_DEPTH = 2
# Readings of a text that is none in disguise: of 8,000 questions and passages none had more than 12.
MOST = 16


def decoded_variants(text: str) -> list[str]:
    """Return what normalised `text` can be read as, each reading once and the text itself first.

    Letters apart are drawn together, codes decoded, look-alikes replaced, and what is written backwards turned around;
    what comes of that once more. At most `MOST` + 1 readings: a text that has as many is disguised, whatever it says.
    """
    found, last = {text: None}, [text]
    for _ in range(_DEPTH):
        undone = (nfkc(undo(one)) for one in last for undo in _UNDO)
        last = [*islice((one for one in dict.fromkeys(undone) if one not in found and one.strip()), MOST + 1)]
        found |= dict.fromkeys(last)
    return [*found][: MOST + 1]


def _join_spaced_letters(text: str) -> str:
    return _SPACE_BETWEEN.sub("", _APART.sub(lambda m: _SEPARATOR.sub("", m[0]), text))


def _decoded_base64(text: str) -> str:
    return _BASE64.sub(lambda m: _utf8(m[0], _from_base64), text)


def _from_base64(run: str) -> bytes:
    body = run.rstrip("=").replace("-", "+").replace("_", "/")
    return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)


def _decoded_hex(text: str) -> str:
    return _HEX.sub(lambda m: _utf8(m[0], _from_hex), text)


def _from_hex(run: str) -> bytes:
    return bytes.fromhex(re.sub(r"\\x|0x|[^0-9a-f]", "", run, flags=re.IGNORECASE))


def _utf8(run: str, decode: Callable[[str], bytes]) -> str:
    """Return what a run says, or the run itself where it is no code of readable text."""
    try:
        said = decode(run).decode("utf-8")
    except (binascii.Error, ValueError):
        return run
    return said if said.isprintable() else run


def _unescaped(text: str) -> str:
    return html.unescape(unquote(_ESCAPED.sub(lambda m: chr(int(m[1], 16)), text)))


def _rotated(text: str) -> str:
    return codecs.encode(text, "rot13") if _LATIN_WORDS.search(text) else text


def _leet(text: str, table: dict[int, int]) -> str:
    return _LEET_WORD.sub(lambda m: m[0].translate(table), text)


def _latin(text: str) -> str:
    return text.translate(_ALIKE)


_UNDO: tuple[Callable[[str], str], ...] = (
    _join_spaced_letters,
    _decoded_base64,
    _decoded_hex,
    _unescaped,
    _rotated,
    lambda text: _leet(text, _LEET),
    lambda text: _leet(text, _LEET_I),
    _latin,
    lambda text: text[::-1] if _TURNED.match(text) else text,
    lambda text: text.translate(_TO_HIRAGANA) if _ONLY_KATAKANA.fullmatch(text) else text,
)
