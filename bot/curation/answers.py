"""Data models of curated answers: proposals, published versions and their status."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

GENERATOR = "curated"
"""What names an answer that staff wrote as such, where others name a language model."""
CuratedState = Literal["served", "later", "expired", "review", "withdrawn"]
"""Whether it is served today: `later`, `expired` by its own days, `review` because a source does not hold any more."""


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that a proposal stands on, and words of it, letter for letter."""

    passage_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What staff would answer. `[n]` in `text` names `sources[n - 1]`; with one source the marks may be left out.

    `wordings` are the questions that it answers, each whole by itself. Without `valid_from` and `valid_until` it holds
    as long as its sources' documents do. `group_id` is the group that it answers, if any. To change a curated answer,
    give its `curated_id` and, as `based_on`, the version that was changed.
    """

    text: str
    sources: tuple[Source, ...]
    wordings: tuple[str, ...]
    author: str
    group_id: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    curated_id: str | None = None
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedSource:
    """A source as it was when the answer was published; `digest` is the SHA-256 of all that the passage says."""

    passage_id: str
    doc_id: str
    section: str
    quote: str
    digest: str


@dataclass(frozen=True, slots=True)
class CuratedAnswer:
    """One version of a curated answer; versions count from 1, the newest is the one that is served. Times are UTC.

    `text` has its marks. `withdrawn` ends it, and `note` says why. `created` is when this version was made.
    """

    id: str
    version: int
    group_id: str
    text: str
    sources: tuple[PublishedSource, ...]
    wordings: tuple[str, ...]
    author: str
    created: datetime
    valid_from: date | None = None
    valid_until: date | None = None
    withdrawn: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class CuratedStatus:
    """A curated answer and how it stands today; `reasons` say in Japanese why it is not served, if it is not."""

    curated: CuratedAnswer
    state: CuratedState
    reasons: tuple[str, ...] = ()
