"""Answers "What is X?" with the defining sentence, else with passages that mention X."""

from dataclasses import replace

from bot.answers.excerpt import ExcerptAnswerer
from bot.easy_japanese.glossary import glossary
from bot.relevance.units import unit_spans
from bot.state import Draft, ScoredPassage, Status, Turn, Unit, message, paragraph
from ingest.japanese import nfkc
from ingest.japanese.definitions import has_defining_heading, is_definition, is_prose, normalise_for_match

# Places where a word stands that are shown where nothing tells what it means.
_MOST = 2


class DefinitionAnswerer:
    """Answers "What is X?" with the defining sentence, as `excerpts`."""

    def __init__(self, excerpts: ExcerptAnswerer) -> None:
        self._excerpts = excerpts

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the sentences that tell it, else where the word stands, told as such.

        None where no meaning is asked for, and where the word stands nowhere that was read.
        """
        if turn.query is None or turn.reading is None or not turn.query.word:
            return None
        word, read = turn.query.word, turn.reading.passages
        if telling := [marked for each in read if (marked := _mark_units(each, word, defining=True))]:
            return self._excerpts.show(turn, telling)
        using = [marked for each in read if (marked := _mark_units(each, word, defining=False))]
        using = list(filter(_says_something, using)) or using
        draft = self._excerpts.show(turn, using[:_MOST]) if using else None
        if draft is None:
            return None
        meaning = glossary().get(word, "")
        names = {"word": word, "meaning": meaning} if meaning else {"word": word}
        remark = message("defined_here" if meaning else "undefined", **names)
        return replace(draft, parts=(paragraph(remark), *draft.parts), status=Status.PARTIAL)


def _says_something(read: ScoredPassage) -> bool:
    """Whether the word stands in a sentence, and not in a name or a heading alone."""
    text = read.hit.passage.text
    return any(unit.probability and is_prose(text[unit.start : unit.end]) for unit in read.units)


def _mark_units(read: ScoredPassage, word: str, *, defining: bool) -> ScoredPassage | None:
    """Return the passage with the units marked that define the word, or that have it; None where none does."""
    passage, wanted = read.hit.passage, normalise_for_match(word)
    bounds, found = unit_spans(passage), list[Unit]()
    for (start, end), (_, behind) in zip(bounds, (*bounds[1:], *bounds[-1:]), strict=True):
        text, more = nfkc(passage.text[start:end]), nfkc(passage.text[start:behind])
        headed = defining and not found and has_defining_heading(passage, wanted) and is_prose(passage.text)
        holds = headed or is_definition(text, more, word, passage) if defining else wanted in normalise_for_match(text)
        found.append(Unit(start, end, float(holds)))
    return replace(read, units=tuple(found)) if any(unit.probability for unit in found) else None
