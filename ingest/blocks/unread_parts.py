"""Reasons for what a reader leaves out of a page, and names of what it could not read."""

from collections.abc import Sequence

from ingest.documents import Block

UNREAD_PAGE_REASON = "文字を読み取れないページ（OCR が必要です）"
UNREAD_CELL = "（画像のため読み取れません）"
"""The text of a table's cell that holds a picture."""
UNSEEN_REASON = "ページに表示されない文字"
STRUCK_REASON = "取り消し線"
HIDDEN_REASON = "画面に表示されない部分"
HIDDEN_TEXT_REASON = "隠し文字"
HIDDEN_CELLS_REASON = "非表示の行・列"
HIDDEN_SHEET_REASON = "非表示のシート"
UNREAD_PICTURES_REASON = "読んでいない画像・図"
UNCHOSEN_REASON = "印のない選択肢"
_MAX_LISTED_PAGES = 5


def unread_page(number: int, line: int) -> Block:
    """Return the block for page `number` (from 1) without readable text."""
    return Block("dropped", f"{number}ページ", (line,), number, UNREAD_PAGE_REASON)


def unread_pictures(name: str, pages: Sequence[int], line: int) -> Block:
    """Return the block for pictures or drawings on `pages`."""
    more = "など" if len(pages) > _MAX_LISTED_PAGES else ""
    text = f"{name}（{'、'.join(map(str, pages[:_MAX_LISTED_PAGES]))}ページ{more}）"
    return Block("dropped", text, (line,), pages[-1], UNREAD_PICTURES_REASON)


def unseen_text(text: str, page: int, line: int) -> Block:
    """Return the block for text that is in the file and not shown on its page."""
    return Block("dropped", text, (line,), page, UNSEEN_REASON)
