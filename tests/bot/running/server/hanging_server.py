"""A server that hangs at one question, with all its threads: `python -m tests.bot.running.server.hanging_server serve`.

Its workers import this module, too.
"""

import re
import sys

from bot.__main__ import main
from bot.answering.question.text_limits import check_question
from bot.running.service import service

QUESTION = "終わらない正規表現"


def check_or_hang(text: str) -> None:
    if text == QUESTION:
        re.fullmatch("(a+)+b", "a" * 100)
    check_question(text)


service.check_question = check_or_hang  # type: ignore[attr-defined]

if __name__ == "__main__":
    sys.exit(main())
