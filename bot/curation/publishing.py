"""Checks and publishes the curated answers that staff propose."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

from bot.curation.answers import CuratedAnswer, Proposal
from bot.curation.curated_records import CuratedRecords
from bot.curation.group_records import GroupRecords
from bot.curation.grouping import make_question_encoder
from bot.curation.proposal import ProposalContext, find_problems, to_curated_answer
from bot.curation.queue_records import GroupRepresentative, QueueRecords
from bot.curation.served_pipeline import ServedPipeline
from bot.errors import ChangedMeanwhileError, ProposalError
from ingest.japanese import nfkc

_ALREADY = "この質問のまとまりには、すでに回答があります。その回答を改めてください。"


class Publisher:
    """Safe to share between threads and processes."""

    def __init__(self, shelf: CuratedRecords, groups: GroupRecords, queue: QueueRecords) -> None:
        self._shelf = shelf
        self._groups = groups
        self._queue = queue

    def problems(self, proposal: Proposal, pipeline: ServedPipeline, day: date) -> list[str]:
        """Return what is wrong with a proposal on a day, in Japanese."""

        def served(question: str) -> CuratedAnswer | None:
            return pipeline.curated.find_answer(question, day, day) if pipeline.curated else None

        return find_problems(proposal, ProposalContext(pipeline.index, pipeline.read_query, day, served))

    def publish(self, proposal: Proposal, pipeline: ServedPipeline, day: date) -> CuratedAnswer:
        """Keep the proposal as a new version.

        Raises ProposalError, UnknownGroupError, UnknownCuratedError, ChangedMeanwhileError.
        """
        if found := self.problems(proposal, pipeline, day):
            raise ProposalError(found)
        before = self._previous_version(proposal, pipeline, day)
        return self._shelf.add(to_curated_answer(proposal, pipeline.index, before), "answered")

    def _previous_version(self, proposal: Proposal, pipeline: ServedPipeline, day: date) -> CuratedAnswer:
        """Return the version that the proposal follows; for a new answer an empty one, numbered 0, of its group."""
        curated_id = proposal.curated_id or (proposal.group_id and self._shelf.of_group(proposal.group_id))
        if not curated_id:
            group_id = (
                self._groups.group(proposal.group_id).id
                if proposal.group_id
                else self._create_group(proposal, pipeline, day)
            )
            return CuratedAnswer("", 0, group_id, "", (), (), "", datetime.now(UTC))
        last = self._shelf.versions(curated_id)[0]
        if proposal.curated_id is None and not last.withdrawn:
            raise ChangedMeanwhileError(_ALREADY)
        # A version that somebody else has made meanwhile is there already, and is told by the records.
        return last if proposal.based_on is None else replace(last, version=proposal.based_on)

    def _create_group(self, proposal: Proposal, pipeline: ServedPipeline, day: date) -> str:
        """Return the id of a new group for an answer that nobody's question led to."""
        reader = make_question_encoder(pipeline)
        question = proposal.wordings[0].strip()
        sense = reader.senses.of(nfkc(question), day)
        standard = GroupRepresentative(uuid4().hex, question, day, reader.vectors([sense])[0], reader.name)
        self._queue.add_group(standard)
        return standard.group_id
