"""The staff's desk over one service's index and records."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine

from bot.curation.answered_share import count_answered_now, month_bounds, period_bounds
from bot.curation.answers import CuratedAnswer, CuratedStatus, Proposal
from bot.curation.curated_records import CuratedRecords
from bot.curation.desk_interface import WAITING
from bot.curation.group_records import CHANGED, GroupRecords
from bot.curation.grouping import make_question_encoder
from bot.curation.groups import STATE_NAMES, AnsweredShare, Group, GroupWithEntries, State
from bot.curation.intake import Intake
from bot.curation.publishing import Publisher
from bot.curation.queue_records import QueueRecords
from bot.curation.regression_case import to_regression_case
from bot.curation.served_pipeline import ServedPipeline
from bot.curation.status import IndexedAnswer, SourceLookup, statuses_on
from bot.errors import ChangedMeanwhileError, DeskError
from bot.privacy.personal import mask_personal_data
from ingest.documents import Passage

# Whatever became of the group since: that its answer is served no more is to be told, save to who is at work on it.
_MAY_NEED_REVIEW: frozenset[State] = frozenset({"answered", "open", "dismissed"})
# What each state may follow: a page that was opened earlier undoes nothing that somebody else has done since.
_FOLLOWS: dict[State, frozenset[State]] = {
    "in_work": frozenset({"open", "in_work", "review"}),
    "dismissed": frozenset({"open", "in_work", "review"}),
    "open": frozenset({"in_work", "dismissed"}),
}
_NEEDS_REASON = "理由を書いてください。あとで見る人に伝わります。"


class StaffDesk:
    """`open_pipeline` returns the pipeline of the generation in service, and raises NoIndexError; see `Desk`.

    `audit` is told who changed what is served, and how.
    """

    def __init__(
        self,
        engine: Engine,
        open_pipeline: Callable[[], ServedPipeline],
        clock: Callable[[], date],
        audit: Callable[[str, str], None],
    ) -> None:
        self._open_pipeline = open_pipeline
        self._clock = clock
        self._audit = audit
        self._groups = GroupRecords(engine)
        self._queue = QueueRecords(engine)
        self._intake = Intake(self._queue)
        self.shelf = CuratedRecords(engine)
        self._publishing = Publisher(self.shelf, self._groups, self._queue)

    def groups(self, states: Collection[State] = WAITING, limit: int | None = None, offset: int = 0) -> Sequence[Group]:
        """Take in what is new and return the groups in these states, that with the newest entry first."""
        pipeline = self._open_pipeline()
        self._intake.take_in(make_question_encoder(pipeline))
        kept = {*states, *(_MAY_NEED_REVIEW if "review" in states else ())}
        unserved = self._reasons_not_served(pipeline)
        found = (_with_review_state(group, unserved) for group in self._groups.groups(kept))
        return [group for group in found if group.state in states][offset : None if limit is None else offset + limit]

    def group(self, group_id: str) -> GroupWithEntries:
        """Return a group with its entries, the newest first. Raises UnknownGroupError."""
        group = _with_review_state(self._groups.group(group_id), self._reasons_not_served(self._open_pipeline()))
        return GroupWithEntries(group, self._groups.entries(group_id))

    def waiting(self) -> int:
        """Return how many groups wait; takes in at most a batch, so that it stays quick."""
        pipeline = self._open_pipeline()
        self._intake.take_in(make_question_encoder(pipeline), batches=1)
        return self._groups.count(("open", "in_work"), self._reasons_not_served(pipeline))

    def take(self, group_id: str, by: str) -> Group:
        """Put a group in work. Raises UnknownGroupError, ChangedMeanwhileError."""
        return self._change(group_id, "in_work", by)

    def dismiss(self, group_id: str, by: str, reason: str) -> Group:
        """Close a group without an answer. Raises DeskError, UnknownGroupError, ChangedMeanwhileError."""
        if not reason.strip():
            raise DeskError(_NEEDS_REASON)
        group = self._change(group_id, "dismissed", by, mask_personal_data(reason.strip()))
        self._audit(by, f"質問のまとまり {group_id} を回答なしで閉じました")
        return group

    def reopen(self, group_id: str, by: str) -> Group:
        """Put a group back among the open ones. Raises UnknownGroupError, ChangedMeanwhileError."""
        return self._change(group_id, "open", by)

    def propose(self, proposal: Proposal) -> list[str]:
        """Return what is wrong with a proposal, in Japanese."""
        return self._publishing.problems(proposal, self._open_pipeline(), self._clock())

    def publish(self, proposal: Proposal) -> CuratedAnswer:
        """Keep the proposal as a new version and serve it from now on.

        Raises ProposalError, UnknownGroupError, UnknownCuratedError, ChangedMeanwhileError.
        """
        pipeline = self._open_pipeline()
        # What was asked before the answer was there must not open its group again.
        self._intake.take_in(make_question_encoder(pipeline))
        published = self._publishing.publish(proposal, pipeline, self._clock())
        self._audit(published.author, f"回答 {published.id}（第{published.version}版）を公開しました")
        return published

    def withdraw(self, curated_id: str, by: str, reason: str) -> CuratedAnswer:
        """Serve it no more. Raises DeskError, UnknownCuratedError."""
        if not reason.strip():
            raise DeskError(_NEEDS_REASON)
        last = self.shelf.versions(curated_id)[0]
        note = mask_personal_data(reason.strip())
        out = self.shelf.add(replace(last, version=last.version + 1, author=by, withdrawn=True, note=note), "open")
        self._audit(by, f"回答 {curated_id} を取り下げました")
        return out

    def curated(self) -> Sequence[CuratedStatus]:
        """Return the newest version of each curated answer with how it stands today, the newest first."""
        index = self._open_pipeline().index
        return statuses_on(self.shelf.newest(), SourceLookup(index), self._clock())

    def versions(self, curated_id: str) -> Sequence[CuratedAnswer]:
        """Return all versions of a curated answer, the newest first. Raises UnknownCuratedError."""
        return self.shelf.versions(curated_id)

    def sources(self, curated_id: str) -> Sequence[Passage | None]:
        """Return the passages of its sources in their order, None for one that is gone. Raises UnknownCuratedError."""
        found = SourceLookup(self._open_pipeline().index)
        return [found.passage(source) for source in self.shelf.versions(curated_id)[0].sources]

    def case(self, curated_id: str) -> dict[str, Any]:
        """Return the curated answer as a regression case. Raises UnknownCuratedError, DeskError."""
        curated = self.shelf.versions(curated_id)[0]
        return to_regression_case(curated, IndexedAnswer(curated, SourceLookup(self._open_pipeline().index)).passages)

    def answered_share(self, month: date | None = None) -> AnsweredShare:
        """Ask what stayed unanswered in a month again, for today, and return what became of it."""
        pipeline, today = self._open_pipeline(), self._clock()
        self._intake.take_in(make_question_encoder(pipeline))
        first, last = month_bounds(month or today.replace(day=1) - timedelta(days=1))
        return count_answered_now(first, last, self._groups.unanswered(*period_bounds(first, last)), pipeline, today)

    def _change(self, group_id: str, state: State, by: str, note: str = "") -> Group:
        kept = self._groups.group(group_id)
        unserved = self._reasons_not_served(self._open_pipeline())
        stands = _with_review_state(kept, unserved).state
        if state != "open" and stands == "in_work" and kept.by != by:
            raise ChangedMeanwhileError(f"{kept.by}さんが対応しています。代わるときは、先に未対応に戻してください。")
        if stands not in _FOLLOWS[state]:
            raise ChangedMeanwhileError(CHANGED.format(STATE_NAMES[stands]))
        self._groups.change(kept, state, by, note)
        if state == "dismissed" and group_id in unserved and kept.curated_id:
            last = self.shelf.versions(kept.curated_id)[0]
            self.shelf.add(replace(last, version=last.version + 1, author=by, withdrawn=True, note=note), state)
        return self._groups.group(group_id)

    def _reasons_not_served(self, pipeline: ServedPipeline) -> dict[str, str]:
        """Return the groups whose answers are not served any more, each with the reasons."""
        found = statuses_on(self.shelf.newest(), SourceLookup(pipeline.index), self._clock())
        return {s.curated.group_id: " ".join(s.reasons) for s in found if s.state in {"review", "expired"}}


def _with_review_state(group: Group, unserved: dict[str, str]) -> Group:
    if group.state not in _MAY_NEED_REVIEW or group.id not in unserved:
        return group
    return replace(group, state="review", note=unserved[group.id])
