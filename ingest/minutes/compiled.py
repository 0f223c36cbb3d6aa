"""Compiles the minutes of an index into meetings whose sentences are found by their terms, and reads them back."""

import json
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from itertools import accumulate, chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.documents import Document, Passage
from ingest.errors import IngestError
from ingest.index.artefacts import artefact_keys, read_artefact, write_artefact
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words
from ingest.minutes.decisions import Decision
from ingest.minutes.meeting import Meeting, may_be_minutes, read_meeting
from ingest.minutes.model import Kind, PassageSpan, Speech, sentence_spans, split_sentences
from ingest.minutes.people import Person, SpeakerRole
from ingest.sandbox.limited_process import ChildEndedError, Limits, map_in_workers
from ingest.sandbox.parallel import core_count

_KIND = "meeting"
_DECLINED = "declined-meeting"
# The minutes of a day of an assembly have 200,000 characters; a million take some 20 seconds.
_MAX_CHARACTERS = 1_000_000
# For one document; the second limit is that of the wall clock, since the processes have a low priority.
_LIMITS = Limits(cpu_s=30, wall_s=90, memory_bytes=2 << 30, result_bytes=32 << 20)
# A process takes as long to start as to read so many characters.
_CHARACTERS_PER_WORKER = 50_000
_TOO_LONG = f"上限の{_MAX_CHARACTERS:,}字を超えています"
_TOO_MUCH_WORK = "時間かメモリーがかかりすぎるので、途中でやめました"
# Sentences of the matter and the question that count for a speech; a question may have a thousand.
_MAX_CONTEXT = 200


