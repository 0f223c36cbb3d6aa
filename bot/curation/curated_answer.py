"""Data models of curated answers: proposals, published versions and their status."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

"""The generator of answers that staff wrote; others name a language model."""
CuratedState = Literal["served", "later", "expired", "review", "withdrawn"]
"""`later` and `expired` by its validity; `review` because a source has changed or was superseded."""


@dataclass(frozen=True, slots=True)
class ProposedSource:
    """A passage that a proposal cites, with a verbatim quote."""

    passage_id: str
    quote: str


@dataclass(frozen=True, slots=True)
class AnswerProposal:
    """An answer that staff propose. `[n]` in `text` cites `sources[n - 1]`; with one source the marks are optional.

    `wordings` are the questions that it answers, each understandable on its own. Without `valid_from` and
    `valid_until` it is valid as long as its documents. `group_id` is the group that it answers, if any. A change of a
    curated answer has its `curated_id`, and the version that it changes as `based_on`.
    """

    text: str
    sources: tuple[ProposedSource, ...]
    wordings: tuple[str, ...]
    author: str
    group_id: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    curated_id: str | None = None
    based_on: int | None = None


@dataclass(frozen=True, slots=True)
class PublishedSource:
    """A source at the time of publication; `digest` is the SHA-256 of the passage's content."""

    passage_id: str
    doc_id: str
    section: str
    quote: str
    digest: str


@dataclass(frozen=True, slots=True)
class CuratedAnswer:
    """One version of a curated answer, counted from 1; the newest is served. Times are UTC.

    `text` includes the citation marks. A `withdrawn` version ends the answer, with the reason in `note`.
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
    """A curated answer with its state; `reasons` say in Japanese why it is not served."""

    curated: CuratedAnswer
    state: CuratedState
    reasons: tuple[str, ...] = ()
