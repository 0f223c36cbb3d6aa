"""Hours of the day: whether one is asked for, whether one is told."""

import re

_ASKS = re.compile(r"何時(?!間)|なんじ")
HOUR = re.compile(r"\d{1,2}(?:時(?!間)|:\d\d)|午前|午後|正午")
"""Where an hour stands in normalised text."""


def asks_hour(question: str) -> bool:
    """Whether normalised text asks for an hour of the day; 何時間 asks how long."""
    return bool(_ASKS.search(question))
