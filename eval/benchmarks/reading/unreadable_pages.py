"""Pages wrongly called unreadable, and made pages with wrong character maps that are found."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

from eval.errors import SetFileError
from eval.metrics.statistics import standard_error
from ingest.errors import UnreadableDocumentError
from ingest.readers.coverage import read_reference_text
from ingest.readers.encoding import broken_share
from ingest.readers.readability import is_readable

# Pages with fewer letters are not made unreadable, and files without readable text not counted.
_MIN_LETTERS = 100
_MAX_BROKEN_SHARE = 0.2
# A made page differs from its source in this share of its letters.
_MIN_CHANGED_SHARE = 0.3
_HIRAGANA = range(0x3041, 0x3094)
_KATAKANA = range(0x30A1, 0x30F4)
_CID_START = 0x370
_CID_LENGTH = 0x1500
_OFFSETS = (-31, -29, -5, -3, -2, -1, 1, 2, 3, 5, 7, 16, 29, 31, 64)


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page, and whether its file is of the half on which thresholds were fitted."""

    file: str
    page: int | None
    text: str
    is_fitted: bool


def read_page_texts(folder: Path) -> list[PageText]:
    """Return the text of all pages of the PDFs in a folder. Raises SetFileError if there are none."""
    pages = [page for path in sorted(folder.glob("*.pdf")) for page in _file_pages(path)]
    if not pages:
        raise SetFileError(f"{folder}: 読める PDF がありません。--pdfs を確かめてください。")
    return pages


def _file_pages(path: Path) -> list[PageText]:
    is_fitted = md5(path.name.encode(), usedforsecurity=False).digest()[-1] % 2 == 0
    try:
        pages = [PageText(path.name, page, text, is_fitted) for page, text in read_reference_text(path)]
    except UnreadableDocumentError:
        return []
    is_text = broken_share("".join("".join(page.text.split()) for page in pages)) <= _MAX_BROKEN_SHARE
    return pages if is_text else []


def measure_unreadable_pages(pages: Sequence[PageText], made: int) -> dict[str, Any]:
    """Return for each half the rate of pages wrongly called unreadable, and of `made` pages of each kind found."""
    figures: dict[str, Any] = {}
    for name, half in (("fitted", True), ("held_out", False)):
        half_pages = [page for page in pages if page.is_fitted is half]
        wrong = [not is_readable(page.text) for page in half_pages]
        figures[name] = {"wrong": sum(wrong), "n": len(half_pages)} | _rate("wrong_rate", wrong)
        found = {kind: [_is_found(text) for text in _made_pages(half_pages, kind, made)] for kind in MADE_KINDS}
        figures[name]["made"] = {kind: {"found": sum(one), "n": len(one)} for kind, one in found.items()}
        figures[name] |= _rate("found_rate", [one for of_kind in found.values() for one in of_kind])
    return figures


def _rate(name: str, values: Sequence[bool]) -> dict[str, float]:
    numbers = [float(value) for value in values]
    return {name: sum(numbers) / len(numbers), f"{name}_se": standard_error(numbers)} if numbers else {}


def _is_found(text: str) -> bool:
    return not is_readable(text) or broken_share("".join(text.split())) > _MAX_BROKEN_SHARE


def _made_pages(pages: Sequence[PageText], kind: str, count: int) -> Iterator[str]:
    chance = random.Random(kind)  # noqa: S311 -- a sample, no secret
    rich = [page for page in pages if sum(map(str.isalpha, page.text)) >= _MIN_LETTERS]
    for page in chance.sample(rich, len(rich)):
        made = MADE_KINDS[kind](page.text, chance)
        changed = sum(a != b for a, b in zip(page.text, made, strict=True))
        if count and changed >= _MIN_CHANGED_SHARE * sum(map(str.isalpha, page.text)):
            count -= 1
            yield made


def _shift(text: str, chance: random.Random) -> str:
    offset = chance.choice(_OFFSETS)
    return "".join(char if char.isspace() else chr(max(1, ord(char) + offset)) for char in text)


def _shift_japanese(text: str, chance: random.Random) -> str:
    offset = chance.choice(_OFFSETS)
    return "".join(chr(ord(char) + offset) if "\u3000" < char < "\ud000" else char for char in text)


def _exchange_kana(text: str, chance: random.Random) -> str:
    return _exchange(_exchange(text, list(map(chr, _HIRAGANA)), chance), list(map(chr, _KATAKANA)), chance)


def _exchange_letters(text: str, chance: random.Random) -> str:
    return _exchange(text, sorted({char for char in text if char.isalnum()}), chance)


def _number_glyphs(text: str, chance: random.Random) -> str:
    first = chance.randrange(_CID_LENGTH)
    return "".join(
        chr(_CID_START + (first + 7 * ord(char)) % _CID_LENGTH) if char > "\u3000" else char for char in text
    )


def _exchange(text: str, letters: Sequence[str], chance: random.Random) -> str:
    others = chance.sample(letters, len(letters))
    return text.translate(dict(zip(map(ord, letters), others, strict=True)))


MADE_KINDS: Mapping[str, Callable[[str, random.Random], str]] = {
    "shifted": _shift,
    "shifted_japanese": _shift_japanese,
    "exchanged_kana": _exchange_kana,
    "exchanged_letters": _exchange_letters,
    "glyph_numbers": _number_glyphs,
}
"""Ways in which the letters of a page are made wrong."""
