"""Takes new questions from the records into the queue, equivalent ones in one group."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING
from uuid import uuid4

import numpy as np

from bot.answers.equivalence import MIN_COSINE, QuestionSignature, QuestionSignatures, can_share_group
from bot.curation.queue_records import GroupedQuestion, GroupRepresentative, NewQuestion, QueueRecords, Vector
from ingest.japanese import nfkc

if TYPE_CHECKING:
    from bot.pipeline import OpenedIndex

# The representative is chosen among this many of the newest questions of a group.
_MAX_MEMBERS = 50
# Questions that are taken in within one transaction.
_QUESTIONS_PER_TRANSACTION = 256
# A question is compared with this many of the most similar groups.
_MAX_CANDIDATES = 20


class QuestionEncoder:
    """Creates signatures and vectors of questions about the documents of a pipeline; `name` identifies its state."""

    def __init__(self, opened: "OpenedIndex") -> None:
        basis = opened.index.generation.basis
        self.signatures = QuestionSignatures(opened.parse_query, opened.index.documents)
        self.encoder = opened.encoder
        self.name = f"{basis.encoder} {basis.fingerprint}"

    def encode(self, signatures: Iterable[QuestionSignature]) -> Vector:
        """Return the vectors of questions without the names of documents, (n, dimension)."""
        return self.encoder.encode_documents([signature.text for signature in signatures])


@dataclass
class GroupChanges:
    """The changes by a batch of questions, stored in one transaction.

    `new` are new groups, `moved` those with another representative, both by id; `reopened` are the ids of answered
    groups that got a newer question.
    """

    grouped: list[GroupedQuestion] = field(default_factory=list)
    new: dict[str, GroupRepresentative] = field(default_factory=dict)
    moved: dict[str, GroupRepresentative] = field(default_factory=dict)
    reopened: set[str] = field(default_factory=set)


class QuestionGrouping:
    """The groups with the vectors of their representatives; not to be shared between threads."""

    def __init__(self, records: QueueRecords, encoder: QuestionEncoder) -> None:
        self._records = records
        self._encoder = encoder
        self._signature = lru_cache(maxsize=4096)(
            lambda text, day: encoder.signatures.from_text(nfkc(text).strip(), day)
        )
        self._groups = self._reencode(records.representatives())
        # Has spare rows, so that adding a group seldom copies the array.
        self._vectors = np.zeros((max(64, 2 * len(self._groups)), encoder.encoder.dimension), dtype=np.float32)
        for row, group in enumerate(self._groups):
            self._vectors[row] = group.vector
        self._members: dict[str, list[GroupedQuestion]] = {}

    def add(self, questions: list[NewQuestion]) -> GroupChanges:
        """Put each question into its group and return the changes."""
        changes = GroupChanges()
        signatures = [self._signature(question.question, question.asked_on) for question in questions]
        vectors = self._encoder.encode(signatures)
        for question, signature, vector in zip(questions, signatures, vectors, strict=True):
            row = self._find_group(signature, vector)
            if row is None:
                row = self._create_group(question, vector)
                changes.new[self._groups[row].id] = self._groups[row]
            group = self._groups[row]
            grouped = GroupedQuestion(question, vector, self._encoder.name, group.id)
            changes.grouped.append(grouped)
            if group.state == "answered" and question.at > group.changed:
                changes.reopened.add(group.id)
            self._update_representative(row, grouped, changes)
        return changes

    def _find_group(self, signature: QuestionSignature, vector: Vector) -> int | None:
        cosines = self._vectors[: len(self._groups)] @ vector
        candidates = np.flatnonzero(cosines >= MIN_COSINE)
        ranked = candidates[np.argsort(-cosines[candidates], kind="stable")][:_MAX_CANDIDATES]
        for row in map(int, ranked):
            group = self._groups[row]
            group_signature = self._signature(group.question, group.asked_on)
            if can_share_group(signature, group_signature, float(cosines[row])):
                return row
        return None

    def _create_group(self, question: NewQuestion, vector: Vector) -> int:
        row = len(self._groups)
        if row == len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
        group = GroupRepresentative(uuid4().hex, question.question, question.asked_on, vector, self._encoder.name)
        self._groups.append(group)
        self._members[group.id] = []
        self._vectors[row] = vector
        return row

    def _update_representative(self, row: int, added: GroupedQuestion, changes: GroupChanges) -> None:
        group = self._groups[row]
        members = self._members.get(group.id)
        if members is None:
            members = self._records.members(group.id, self._encoder.name, _MAX_MEMBERS)
        self._members[group.id] = members = [*members, added][-_MAX_MEMBERS:]
        vectors = np.array([member.vector for member in members])
        medoid = members[int((vectors @ vectors.T).sum(axis=1).argmax())]
        question = medoid.arrived
        if question.question == group.question:
            return
        group = replace(group, question=question.question, asked_on=question.asked_on, vector=medoid.vector)
        self._groups[row] = group
        self._vectors[row] = medoid.vector
        changed = changes.new if group.id in changes.new else changes.moved
        changed[group.id] = group

    def _reencode(self, groups: list[GroupRepresentative]) -> list[GroupRepresentative]:
        outdated = [group for group in groups if group.encoder != self._encoder.name]
        signatures = [self._signature(group.question, group.asked_on) for group in outdated]
        vectors = {group.id: vector for group, vector in zip(outdated, self._encoder.encode(signatures), strict=True)}
        return [
            replace(group, vector=vectors.get(group.id, group.vector), encoder=self._encoder.name) for group in groups
        ]


class Intake:
    """Takes questions in, one thread at a time; questions taken in by other processes are skipped."""

    def __init__(self, records: QueueRecords) -> None:
        self._records = records
        self._lock = Lock()

    def take_in(self, encoder: QuestionEncoder, max_batches: int | None = None) -> int:
        """Take in new questions, all or at most `max_batches`, and return their number."""
        taken_in = 0
        batches = 0
        grouping: QuestionGrouping | None = None
        with self._lock:
            while max_batches is None or batches < max_batches:
                questions = self._records.arrived(_QUESTIONS_PER_TRANSACTION)
                if not questions:
                    break
                grouping = grouping or QuestionGrouping(self._records, encoder)
                changes = grouping.add(questions)
                if self._records.take_in(changes.grouped, changes.new.values(), changes.moved, changes.reopened):
                    taken_in += len(questions)
                    batches += 1
                else:  # another process took some of them in; read the groups again
                    grouping = None
        return taken_in
