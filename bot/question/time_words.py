"""Detects questions about the past, and the months that a text names."""

import re

_PAST = re.compile(
    r"(?<!午)[先前]月(?!曜)|[先前]回|前号|[昨去]年|一昨年|おととし|この前|先日|[年月週日]前(?!後|半)|(?<!年)以前|過去|当時|昔(?!話)"
    r"|先々?週|昨[日晩夜]|きのう|おととい|この間|終わっ"
)
# 6月, 2024年6月号 and 6/8.
_MONTH = re.compile(r"(?<![\d/])(1[0-2]|[1-9])(?:月|/\d)")


def is_about_past(topic: str) -> bool:
    """Whether a question asks for something past (先月の, 昨年の)."""
    return _PAST.search(topic) is not None


def named_months(text: str) -> frozenset[str]:
    """Return the months that a text names, as strings of their numbers."""
    return frozenset(_MONTH.findall(text))
