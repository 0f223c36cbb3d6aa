"""Merges the turns of several questions of one message, for one request to a language model and for one answer."""

from collections.abc import Sequence
from dataclasses import replace

from bot.retrieval.retrieve import interleave
from bot.state import QuestionTexts, Reading, Turn


def merge_turns(turn: Turn, turns: Sequence[Turn]) -> Turn:
    """Return one turn for several questions, one per line, with their hits and passages interleaved."""
    first, *others = turns
    if not others:
        return first
    readings = [question_turn.reading for question_turn in turns if question_turn.reading]
    passages = interleave([reading.passages for reading in readings], lambda scored: scored.hit.passage.id)
    return replace(
        first,
        texts=_merge_texts([question_turn.texts for question_turn in turns]),
        town=turns[-1].town,
        history=turn.history,
        alternative_query=None,
        searched_names=tuple(dict.fromkeys(name for question_turn in turns for name in question_turn.searched_names)),
        wordings=(),
        hits=interleave([question_turn.hits for question_turn in turns], lambda hit: hit.passage.id),
        reading=Reading(passages, max(reading.confidence for reading in readings)) if readings else None,
        draft=None,
    )


def _one_line(question: str) -> str:
    return " ".join(question.split())


def _merge_texts(all_texts: Sequence[QuestionTexts]) -> QuestionTexts:
    has_follow_up = any(texts.typed_follow_up for texts in all_texts)
    typed = [texts.typed_follow_up or texts.searched for texts in all_texts] if has_follow_up else []
    return QuestionTexts(
        searched="\n".join(texts.searched for texts in all_texts),
        understood="\n".join(_one_line(texts.understood or texts.searched) for texts in all_texts),
        typed_follow_up="\n".join(typed),
        proposed=tuple(text for texts in all_texts for text in texts.proposed),
    )
