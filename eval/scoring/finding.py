"""The result of one check of an answer."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class AnswerFinding:
    """The result of one check; `reason` says in Japanese what it found or missed."""

    check: Literal["status", "must", "must_not", "cite", "sound", "error"]
    passed: bool
    reason: str
