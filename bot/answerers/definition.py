"""What a word means: the sentence that tells it; where none does that is said, and shown where the word stands."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from bot.answer import Status, TextBlock
from bot.claims import unmarked
from bot.languages import say
from bot.reader import Reading, ReadPassage, Unit
from bot.reader.units import units
from bot.turn import Draft, Turn
from ingest.documents import Passage
from ingest.normalise import nfkc

# Places where a word stands that are shown where nothing tells what it means.
_MOST = 2
# What may stand before the word that a line, an item or a note begins with, and behind a word.
_BEFORE, _BEHIND = r"(?:^|[。\n])(?:[^\w「『]|注\d*|\d+[.)])*[「『]?", r"[」』]?\s?(?:\([^()]*\))?[」』]?"
# How a sentence that says what something is ends: X is called, X is a thing, or a noun.
_IS = r"[^。\n]{4,}(?:です|である|いう|います|指す|指します|こと|もの|[一-龥ァ-ヶ])[)」』]*(?:$|[。\n])"
# A sentence of its own, and no name of something.
_SENTENCE = re.compile(r"[^。\n]{6,}(?:[るたいすんう]。|です|ます)|[をがは][^。\n]{4,}")
_NUMBERING = re.compile(r"^(?:[\d.()【】○◎・※-]|第\d+[章節条])+\s*|[「」『』【】]")


class Definition:
    """Tells what a word means where that is all that is asked; `shown` is what makes excerpts of a reading."""

    def __init__(self, shown: Callable[[Turn], Draft | None]) -> None:
        self._shown = shown

    def __call__(self, turn: Turn) -> Draft | None:
        """Return the sentences that tell it, else where the word stands, told as such.

        None where no meaning is asked for, and where the word stands nowhere that was read.
        """
        if turn.query is None or turn.reading is None or not turn.query.word:
            return None
        word, read = turn.query.word, turn.reading.passages
        if telling := [marked for each in read if (marked := _marked(each, word, defining=True))]:
            return self._shown(replace(turn, reading=Reading(tuple(telling), 1.0)))
        using = tuple(marked for each in read if (marked := _marked(each, word, defining=False)))
        draft = self._shown(replace(turn, reading=Reading(using[:_MOST], 1.0))) if using else None
        if draft is None:
            return None
        remark = say("undefined", turn.query.answer_language, word=unmarked(word))
        blocks = (TextBlock(text=remark), *draft.blocks)
        return replace(draft, text=f"{remark}\n\n{draft.text}", status=Status.PARTIAL, blocks=blocks)


def _marked(read: ReadPassage, word: str, *, defining: bool) -> ReadPassage | None:
    """Return the passage with the units marked that define the word, or that have it; None where none does."""
    passage, wanted = read.hit.passage, _plain(word)
    bounds, found = units(passage), list[Unit]()
    for (start, end), (_, behind) in zip(bounds, (*bounds[1:], *bounds[-1:]), strict=True):
        text, more = nfkc(passage.text[start:end]), nfkc(passage.text[start:behind])
        headed = defining and not found and _is_headed(passage, wanted) and _is_prose(passage.text)
        holds = headed or _defines(text, more, word, passage) if defining else wanted in _plain(text)
        found.append(Unit(start, end, float(holds)))
    return replace(read, units=tuple(found)) if any(unit.probability for unit in found) else None


def _defines(text: str, more: str, word: str, passage: Passage) -> bool:
    """Whether a normalised unit of a passage says what the word means: Xとは, Xは…のことです, X: …, (以下「X」という).

    `more` goes on with the unit behind it, for a line may be the word alone.
    """
    if passage.kind == "row":
        cells = [cell.value for cell in passage.cells]
        return _plain("".join(cells[:1])) == _plain(word) and any(map(_is_prose, cells[1:]))
    match = _defining(word).search(more)
    return match is not None and match.start() < len(text)


@lru_cache(maxsize=256)
def _defining(word: str) -> re.Pattern[str]:
    x = r"\s?".join(map(re.escape, "".join(nfkc(word).split())))
    return re.compile(
        rf"(?<![\w]){x}{_BEHIND}(?:とは|というのは)(?![、\s]*(?:何|なに|どう)).{{4,}}"
        rf"|{_BEFORE}{x}{_BEHIND}は、?{_IS}"
        rf"|{_BEFORE}{x}{_BEHIND}(?:[:…→―—]\s*|\s+)(?:{_SENTENCE.pattern})"
        rf"|{_BEFORE}{x}{_BEHIND}[:…→―—\n]\s*[^。\n]{{6}}{_IS}"
        rf"|「{x}」(?:という|といい|と呼|とす)"
        rf"|である、?[「『]?{x}",
        re.IGNORECASE,
    )


def _is_headed(passage: Passage, wanted: str) -> bool:
    """Whether the innermost heading of a passage that is no row names nothing but the word, or asks what it is."""
    heading = _plain(_NUMBERING.sub("", nfkc(passage.section))).rstrip("?").removesuffix("とは")
    return passage.kind != "row" and heading == wanted


def _is_prose(text: str) -> bool:
    return bool(_SENTENCE.search(nfkc(text)))


def _plain(text: str) -> str:
    return "".join(nfkc(text).split()).casefold()
