"""Words of a statement that its premises do not say, and the bodies, places and offices that it names."""

import re
from collections.abc import Iterator, Sequence

from bot.claims.figures import figures
from bot.claims.premise import Hypothesis, content_words, squash
from bot.claims.times import times
from ingest.tokenise import LIGHT_WORDS, Morpheme, morphemes

# Words of a statement, and of a reply. From two a statement, 2 of 150 right replies were stopped; from four none.
_FEWEST_WORDS, _FEWEST_IN_ALL = 4, 2
_BEFORE_OFFICE = frozenset("副前元新旧")
_BEGUN = re.compile(r"(?:まし|でし)た|済み|(?:すで|既)に")
_PLANNED = re.compile(r"予定|検討|目指|めざ|見込|(?:て|で)いき(?:ます|たい)|まいりた|たいと|こととし|努め|とされて")
# What a body, a place, an office is called by its last word.
_BODY = re.compile(
    r".{2,}(?:課|部|局|室|係|会議|本部|委員会|審議会|協議会|センター|財団|公社|法人|会社|大学|学校|省|庁|署|プラザ|会館|公園"
    r"|病院|園|館)$|.*長$"
)


def compounds(text: str) -> Iterator[list[Morpheme]]:
    """Yield the runs of nouns of normalised `text` outside its figures and dates."""
    covered = [(f.start, f.end) for f in figures(text)] + [(t.start, t.end) for t in times(text)]
    run: list[Morpheme] = []
    for m in morphemes(text):
        noun = m.is_noun and m.pos[1] != "数詞" and m.pos[2] not in ("副詞可能", "助数詞")
        if run and (not noun or run[-1].end != m.start):
            yield run
            run = []
        if noun and not any(start <= m.start < end for start, end in covered):
            run.append(m)
    if run:
        yield run


def bodies(text: str) -> list[str]:
    """Return the compound nouns of normalised `text` that name a body, a place or an office."""
    return list(dict.fromkeys(name for run in compounds(text) if _BODY.match(name := _surface(run))))


def foreign_bodies(h: Hypothesis) -> list[str]:
    """Return the bodies, places and offices that a statement names and no premise does, in whole or in parts."""
    named = [run for run in compounds(h.text) if _BODY.match(_surface(run))]
    asked = squash(h.question)
    return [
        _surface(run)
        for run in named
        if _foreign(run, h) or (run[0].surface in _BEFORE_OFFICE and squash(_surface(run)) not in asked)
    ]


def foreign_weight(h: Hypothesis) -> int:
    """Return how many nouns neither the premises nor the question say; those in compounds count twice."""
    return sum(min(len(run), 2) * len(_foreign(run, h)) for run in compounds(h.text))


def is_of_another_world(h: Hypothesis) -> bool:
    """Whether a statement, or with it a whole reply, shares no word with premises or question: an order obeyed.

    It has words enough to tell, and neither figures nor dates, which are held by themselves.
    """
    known = content_words(h.question).union(*(premise.words for premise in h.cited))
    for text, fewest in ((h.text, _FEWEST_WORDS), ("\n".join((h.text, *h.reply)), _FEWEST_IN_ALL)):
        words = content_words(text)
        if len(words) >= fewest and not words & known and not figures(text) and not times(text):
            return True
    return False


def is_done_early(text: str, line: str) -> bool:
    """Whether the statement tells as done, or as begun, what the line that carries it only plans."""
    told = _BEGUN.search(text) and not _PLANNED.search(text) and not _BEGUN.search(line)
    return bool(told and _PLANNED.search(line))


def _surface(run: Sequence[Morpheme]) -> str:
    return "".join(m.surface for m in run)


def _foreign(run: Sequence[Morpheme], h: Hypothesis) -> list[Morpheme]:
    """Return the nouns of a compound that neither the premises nor the question say; none where they say all of it."""
    letters = [squash(h.question), *(premise.letters for premise in h.cited)]
    words = content_words(h.question).union(LIGHT_WORDS, *(premise.words for premise in h.cited))

    def says(word: str) -> bool:
        return len(word) > 1 and any(squash(word) in some for some in letters)

    nouns = () if says(_surface(run)) else (m for m in run if m.pos[0] == "名詞")
    return [m for m in nouns if m.normal.casefold() not in words and not says(m.surface)]
