"""The staff desk over one service's index and records."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import Engine

from bot.answers.curated_records import AnswerProposal, CuratedAnswer, CuratedRecords, CuratedStatus
from bot.answers.curated_status import IndexedAnswer, SourceLookup
from bot.curation.grouping import Intake, QuestionEncoder
from bot.curation.proposal import find_problems, to_curated_answer
from bot.curation.queue_records import (
    CHANGED,
    STATE_NAMES,
    Group,
    GroupRepresentative,
    GroupWithEntries,
    QueueRecords,
    State,
)
from bot.curation.regression_case import to_regression_case
from bot.errors import ChangedMeanwhileError, DeskError, ProposalError
from bot.privacy.personal import mask_personal_data
from ingest.documents import Passage
from ingest.japanese import nfkc

if TYPE_CHECKING:
    from bot.pipeline import OpenedIndex

# Stored states that are shown as `review` if the answer is no longer served; a group in work is already being handled.
_MAY_NEED_REVIEW: frozenset[State] = frozenset({"answered", "open", "dismissed"})
# The states that each state may follow, so that an outdated page does not undo a change by somebody else.
_FOLLOWS: dict[State, frozenset[State]] = {
    "in_work": frozenset({"open", "in_work", "review"}),
    "dismissed": frozenset({"open", "in_work", "review"}),
    "open": frozenset({"in_work", "dismissed"}),
}
WAITING: frozenset[State] = frozenset({"open", "in_work", "review"})
"""The states of groups that wait for staff."""
_ALREADY = "この質問のまとまりには、すでに回答があります。その回答を改めてください。"


class StaffDesk:
    """The queue of open questions and the curated answers; safe to share between threads and processes.

    Every method raises StorageError, and NoIndexError if it needs the index, which `open_index` returns. `by` and
    `AnswerProposal.author` are names of staff, whose permissions callers check first. Their texts are stored with
    personal data masked, except for curated answers, which must match their sources. `audit` records who changed the
    served answers, and how.
    """

    def __init__(
        self,
        engine: Engine,
        open_index: Callable[[], "OpenedIndex"],
        clock: Callable[[], date],
        audit: Callable[[str, str], None],
    ) -> None:
        self._open_index = open_index
        self._clock = clock
        self._audit = audit
        self._queue = QueueRecords(engine)
        self._intake = Intake(self._queue)
        self.curated_records = CuratedRecords(engine)

    def groups(self, states: Collection[State] = WAITING) -> list[Group]:
        """Take in new questions and return the groups in these states, the one with the newest entry first."""
        opened = self._open_index()
        self._intake.take_in(QuestionEncoder(opened))
        stored_states = {*states, *(_MAY_NEED_REVIEW if "review" in states else ())}
        unserved = self._reasons_not_served(opened)
        groups = [_with_review_state(group, unserved) for group in self._queue.groups(stored_states)]
        return [group for group in groups if group.state in states]

    def group(self, group_id: str) -> GroupWithEntries:
        """Return a group with its entries, the newest first. Raises UnknownGroupError."""
        group = _with_review_state(self._queue.group(group_id), self._reasons_not_served(self._open_index()))
        return GroupWithEntries(group, self._queue.entries(group_id))

    def waiting(self) -> int:
        """Return the number of groups that wait for staff, taking in at most one batch, so that metrics may call it."""
        opened = self._open_index()
        self._intake.take_in(QuestionEncoder(opened), max_batches=1)
        return self._queue.count(("open", "in_work"), self._reasons_not_served(opened))

    def take(self, group_id: str, by: str) -> Group:
        """Put a group in work. Raises UnknownGroupError, ChangedMeanwhileError."""
        return self._change(group_id, "in_work", by)

    def dismiss(self, group_id: str, by: str, reason: str) -> Group:
        """Close a group without an answer, also for later questions; an answer that is no longer served is withdrawn.

        Raises DeskError without a reason, UnknownGroupError, ChangedMeanwhileError.
        """
        group = self._change(group_id, "dismissed", by, _masked_reason(reason))
        self._audit(by, f"質問のまとまり {group_id} を回答なしで閉じました")
        return group

    def reopen(self, group_id: str, by: str) -> Group:
        """Open a group again. Raises UnknownGroupError, ChangedMeanwhileError."""
        return self._change(group_id, "open", by)

    def propose(self, proposal: AnswerProposal) -> list[str]:
        """Return the problems of a proposal, in Japanese."""
        return find_problems(proposal, self._open_index(), self._clock())

    def publish(self, proposal: AnswerProposal) -> CuratedAnswer:
        """Store the proposal as a new version and serve it, in a new group if it names none.

        Raises ProposalError, UnknownGroupError, UnknownCuratedError, ChangedMeanwhileError.
        """
        opened = self._open_index()
        # Questions from before the publication, taken in afterwards, would open the group again.
        self._intake.take_in(QuestionEncoder(opened))
        if problems := find_problems(proposal, opened, self._clock()):
            raise ProposalError(problems)
        previous = self._previous_version(proposal, opened)
        published = self.curated_records.add(to_curated_answer(proposal, opened.index, previous), "answered")
        self._audit(published.author, f"回答 {published.id}（第{published.version}版）を公開しました")
        return published

    def withdraw(self, curated_id: str, by: str, reason: str) -> CuratedAnswer:
        """Stop serving an answer and open its group again. Raises DeskError, UnknownCuratedError."""
        withdrawn = self._withdraw(curated_id, by, _masked_reason(reason), "open")
        self._audit(by, f"回答 {curated_id} を取り下げました")
        return withdrawn

    def curated(self) -> Sequence[CuratedStatus]:
        """Return the newest version of each curated answer with its status today, the newest first."""
        return self._statuses(self._open_index())

    def versions(self, curated_id: str) -> Sequence[CuratedAnswer]:
        """Return all versions of a curated answer, the newest first. Raises UnknownCuratedError."""
        return self.curated_records.versions(curated_id)

    def sources(self, curated_id: str) -> Sequence[Passage | None]:
        """Return the passages of its sources in order, None for a changed one. Raises UnknownCuratedError."""
        lookup = SourceLookup(self._open_index().index)
        return [lookup.passage(source) for source in self.curated_records.versions(curated_id)[0].sources]

    def case(self, curated_id: str) -> dict[str, Any]:
        """Return the curated answer as a regression case. Raises UnknownCuratedError, DeskError."""
        curated = self.curated_records.versions(curated_id)[0]
        indexed = IndexedAnswer(curated, SourceLookup(self._open_index().index))
        return to_regression_case(curated, indexed.passages)

    def _previous_version(self, proposal: AnswerProposal, opened: "OpenedIndex") -> CuratedAnswer:
        records = self.curated_records
        curated_id = proposal.curated_id or (proposal.group_id and records.id_for_group(proposal.group_id))
        if curated_id:
            last = records.versions(curated_id)[0]
            if proposal.curated_id is None and not last.withdrawn:
                raise ChangedMeanwhileError(_ALREADY)
            # Storing fails if somebody else has published the version after `based_on`.
            return last if proposal.based_on is None else replace(last, version=proposal.based_on)
        group_id = proposal.group_id and self._queue.group(proposal.group_id).id
        if not group_id:
            group_id, question, day = uuid4().hex, proposal.wordings[0].strip(), self._clock()
            encoder = QuestionEncoder(opened)
            vector = encoder.encode([encoder.signatures.from_text(nfkc(question), day)])[0]
            self._queue.add_group(GroupRepresentative(group_id, question, day, vector, encoder.name))
        return CuratedAnswer("", 0, group_id, "", (), (), "", datetime.now(UTC))

    def _change(self, group_id: str, state: State, by: str, note: str = "") -> Group:
        group = self._queue.group(group_id)
        unserved = self._reasons_not_served(self._open_index())
        current = _with_review_state(group, unserved).state
        if state != "open" and current == "in_work" and group.by != by:
            raise ChangedMeanwhileError(f"{group.by}さんが対応しています。代わるときは、先に未対応に戻してください。")
        if current not in _FOLLOWS[state]:
            raise ChangedMeanwhileError(CHANGED.format(STATE_NAMES[current]))
        self._queue.change(group, state, by, note)
        if state == "dismissed" and group_id in unserved and group.curated_id:
            self._withdraw(group.curated_id, by, note, state)
        return self._queue.group(group_id)

    def _withdraw(self, curated_id: str, by: str, note: str, state: State) -> CuratedAnswer:
        last = self.curated_records.versions(curated_id)[0]
        withdrawn = replace(last, version=last.version + 1, author=by, withdrawn=True, note=note)
        return self.curated_records.add(withdrawn, state)

    def _statuses(self, opened: "OpenedIndex") -> list[CuratedStatus]:
        sources, day = SourceLookup(opened.index), self._clock()
        return [IndexedAnswer(curated, sources).status_on(day) for curated in self.curated_records.newest()]

    def _reasons_not_served(self, opened: "OpenedIndex") -> dict[str, str]:
        unserved = [status for status in self._statuses(opened) if status.state in {"review", "expired"}]
        return {status.curated.group_id: " ".join(status.reasons) for status in unserved}


def _masked_reason(reason: str) -> str:
    if not reason.strip():
        raise DeskError("理由を書いてください。あとで見る人に伝わります。")
    return mask_personal_data(reason.strip())


def _with_review_state(group: Group, unserved: dict[str, str]) -> Group:
    if group.state not in _MAY_NEED_REVIEW or group.id not in unserved:
        return group
    return replace(group, state="review", note=unserved[group.id])
