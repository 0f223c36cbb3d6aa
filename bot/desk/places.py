"""Where a question stands in the queue: in the group that asks the same, or in one of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from uuid import uuid4

import numpy as np

from bot.curated.sameness import LEAST_COSINE, one_group
from bot.curated.sense import Sense, Senses
from bot.pipeline import Pipeline
from bot.records.queue import Arrived, Placed, QueueRecords, Standard, Vector
from ingest.encoders import Encoder
from ingest.normalise import nfkc

# Members that the question which stands for a group is chosen among, and groups that are looked at for a question.
_NEWEST, _NEAREST = 50, 20


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads questions: their sense, and their vectors; `name` tells states of encoders apart."""

    senses: Senses
    encoder: Encoder
    name: str

    def vectors(self, senses: Iterable[Sense]) -> Vector:
        """Return the vectors of questions without the names of documents, (n, dimension)."""
        return self.encoder.encode_documents([sense.text for sense in senses])


def reader_of(pipeline: Pipeline) -> Reader:
    """Return what reads questions over the pipeline's generation."""
    basis = pipeline.index.generation.basis
    senses = Senses(pipeline.read_query, pipeline.index.documents)
    return Reader(senses, pipeline.encoder, f"{basis.encoder} {basis.fingerprint}")


@dataclass
class Changes:
    """What a batch of questions changes, to be kept as one step."""

    placed: list[Placed] = field(default_factory=list)
    new: dict[str, Standard] = field(default_factory=dict)
    moved: dict[str, Standard] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)


class Places:
    """The groups as they stand; not to be shared between threads."""

    def __init__(self, records: QueueRecords, reader: Reader) -> None:
        self._records = records
        self._reader = reader
        self._sense = lru_cache(maxsize=4096)(lambda text, day: reader.senses.of(nfkc(text).strip(), day))
        self._standards = self._in_one_space(records.standards())
        self._rows = np.zeros((max(64, 2 * len(self._standards)), reader.encoder.dimension), dtype=np.float32)
        for row, standard in enumerate(self._standards):
            self._rows[row] = standard.vector
        self._members: dict[str, list[Placed]] = {}

    def put(self, arrived: list[Arrived]) -> Changes:
        """Return where each of the questions stands, with the groups that this makes and moves."""
        changes = Changes()
        senses = [self._sense(one.question, one.asked_on) for one in arrived]
        for one, sense, vector in zip(arrived, senses, self._reader.vectors(senses), strict=True):
            row = self._nearest(sense, vector)
            if row is None:
                row = self._begin(one, vector)
                changes.new[self._standards[row].group_id] = self._standards[row]
            standard = self._standards[row]
            placed = Placed(one, vector, self._reader.name, standard.group_id)
            changes.placed.append(placed)
            if standard.state == "answered" and one.at > standard.changed:
                changes.again.add(standard.group_id)
            self._join(row, placed, changes)
        return changes

    def _nearest(self, sense: Sense, vector: Vector) -> int | None:
        """Return the row of the group that asks the same, the most alike one; None where none does."""
        cosines = self._rows[: len(self._standards)] @ vector
        near = np.flatnonzero(cosines >= LEAST_COSINE)
        near = near[np.argsort(-cosines[near], kind="stable")][:_NEAREST]
        same = (int(row) for row in near if one_group(sense, self._sense_of(int(row)), float(cosines[row])))
        return next(same, None)

    def _sense_of(self, row: int) -> Sense:
        standard = self._standards[row]
        return self._sense(standard.question, standard.asked_on)

    def _begin(self, one: Arrived, vector: Vector) -> int:
        row = len(self._standards)
        if row == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._standards.append(Standard(uuid4().hex, one.question, one.asked_on, vector, self._reader.name))
        self._members[self._standards[row].group_id] = []
        self._rows[row] = vector
        return row

    def _join(self, row: int, placed: Placed, changes: Changes) -> None:
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

    def _in_one_space(self, standards: list[Standard]) -> list[Standard]:
        """Return the groups with vectors of the reader's encoder: what another one made is made anew."""
        other = [standard for standard in standards if standard.encoder != self._reader.name]
        senses = [self._sense(standard.question, standard.asked_on) for standard in other]
        made = {s.group_id: vector for s, vector in zip(other, self._reader.vectors(senses), strict=True)}
        name = self._reader.name
        return [replace(s, vector=made.get(s.group_id, s.vector), encoder=name) for s in standards]
