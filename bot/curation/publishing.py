"""Checks and publishes the curated answers that staff propose."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

from bot.curation.curated_answer import AnswerProposal, CuratedAnswer
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
    """Checks and stores proposals; safe to share between threads and processes."""

    def __init__(self, curated: CuratedRecords, groups: GroupRecords, queue: QueueRecords) -> None:
        self._curated = curated
        self._groups = groups
        self._queue = queue

    def problems(self, proposal: AnswerProposal, pipeline: ServedPipeline, day: date) -> list[str]:
        """Return the problems of a proposal on a day, in Japanese."""

        def find_served(question: str) -> CuratedAnswer | None:
            return pipeline.curated.find_answer(question, day, day) if pipeline.curated else None

        return find_problems(proposal, ProposalContext(pipeline.index, pipeline.parse_query, day, find_served))

    def publish(self, proposal: AnswerProposal, pipeline: ServedPipeline, day: date) -> CuratedAnswer:
        """Store the proposal as a new version.

        Raises ProposalError, UnknownGroupError, UnknownCuratedError, ChangedMeanwhileError.
        """
        if problems := self.problems(proposal, pipeline, day):
            raise ProposalError(problems)
        previous = self._previous_version(proposal, pipeline, day)
        return self._curated.add(to_curated_answer(proposal, pipeline.index, previous), "answered")

    def _previous_version(self, proposal: AnswerProposal, pipeline: ServedPipeline, day: date) -> CuratedAnswer:
        curated_id = proposal.curated_id or (proposal.group_id and self._curated.id_for_group(proposal.group_id))
        if not curated_id:
            group_id = self._find_or_create_group(proposal, pipeline, day)
            return CuratedAnswer("", 0, group_id, "", (), (), "", datetime.now(UTC))
        last = self._curated.versions(curated_id)[0]
        if proposal.curated_id is None and not last.withdrawn:
            raise ChangedMeanwhileError(_ALREADY)
        # Storing fails if somebody else has published the version after `based_on`.
        return last if proposal.based_on is None else replace(last, version=proposal.based_on)

    def _find_or_create_group(self, proposal: AnswerProposal, pipeline: ServedPipeline, day: date) -> str:
        """Return the id of the proposal's group, or of a new one. Raises UnknownGroupError."""
        if proposal.group_id:
            return self._groups.group(proposal.group_id).id
        encoder = make_question_encoder(pipeline)
        question = proposal.wordings[0].strip()
        vector = encoder.encode([encoder.signatures.from_text(nfkc(question), day)])[0]
        group = GroupRepresentative(uuid4().hex, question, day, vector, encoder.name)
        self._queue.add_group(group)
        return group.group_id
