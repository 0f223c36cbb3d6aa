"""Scores the hits of a question in several wordings: as typed, with official names of the dictionary, as proposed."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.relevance.reader import raise_by_proposals
from bot.state import Hit, Reading, Turn
from bot.state.query import Query

Read = Callable[[Query, Sequence[Hit]], Reading]


def score_hits(turn: Turn, read: Read) -> Turn:
    """Return the turn with the reading of its hits, and as its query the wording that is answered best.

    The proposed queries only raise probabilities.
    """
    turn = _read_wordings(turn, read)
    proposed = [read(query, turn.hits) for query in turn.proposed_queries]
    return replace(turn, reading=raise_by_proposals(turn.reading, proposed)) if turn.reading else turn


def _read_wordings(turn: Turn, read: Read) -> Turn:
    """Return the turn with the reading of its best wording (decision 081).

    If the typed names are the documents' usual words, the typed wording is the best, and official names only raise
    probabilities. Otherwise the wording with the highest confidence is the best, and each passage keeps its highest
    score.
    """
    if not turn.wordings:
        return replace(turn, reading=read(turn.parsed_query, turn.hits))
    wordings = turn.wordings_to_search
    readings = [read(query, turn.hits) for query in wordings]
    if turn.searched_names and all(name.use == "usual" for name in turn.searched_names):
        typed, *official = readings
        return replace(turn, query=wordings[0], reading=raise_by_proposals(typed, official))
    best = max(range(len(readings)), key=lambda n: readings[n].confidence)
    return replace(turn, query=wordings[best], reading=_with_highest_scores(readings[best], readings))


def _with_highest_scores(best: Reading, readings: Sequence[Reading]) -> Reading:
    by_passage = [{scored.hit.passage.id: scored for scored in reading.passages} for reading in readings]
    merged = []
    for scored in best.passages:
        scores = [passages[scored.hit.passage.id] for passages in by_passage]
        merged.append(max(scores, key=lambda candidate: candidate.probability))
    return Reading(tuple(sorted(merged, key=lambda scored: -scored.probability)), best.confidence)
