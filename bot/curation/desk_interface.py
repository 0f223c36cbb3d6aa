"""Interface of the staff desk (`Service.desk`): the queue of open questions and the curated answers."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Protocol

from bot.curation.curated_answer import AnswerProposal, CuratedAnswer, CuratedStatus
from bot.curation.groups import AnsweredShare, Group, GroupWithEntries, State
from ingest.documents import Passage

WAITING: frozenset[State] = frozenset({"open", "in_work", "review"})
"""The states of groups that wait for staff."""


class Desk(Protocol):
    """The queue and the curated answers; safe to share between threads and processes.

    Every method raises StorageError, and NoIndexError if it needs the index. `by` and `AnswerProposal.author` are names
    of staff. Their texts are stored with personal data masked, except for curated answers, which must match their
    sources. Callers check permissions first (`bot.auth.Person.require_publisher`).
    """

    def groups(self, states: Collection[State] = WAITING, limit: int | None = None, offset: int = 0) -> Sequence[Group]:
        """Take in new questions and return the groups in these states, the one with the newest entry first."""
        ...

    def group(self, group_id: str) -> GroupWithEntries:
        """Return a group with its entries, the newest first. Raises UnknownGroupError."""
        ...

    def waiting(self) -> int:
        """Return the number of groups that wait for staff, taking in at most one batch, so that metrics may call it."""
        ...

    def take(self, group_id: str, by: str) -> Group:
        """Put a group in work.

        Raises UnknownGroupError, and ChangedMeanwhileError if somebody else works on it or has closed it.
        """
        ...

    def dismiss(self, group_id: str, by: str, reason: str) -> Group:
        """Close a group without an answer, also for later questions; an answer that is no longer served is withdrawn.

        Raises DeskError without a reason, UnknownGroupError, and ChangedMeanwhileError if it was answered or somebody
        else works on it.
        """
        ...

    def reopen(self, group_id: str, by: str) -> Group:
        """Open a group again that is in work or dismissed.

        Raises UnknownGroupError, ChangedMeanwhileError.
        """
        ...

    def propose(self, proposal: AnswerProposal) -> list[str]:
        """Return the problems of a proposal in Japanese, without storing it; without problems it can be published.

        Its text is verified against its sources like every answer.
        """
        ...

    def publish(self, proposal: AnswerProposal) -> CuratedAnswer:
        """Store the proposal as a new version and serve it, in a new group if it names none.

        Raises ProposalError with the problems, UnknownGroupError, UnknownCuratedError, and ChangedMeanwhileError if
        somebody else published first.
        """
        ...

    def withdraw(self, curated_id: str, by: str, reason: str) -> CuratedAnswer:
        """Stop serving an answer and open its group again; its versions stay.

        Raises DeskError, UnknownCuratedError.
        """
        ...

    def curated(self) -> Sequence[CuratedStatus]:
        """Return the newest version of each curated answer with its status today, the newest first."""
        ...

    def versions(self, curated_id: str) -> Sequence[CuratedAnswer]:
        """Return all versions of a curated answer, the newest first. Raises UnknownCuratedError."""
        ...

    def sources(self, curated_id: str) -> Sequence[Passage | None]:
        """Return the passages of its sources in order, None for one whose content has changed.

        Raises UnknownCuratedError.
        """
        ...

    def case(self, curated_id: str) -> dict[str, Any]:
        """Return the curated answer as a regression case in the format of `eval/cases`. Raises UnknownCuratedError."""
        ...

    def answered_share(self, month: date | None = None) -> AnsweredShare:
        """Ask the unanswered questions of a calendar month (by default last month) again and count the outcomes.

        Nothing is recorded. Takes about as long as answering them all.
        """
        ...
