"""Lines that stand for what could not be read, or hold what a person does not see: they reach no passage."""

from collections.abc import Sequence

# U+FFFC OBJECT REPLACEMENT CHARACTER: an object that is not text.
_OBJECT = "\ufffc"
UNREAD_PAGE_REASON = "文字を読み取れないページ（OCR が必要です）"
UNREAD_CELL = "（画像のため読み取れません）"
"""The text of a table's cell that holds a picture."""
UNSEEN_REASON = "ページに表示されない文字（非表示のレイヤー・枠外・白い文字・消した文字など）"
UNREAD_PICTURES_REASON = "読んでいない画像・図"
_MAX_LISTED_PAGES = 5


def unread_page(number: int) -> str:
    """Return the placeholder line of page `number` (from 1)."""
    return f"{_OBJECT}{number}ページ"


def unread_pictures(count: int, pages: Sequence[int]) -> str:
    """Return the placeholder line of `count` pictures on `pages`."""
    suffix = "など" if len(pages) > _MAX_LISTED_PAGES else ""
    return f"{_OBJECT}画像・図{count:,}点（{'、'.join(map(str, pages[:_MAX_LISTED_PAGES]))}ページ{suffix}）"


def unread_shapes(pages: Sequence[int]) -> str:
    """Return the placeholder line of shapes on `pages` that look like text and are none."""
    suffix = "など" if len(pages) > _MAX_LISTED_PAGES else ""
    return f"{_OBJECT}文字のように並んだ図形（{'、'.join(map(str, pages[:_MAX_LISTED_PAGES]))}ページ{suffix}）"


def unseen_text(text: str) -> str:
    """Return the line for text that is in the file and not shown on its page."""
    return f"{_OBJECT}{_OBJECT}{text}"


def unread_reason(text: str) -> str:
    """Return why such a line reaches no passage."""
    if text.startswith(_OBJECT * 2):
        return UNSEEN_REASON
    return UNREAD_PICTURES_REASON if text.startswith((f"{_OBJECT}画像", f"{_OBJECT}文字")) else UNREAD_PAGE_REASON


def unread_name(text: str) -> str:
    """Return the readable name of a placeholder line, e.g. 3ページ."""
    return text.lstrip(_OBJECT)


def is_unread(text: str) -> bool:
    """Whether a line stands for something that could not be read, or is not shown."""
    return text.startswith(_OBJECT)
