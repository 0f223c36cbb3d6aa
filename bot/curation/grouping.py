"""Groups the questions of the queue: equivalent ones together, else in a new group."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from uuid import uuid4

import numpy as np

from bot.curation.equivalence import LEAST_COSINE, can_share_group
from bot.curation.question_signature import QuestionSignature, QuestionSignatures
from bot.curation.queue_records import GroupedQuestion, GroupRepresentative, NewQuestion, QueueRecords, Vector
from bot.curation.served_pipeline import ServedPipeline
from ingest.embedding import Encoder
from ingest.japanese import nfkc

# Members that the question which stands for a group is chosen among, and groups that are looked at for a question.
_NEWEST, _NEAREST = 50, 20


@dataclass(frozen=True, slots=True)
class QuestionEncoder:
    """What reads questions: their sense, and their vectors; `name` tells states of encoders apart."""

    senses: QuestionSignatures
    encoder: Encoder
    name: str

    def vectors(self, senses: Iterable[QuestionSignature]) -> Vector:
        """Return the vectors of questions without the names of documents, (n, dimension)."""
        return self.encoder.encode_documents([sense.text for sense in senses])


def make_question_encoder(pipeline: ServedPipeline) -> QuestionEncoder:
    """Return what reads questions over the pipeline's generation."""
    basis = pipeline.index.generation.basis
    senses = QuestionSignatures(pipeline.read_query, pipeline.index.documents)
    return QuestionEncoder(senses, pipeline.encoder, f"{basis.encoder} {basis.fingerprint}")


@dataclass
class GroupChanges:
    """What a batch of questions changes, to be kept as one step."""

    placed: list[GroupedQuestion] = field(default_factory=list)
    new: dict[str, GroupRepresentative] = field(default_factory=dict)
    moved: dict[str, GroupRepresentative] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)


class QuestionGrouping:
    """The groups as they stand; not to be shared between threads."""

    def __init__(self, records: QueueRecords, reader: QuestionEncoder) -> None:
        self._records = records
        self._reader = reader
        self._sense = lru_cache(maxsize=4096)(lambda text, day: reader.senses.of(nfkc(text).strip(), day))
        self._standards = self._reencode_groups(records.representatives())
        self._rows = np.zeros((max(64, 2 * len(self._standards)), reader.encoder.dimension), dtype=np.float32)
        for row, standard in enumerate(self._standards):
            self._rows[row] = standard.vector
        self._members: dict[str, list[GroupedQuestion]] = {}

    def put(self, arrived: list[NewQuestion]) -> GroupChanges:
        """Return where each of the questions stands, with the groups that this makes and moves."""
        changes = GroupChanges()
        senses = [self._sense(one.question, one.asked_on) for one in arrived]
        for one, sense, vector in zip(arrived, senses, self._reader.vectors(senses), strict=True):
            row = self._find_group(sense, vector)
            if row is None:
                row = self._create_group(one, vector)
                changes.new[self._standards[row].group_id] = self._standards[row]
            standard = self._standards[row]
            placed = GroupedQuestion(one, vector, self._reader.name, standard.group_id)
            changes.placed.append(placed)
            if standard.state == "answered" and one.at > standard.changed:
                changes.again.add(standard.group_id)
            self._update_medoid(row, placed, changes)
        return changes

    def _find_group(self, sense: QuestionSignature, vector: Vector) -> int | None:
        """Return the row of the group that asks the same, the most alike one; None where none does."""
        cosines = self._rows[: len(self._standards)] @ vector
        near = np.flatnonzero(cosines >= LEAST_COSINE)
        near = near[np.argsort(-cosines[near], kind="stable")][:_NEAREST]
        same = (
            int(row) for row in near if can_share_group(sense, self._group_signature(int(row)), float(cosines[row]))
        )
        return next(same, None)

    def _group_signature(self, row: int) -> QuestionSignature:
        standard = self._standards[row]
        return self._sense(standard.question, standard.asked_on)

    def _create_group(self, one: NewQuestion, vector: Vector) -> int:
        row = len(self._standards)
        if row == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._standards.append(GroupRepresentative(uuid4().hex, one.question, one.asked_on, vector, self._reader.name))
        self._members[self._standards[row].group_id] = []
        self._rows[row] = vector
        return row

    def _update_medoid(self, row: int, placed: GroupedQuestion, changes: GroupChanges) -> None:
        """Let the question stand for the group that is nearest to all the others (the medoid)."""
        standard = self._standards[row]
        members = self._members.get(standard.group_id)
        if members is None:
            members = self._records.members(standard.group_id, self._reader.name, _NEWEST)
        self._members[standard.group_id] = members = [*members, placed][-_NEWEST:]
        vectors = np.array([member.vector for member in members])
        medoid = members[int((vectors @ vectors.T).sum(axis=1).argmax())]
        if medoid.arrived.question == standard.question:
            return
        asked = medoid.arrived
        standard = replace(standard, question=asked.question, asked_on=asked.asked_on, vector=medoid.vector)
        self._standards[row], self._rows[row] = standard, medoid.vector
        (changes.new if standard.group_id in changes.new else changes.moved)[standard.group_id] = standard

    def _reencode_groups(self, standards: list[GroupRepresentative]) -> list[GroupRepresentative]:
        """Return the groups with vectors of the reader's encoder: what another one made is made anew."""
        other = [standard for standard in standards if standard.encoder != self._reader.name]
        senses = [self._sense(standard.question, standard.asked_on) for standard in other]
        made = {s.group_id: vector for s, vector in zip(other, self._reader.vectors(senses), strict=True)}
        name = self._reader.name
        return [replace(s, vector=made.get(s.group_id, s.vector), encoder=name) for s in standards]
