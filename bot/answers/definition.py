"""Answers "What is X?" with the defining sentence, else with passages that mention X."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.answers.excerpt import ExcerptAnswerer
from bot.easy_japanese.glossary import glossary
from bot.relevance.units import unit_spans
from bot.state import Draft, ReadTurn, ScoredPassage, Status, Unit, paragraph, service_message
from ingest.documents import Passage
from ingest.japanese.definitions import has_defining_heading, is_definition, is_prose
from ingest.japanese.normal_forms import comparison_key, nfkc

# Passages shown if no sentence defines the word.
_MAX_MENTIONS = 2


class DefinitionAnswerer:
    """Answers "What is X?" with the defining sentence as an excerpt."""

    def __init__(self, excerpts: ExcerptAnswerer) -> None:
        self._excerpts = excerpts

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the defining sentences, else passages that mention the word, with a remark.

        None if the question does not ask for a definition, or no passage has the word.
        """
        word = turn.query.word_to_define
        if not word:
            return None
        passages = turn.reading.passages
        defining = [marked for scored in passages if (marked := _mark_units(scored, word, _find_defining_units))]
        if defining:
            return self._excerpts.draft_from_hits(turn, defining)
        mentioning = [marked for scored in passages if (marked := _mark_units(scored, word, _find_mentioning_units))]
        mentioning = list(filter(_has_word_in_sentence, mentioning)) or mentioning
        draft = self._excerpts.draft_from_hits(turn, mentioning[:_MAX_MENTIONS]) if mentioning else None
        if draft is None:
            return None
        meaning = glossary().get(word, "")
        names = {"word": word, "meaning": meaning} if meaning else {"word": word}
        remark = service_message("defined_here" if meaning else "undefined", **names)
        return replace(draft, parts=(paragraph(remark), *draft.parts), status=Status.PARTIAL)


def _has_word_in_sentence(scored: ScoredPassage) -> bool:
    text = scored.hit.passage.text
    return any(unit.probability and is_prose(text[unit.start : unit.end]) for unit in scored.units)


def _mark_units(
    scored: ScoredPassage, word: str, find_units: Callable[[Passage, str], Iterator[bool]]
) -> ScoredPassage | None:
    passage = scored.hit.passage
    found = list(find_units(passage, word))
    if not any(found):
        return None
    units = (Unit(*span, float(is_found)) for span, is_found in zip(unit_spans(passage), found, strict=True))
    return replace(scored, units=tuple(units))


def _find_defining_units(passage: Passage, word: str) -> Iterator[bool]:
    spans = unit_spans(passage)
    is_headed = has_defining_heading(passage, comparison_key(word)) and is_prose(passage.text)
    for position, (start, end) in enumerate(spans):
        _, next_end = spans[min(position + 1, len(spans) - 1)]
        text, with_next = (nfkc(passage.text[start:stop]) for stop in (end, next_end))
        yield (is_headed and position == 0) or is_definition(text, with_next, word, passage)


def _find_mentioning_units(passage: Passage, word: str) -> Iterator[bool]:
    key = comparison_key(word)
    for start, end in unit_spans(passage):
        yield key in comparison_key(nfkc(passage.text[start:end]))
