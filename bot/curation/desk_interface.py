"""Interface of the staff desk: the queue of open questions and the curated answers.

The one door for pages and commands (`Service.desk`); what stands behind it is in the other files of this room.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Protocol

from bot.curation.answers import CuratedAnswer, CuratedStatus, Proposal
from bot.curation.groups import AnsweredShare, Group, GroupWithEntries, State
from ingest.documents import Passage

WAITING: frozenset[State] = frozenset({"open", "in_work", "review"})
"""The states in which a group still needs somebody."""


class Desk(Protocol):
    """Safe to share between threads and processes. Every method raises StorageError, those on the index NoIndexError.

    `by` and `author` name who does it, as the page knows them; texts of staff are kept with personal data masked, save
    the curated answer itself, which must stand in its source. Whether somebody may do it is asked before, of the person
    (`bot.auth.Person.as_publisher`).
    """

    def groups(self, states: Collection[State] = WAITING, limit: int | None = None, offset: int = 0) -> Sequence[Group]:
        """Take in what is new and return the groups in these states, that with the newest entry first."""
        ...

    def group(self, group_id: str) -> GroupWithEntries:
        """Return a group with its entries, the newest first. Raises UnknownGroupError."""
        ...

    def waiting(self) -> int:
        """Return how many groups wait for staff, as far as they were taken in; cheap enough for a gauge."""
        ...

    def take(self, group_id: str, by: str) -> Group:
        """Put a group in work.

        Raises UnknownGroupError, and ChangedMeanwhileError where somebody else has it in work or has closed it.
        """
        ...

    def dismiss(self, group_id: str, by: str, reason: str) -> Group:
        """Close a group without an answer; what joins it later stays closed too.

        An answer that it had, and that is served no more, is withdrawn. Raises DeskError without a reason,
        UnknownGroupError, ChangedMeanwhileError where it has been answered or is in somebody else's work.
        """
        ...

    def reopen(self, group_id: str, by: str) -> Group:
        """Put a group that is in work or dismissed back among the open ones.

        Raises UnknownGroupError, ChangedMeanwhileError.
        """
        ...

    def propose(self, proposal: Proposal) -> list[str]:
        """Return what is wrong with a proposal, in Japanese; nothing is kept. An empty list means it can be published.

        Its text is held against its sources by the checks that every answer passes.
        """
        ...

    def publish(self, proposal: Proposal) -> CuratedAnswer:
        """Keep the proposal as a new version and serve it from now on; its group, if it names none, is a new one.

        Raises ProposalError with the problems, UnknownGroupError, UnknownCuratedError, and ChangedMeanwhileError where
        somebody else published first.
        """
        ...

    def withdraw(self, curated_id: str, by: str, reason: str) -> CuratedAnswer:
        """Serve it no more, from now on; its versions stay and its group is open again.

        Raises DeskError, UnknownCuratedError.
        """
        ...

    def curated(self) -> Sequence[CuratedStatus]:
        """Return the newest version of each curated answer with how it stands today, the newest first."""
        ...

    def versions(self, curated_id: str) -> Sequence[CuratedAnswer]:
        """Return all versions of a curated answer, the newest first. Raises UnknownCuratedError."""
        ...

    def sources(self, curated_id: str) -> Sequence[Passage | None]:
        """Return the passages of its sources in their order, None for one that does not say any more what it said.

        Raises UnknownCuratedError.
        """
        ...

    def case(self, curated_id: str) -> dict[str, Any]:
        """Return the curated answer as a regression case in the format of `eval/cases`. Raises UnknownCuratedError."""
        ...

    def answered_share(self, month: date | None = None) -> AnsweredShare:
        """Ask what stayed unanswered in the calendar month of a day (by default last month) again, for today.

        Nothing of it is recorded. Takes about as long as answering them all.
        """
        ...
