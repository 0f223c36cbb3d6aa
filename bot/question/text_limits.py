"""Whether a question's text can be answered: its length, and whether there is anything to read in it."""

import re

from bot.errors import BadQuestionError, QuestionTooLongError
from ingest.japanese import nfkc

# A letter or a digit of any script; what calls the API reads the same in its document (bot/http/schemas.py).
_WORD = re.compile(r"[^\W_]")
# What JSON can write and no database or digest can take: half a character, and NUL.
UNREADABLE = re.compile(r"[\x00\ud800-\udfff]")


def check_length(text: str, most: int) -> None:
    """Raise QuestionTooLongError for a text of more than `most` characters, as it was sent or as it is read (NFKC).

    One character can be many when it is read: U+FDFA is eighteen. Every later rule works on those.
    """
    count = len(text)
    if count <= most:  # a longer text is refused without reading it
        count = max(count, len(nfkc(text)))
    if count > most:
        raise QuestionTooLongError(
            f"質問が長すぎます（{count:,}文字）。{most:,}文字以内に短くしてください。"
            + ("㍿やﷺのような組み文字は、ほどいた文字の数で数えます。" if len(text) <= most else "")
        )


def check_question(text: str, most: int) -> None:
    """Raise BadQuestionError where a text is too long, empty, of signs alone, or cannot be stored."""
    check_length(text, most)
    if not text.strip():
        raise BadQuestionError("質問が空です。知りたいことを文章で書いてください。")
    if UNREADABLE.search(text):
        raise BadQuestionError("読めない文字が含まれています。取り除いて、もう一度送ってください。")
    if not _WORD.search(text):
        raise BadQuestionError("記号だけでは質問を読み取れません。知りたいことを言葉で書いてください。")