@dataclass(frozen=True)
class Segments:
    """The rows of sentences of consecutive texts.

    Attributes:
        rows: the rows of all sentences; each text begins with row 0, the empty sentence.
        starts: where each text begins, (n,).
    """

    rows: NDArray[np.int32]
    starts: NDArray[np.int64]

    @classmethod
    def build(cls, texts: Sequence[Sequence[int]]) -> "Segments":
        """Return the segments of texts, given as the rows of their sentences."""
        starts = np.fromiter(accumulate((len(rows) + 1 for rows in texts), initial=0), np.int64)
        rows = np.fromiter(chain.from_iterable((0, *rows) for rows in texts), np.int32, int(starts[-1]))
        return cls(rows, starts[:-1])

    def any_sentence(self, holds: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return (terms, texts) of (terms, sentences): whether any sentence of a text has the term."""
        if not len(self.starts):
            return np.zeros((len(holds), 0), bool)
        has_any: NDArray[np.bool_] = np.logical_or.reduceat(holds[:, self.rows], self.starts, axis=1)
        return has_any

    def rows_of(self, n: int) -> NDArray[np.int32]:
        """Return the rows of the sentences of a text."""
        end = self.starts[n + 1] if n + 1 < len(self.starts) else len(self.rows)
        return self.rows[self.starts[n] + 1 : end]


@dataclass(frozen=True, eq=False)
class CompiledMeeting(Meeting):
    """A meeting with the sentences of its speeches and decisions.

    Attributes:
        text: the distinct sentences in normal form, a line each; the first is empty.
        sentence_starts: where each of them begins in `text`.
        postings: the rows of the sentences that have an index term.
        own: the sentences of each speech, in order.
        with_context: those with the sentences of its matter and of the question that it replies to.
        decided, discussed: the sentences of each decision and its matter; those with the discussion before it.
    """

    text: str = ""
    sentence_starts: Sequence[int] = (0,)
    postings: Mapping[str, Sequence[int]] = field(default_factory=dict)
    own: Segments = field(default_factory=lambda: Segments.build(()))
    with_context: Segments = field(default_factory=lambda: Segments.build(()))
    decided: Segments = field(default_factory=lambda: Segments.build(()))
    discussed: Segments = field(default_factory=lambda: Segments.build(()))

    def sentences_with(self, term: str) -> NDArray[np.bool_]:
        """Return for each sentence whether it has a term as a word, or a longer term anywhere, (sentences,)."""
        has_term = np.zeros(len(self.sentence_starts), bool)
        has_term[list(self.postings.get(term, ()))] = True
        position = self.text.find(term) if len(term) > 1 else -1
        while position >= 0:
            row = bisect(self.sentence_starts, position) - 1
            has_term[row] = True
            is_last = row + 1 == len(has_term)
            position = -1 if is_last else self.text.find(term, self.sentence_starts[row + 1])
        return has_term


def compile_meetings(index: Index) -> None:
    """Write the meetings among the documents of an index into its folder, and which minutes exceed the limits.

    Documents are read in processes with limits. Raises IngestError if none can be started.
    """
    candidates = list[tuple[Document, Sequence[Passage]]]()
    characters = 0
    for document in index.documents:
        passages = index.document_passages(document.id)
        length = sum(len(passage.text) for passage in passages)
        if not may_be_minutes(document, passages):
            continue
        if length > _MAX_CHARACTERS:
            write_artefact(index.folder, _DECLINED, document.id, _TOO_LONG.encode())
        else:
            candidates.append((document, passages))
            characters += length
    workers = min(core_count(), 1 + characters // _CHARACTERS_PER_WORKER)
    try:
        for n, content in map_in_workers(_compile, candidates, _LIMITS, workers):
            doc_id = candidates[n][0].id
            if content is None:
                write_artefact(index.folder, _DECLINED, doc_id, _TOO_MUCH_WORK.encode())
            elif content:
                write_artefact(index.folder, _KIND, doc_id, content)
    except ChildEndedError as error:
        raise IngestError(
            "会議録を読むプロセスを始められません。メモリーの空きとプロセスの数の上限を確かめてください。"
        ) from error


def _compile(text: tuple[Document, Sequence[Passage]]) -> bytes:
    document, passages = text
    meeting = read_meeting(document, passages)
    return encode_meeting(meeting, passages) if meeting else b""


def find_declined_meetings(folder: Path) -> dict[str, str]:
    """Return why minutes were not compiled and what to do, by the id of the document, from the folder of an index."""
    return {
        doc_id: f"会議録として読み取れません（{(read_artefact(folder, _DECLINED, doc_id) or b'').decode()}）。"
        "だれが何を発言したかという質問には答えられません。文書を会議の日か議題ごとに分けてください。"
        for doc_id in sorted(artefact_keys(folder, _DECLINED))
    }


def read_meetings(index: Index, is_withheld: Callable[[Passage], bool]) -> dict[str, CompiledMeeting]:
    """Return the meetings of an index by document id, without the speeches in withheld passages."""
    stored = (
        (document, read_artefact(index.folder, _KIND, doc_id))
        for doc_id in artefact_keys(index.folder, _KIND)
        if (document := index.document(doc_id))
    )
    return {
        document.id: decode_meeting(document, index.document_passages(document.id), content, is_withheld)
        for document, content in stored
        if content
    }


class _Numbering:
    """Numbers the distinct sentences of a meeting."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {"": 0}

    def __call__(self, sentences: Iterable[str]) -> list[int]:
        return [self.rows.setdefault(nfkc(sentence).replace("\n", " "), len(self.rows)) for sentence in sentences]


def encode_meeting(meeting: Meeting, passages: Sequence[Passage]) -> bytes:
    """Return a meeting over these passages as JSON."""
    number = _Numbering()
    passage_rows = {passage.id: row for row, passage in enumerate(passages)}

    def spans(parts: Iterable[PassageSpan]) -> list[list[int]]:
        return [[passage_rows[part.passage.id], part.start, part.end] for part in parts]

    persons = dict.fromkeys(
        person for speech in meeting.speeches for person in (speech.person, *speech.askers) if person
    )
    persons |= dict.fromkeys(meeting.present)
    person_rows = {person: row for row, person in enumerate(persons)}
    speeches = [
        [
            person_rows[speech.person] if speech.person else -1,
            speech.kind.value,
            spans(speech.spans),
            speech.item,
            [person_rows[asker] for asker in speech.askers],
            speech.heading,
            number([speech.heading] if speech.heading else [part.text for part in sentence_spans(speech)]),
            number([speech.item, *split_sentences(speech.asked)])[:_MAX_CONTEXT],
        ]
        for speech in meeting.speeches
    ]
    decisions = [
        [
            spans(decision.spans),
            decision.item,
            decision.outcome,
            decision.vote,
            number([*(part.text for part in decision.spans), decision.item]),
            number(split_sentences(decision.discussion))[:_MAX_CONTEXT],
        ]
        for decision in meeting.decisions
    ]
    postings: dict[str, list[int]] = {}
    for sentence, row in number.rows.items():
        for term in set(words(sentence)):
            postings.setdefault(term, []).append(row)
    content = {
        "persons": [astuple(person) for person in persons],
        "present": [person_rows[person] for person in meeting.present],
        "speeches": speeches,
        "decisions": decisions,
        "sentences": list(number.rows),
        "postings": postings,
    }
    return json.dumps(content, ensure_ascii=False).encode()


def decode_meeting(
    document: Document, passages: Sequence[Passage], content: bytes, is_withheld: Callable[[Passage], bool]
) -> CompiledMeeting:
    """Return the meeting of a document from JSON, without speeches and decisions in withheld passages."""
    stored = json.loads(content)
    persons = [Person(label, SpeakerRole(role), *others) for label, role, *others in stored["persons"]]
    withheld = {row for row, passage in enumerate(passages) if is_withheld(passage)}

    def spans(parts: Iterable[Sequence[int]]) -> tuple[PassageSpan, ...]:
        return tuple(PassageSpan(passages[row], start, end) for row, start, end in parts)

    def is_kept(parts: Iterable[Sequence[int]]) -> bool:
        return not any(row in withheld for row, _, _ in parts)

    speeches = [speech for speech in stored["speeches"] if is_kept(speech[2])]
    decisions = [decision for decision in stored["decisions"] if is_kept(decision[0])]
    sentences: list[str] = stored["sentences"]
    return CompiledMeeting(
        document,
        tuple(
            Speech(
                persons[person] if person >= 0 else None,
                Kind(kind),
                spans(parts),
                item,
                askers=tuple(persons[asker] for asker in askers),
                heading=heading,
            )
            for person, kind, parts, item, askers, heading, _, _ in speeches
        ),
        tuple(persons[row] for row in stored["present"]),
        tuple(Decision(spans(parts), item, outcome, vote) for parts, item, outcome, vote, _, _ in decisions),
        "\n".join(sentences),
        [*accumulate((len(sentence) + 1 for sentence in sentences[:-1]), initial=0)],
        stored["postings"],
        Segments.build([speech[6] for speech in speeches]),
        Segments.build([speech[6] + speech[7] for speech in speeches]),
        Segments.build([decision[4] for decision in decisions]),
        Segments.build([decision[4] + decision[5] for decision in decisions]),
    )
