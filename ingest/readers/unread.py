"""The line that stands for a page whose text cannot be read, so that it is named and nothing of it is indexed."""

# U+FFFC OBJECT REPLACEMENT CHARACTER: an object stands here that is no text.
_OBJECT = "\ufffc"
REASON = "文字を読み取れないページ（OCR が必要です）"


def unread_page(number: int) -> str:
    """Return the line for the page `number`, which counts from 1."""
    return f"{_OBJECT}{number}ページ"


def unread_name(text: str) -> str:
    """Return how people call the page that such a line stands for: 3ページ."""
    return text.removeprefix(_OBJECT)


def is_unread(text: str) -> bool:
    """Whether a line stands for a page that could not be read."""
    return text.startswith(_OBJECT)
