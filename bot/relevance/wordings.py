"""Reads a question in several wordings: as it was typed, and with the official names of the office's dictionary."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.question.query import Query
from bot.relevance.reader import raise_by_proposals
from bot.state import Hit, Reading, Turn

Read = Callable[[Query, Sequence[Hit]], Reading]


def read_wordings(turn: Turn, read: Read) -> Turn:
    """Return the turn with its reading, and as its query the wording that leads.

    The typed names lead where they are the documents' usual word; official names then only raise probabilities. Where
    the documents use both, the wording with the highest confidence leads, and passages keep their highest probability.
    Where they lack a typed name, official names lead alone. Wordings that do not lead are tried where the others are
    not answered (`bot.conversation.attempts`). Decision 081.
    """
    assert turn.query is not None, "only a parsed question is read"
    if not turn.wordings:
        return replace(turn, reading=read(turn.query, turn.hits))
    wordings = turn.wordings_to_search
    readings = [read(query, turn.hits) for query in wordings]
    if all(name.use == "usual" for name in turn.searched_names):
        typed, *official = readings
        return replace(turn, query=wordings[0], reading=raise_by_proposals(typed, official))
    best = max(range(len(readings)), key=lambda n: readings[n].confidence)
    return replace(turn, query=wordings[best], reading=_merge(readings[best], readings))


def _merge(best: Reading, readings: Sequence[Reading]) -> Reading:
    """Return a reading with each passage as the wording has it that finds it likeliest."""
    by_passage = [{scored.hit.passage.id: scored for scored in reading.passages} for reading in readings]
    merged = [
        max((one[scored.hit.passage.id] for one in by_passage), key=lambda same: same.probability)
        for scored in best.passages
    ]
    return Reading(tuple(sorted(merged, key=lambda scored: -scored.probability)), best.confidence)
