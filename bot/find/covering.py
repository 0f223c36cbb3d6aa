"""Where a word stands that a piece must cover, and what it counts for there: in it, over it, in its paper's title."""

import re
from collections.abc import Callable
from functools import lru_cache

from bot.check.names import squash
from bot.find.evidence import Evidence, content_terms_cached
from bot.find.outcome import tells_next_meeting, tells_outcome
from bot.find.short_names import longer_names
from bot.find.sides import WORDS, words_meant
from bot.find.sought import Sought
from bot.find.within import words_within
from bot.understand.thesaurus import same_meaning
from ingest.documents import Document
from ingest.normalise import nfkc

# The piece itself, the line or heading that introduces it, the sentence before it that it goes on from, an outer
# heading, elsewhere in the passage or in the document's title.
_OWN, _NEAR, _BEFORE, _FAR, _ELSEWHERE = 1.0, 0.95, 0.9, 0.8, 0.4
# Where the heading over the piece is the document's own title.
_OWN_TITLE = 0.6
# What a decision counts for by the words of its matter, which stand before it in the minutes, and the next meeting by
# those of its name.
_OF_MATTER = 0.9
# What a word for a side of a balance counts for in a row that tells it by another: 枠 where it is 確保方策.
_OF_SIDE = 0.75
# Words from other languages are joined without a seam; shorter ones stand in others by chance.
_LOAN = re.compile(r"[ァ-ヶー]{4,}")


def covering(evidence: Evidence, sought: Sought, document: Document) -> Callable[[str], float]:
    """Return a function that tells what a word counts for by the best place where it, or one of its meaning, stands."""
    told = tells_outcome(evidence, sought, document) or tells_next_meeting(evidence, sought, document)
    around = _OF_MATTER if told else _ELSEWHERE
    own_title = _words_of_own_title(evidence.passage.section, document.title)
    if own_title:
        own_title -= content_terms_cached(evidence.lead)
    places = (
        (_OWN, evidence.own),
        (_NEAR, evidence.near - own_title),
        (_BEFORE, evidence.taken_up),
        (_FAR, evidence.far),
        (max(_OWN_TITLE, around), own_title),
        (around, content_terms_cached(" ".join((document.title, *document.aliases)))),
        (around, content_terms_cached(evidence.passage.text)),
    )

    longer, within = longer_names(sought.asked.text), words_within(evidence, sought.asked.text)
    sides = words_meant([evidence.passage]) if evidence.kind == "row" and sought.words & WORDS else frozenset[str]()

    def covers(word: str) -> float:
        same, ending = _standing_for(word)
        if word in within or (word in longer and longer[word].search(evidence.normal)):
            return _OWN
        for value, words in places:
            if not same.isdisjoint(words) or (ending and _some_end(words, ending)):
                return value
        return _OF_SIDE if word in sides else 0.0

    return covers


@lru_cache(maxsize=4096)
def _words_of_own_title(section: str, title: str) -> frozenset[str]:
    """Return the words of a heading where it is the document's own title: it stands over all."""
    heading = squash(nfkc(section))
    return content_terms_cached(section) if heading and heading in squash(nfkc(title)) else frozenset()


@lru_cache(maxsize=20_000)
def _some_end(words: frozenset[str], ending: str) -> bool:
    return any(word.endswith(ending) for word in words)


@lru_cache(maxsize=4096)
def _standing_for(word: str) -> tuple[frozenset[str], str]:
    """Return the words that may stand for `word`, and how others may end that do (…コーディネーター), "" for none."""
    return same_meaning(word), word if _LOAN.fullmatch(word) else ""
