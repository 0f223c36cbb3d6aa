"""Answers "What is X?" with the defining sentence, else with passages that mention X."""

from dataclasses import replace

from bot.answers.excerpt import ExcerptAnswerer
from bot.easy_japanese.glossary import glossary
from bot.relevance.units import unit_spans
from bot.state import Draft, ReadTurn, ScoredPassage, Status, Unit, message, paragraph
from ingest.japanese.definitions import has_defining_heading, is_definition, is_prose
from ingest.japanese.normal_forms import comparison_key, nfkc

# Passages shown where no sentence defines the word.
_MAX_MENTIONS = 2


class DefinitionAnswerer:
    """Answers "What is X?" with the defining sentence as an excerpt."""

    def __init__(self, excerpts: ExcerptAnswerer) -> None:
        self._excerpts = excerpts

    def __call__(self, turn: ReadTurn) -> Draft | None:
        """Return the defining sentences, else passages that mention the word, with a remark.

        None where the question does not ask for a definition, or no passage has the word.
        """
        if not turn.query.word_to_define:
            return None
        word, passages = turn.query.word_to_define, turn.reading.passages
        if defining_passages := [match for scored in passages if (match := _mark_units(scored, word, defining=True))]:
            return self._excerpts.show(turn, defining_passages)
        mentioning = [match for scored in passages if (match := _mark_units(scored, word, defining=False))]
        mentioning = list(filter(_is_in_sentence, mentioning)) or mentioning
        draft = self._excerpts.show(turn, mentioning[:_MAX_MENTIONS]) if mentioning else None
        if draft is None:
            return None
        meaning = glossary().get(word, "")
        names = {"word": word, "meaning": meaning} if meaning else {"word": word}
        remark = message("defined_here" if meaning else "undefined", **names)
        return replace(draft, parts=(paragraph(remark), *draft.parts), status=Status.PARTIAL)


def _is_in_sentence(scored: ScoredPassage) -> bool:
    """Whether the word occurs in a sentence, not only in a name or heading."""
    text = scored.hit.passage.text
    return any(unit.probability and is_prose(text[unit.start : unit.end]) for unit in scored.units)


def _mark_units(scored: ScoredPassage, word: str, *, defining: bool) -> ScoredPassage | None:
    """Return the passage with probability 1 for the units that define, or mention, the word; None without one."""
    passage, key = scored.hit.passage, comparison_key(word)
    spans, units = unit_spans(passage), list[Unit]()
    for (start, end), (_, next_end) in zip(spans, (*spans[1:], *spans[-1:]), strict=True):
        text, with_next = nfkc(passage.text[start:end]), nfkc(passage.text[start:next_end])
        if defining:
            is_headed = not units and has_defining_heading(passage, key) and is_prose(passage.text)
            is_match = is_headed or is_definition(text, with_next, word, passage)
        else:
            is_match = key in comparison_key(text)
        units.append(Unit(start, end, float(is_match)))
    return replace(scored, units=tuple(units)) if any(unit.probability for unit in units) else None
