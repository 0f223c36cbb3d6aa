"""Placeholder lines for pages and pictures that could not be read."""

from collections.abc import Sequence

# U+FFFC OBJECT REPLACEMENT CHARACTER: an object stands here that is no text.
_OBJECT = "\ufffc"
REASON = "文字を読み取れないページ（OCR が必要です）"
PICTURES = "読んでいない画像・図"
# Pages that are named.
_NAMED = 5


def unread_page(number: int) -> str:
    """Return the line for the page `number`, which counts from 1."""
    return f"{_OBJECT}{number}ページ"


def unread_pictures(count: int, pages: Sequence[int]) -> str:
    """Return the line for so many pictures, which stand on `pages`."""
    more = "など" if len(pages) > _NAMED else ""
    return f"{_OBJECT}画像・図{count:,}点（{'、'.join(map(str, pages[:_NAMED]))}ページ{more}）"


def unread_reason(text: str) -> str:
    """Return the reason for which such a line is in no passage."""
    return PICTURES if text.startswith(f"{_OBJECT}画像") else REASON


def unread_name(text: str) -> str:
    """Return how people call what such a line stands for: 3ページ."""
    return text.removeprefix(_OBJECT)


def is_unread(text: str) -> bool:
    """Whether a line stands for what could not be read."""
    return text.startswith(_OBJECT)
