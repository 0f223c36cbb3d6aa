"""Rejects questions that are too long, empty, or contain no readable text."""

import re

from bot.errors import BadQuestionError, QuestionTooLongError
from ingest.japanese import nfkc

# A letter or digit of any script; bot/channels/api/schemas.py documents the same pattern to callers of the API.
_WORD = re.compile(r"[^\W_]")
MAX_QUESTION_CHARS = 1000
"""Longest question in characters of the normal form (NFKC)."""
# JSON can contain a lone surrogate and NUL, but databases and digests reject them.
UNREADABLE = re.compile(r"[\x00\ud800-\udfff]")
UNREADABLE_TEXT = "読めない文字が含まれています。取り除いて、もう一度送ってください。"


def check_length(text: str, max_characters: int = MAX_QUESTION_CHARS) -> None:
    """Raise QuestionTooLongError for a text that is too long, as sent or in normal form (NFKC).

    Normalisation can lengthen a text: U+FDFA becomes eighteen characters, and all later steps work on those.
    """
    count = len(text)
    if count <= max_characters:  # a text that is too long as sent need not be normalised
        count = max(count, len(nfkc(text)))
    if count > max_characters:
        raise QuestionTooLongError(
            f"質問が長すぎます（{count:,}文字）。{max_characters:,}文字以内に短くしてください。"
            + ("㍿やﷺのような組み文字は、ほどいた文字の数で数えます。" if len(text) <= max_characters else "")
        )


def check_question(text: str) -> None:
    """Raise BadQuestionError for a text that is too long, empty, only punctuation, or cannot be stored."""
    check_length(text)
    if not text.strip():
        raise BadQuestionError("質問が空です。知りたいことを文章で書いてください。")
    if UNREADABLE.search(text):
        raise BadQuestionError(UNREADABLE_TEXT)
    if not _WORD.search(text):
        raise BadQuestionError("記号だけでは質問を読み取れません。知りたいことを言葉で書いてください。")
