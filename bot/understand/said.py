"""The words of a text that a wording is told by: each alone, and with what tells whether it is done (払えない)."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.understand.denial import is_denied
from bot.understand.whole_verbs import whole_verbs
from ingest.normalise import nfkc
from ingest.tokenise import LIGHT_WORDS, Morpheme

# Light words that turn what a wording means: 足がない, 知っている人.
_TURNING = frozenset({"無い", "知る", "分かる"})
# … unless they only help the verb before them: もらえるお金, but 預かってもらう.
_HELPING = frozenset({"貰う", "呉れる"})
# How a verb that is denied, or that makes others do it, is told from the verb alone.
_DENIED, _MADE = "~ない", "~せる"


@dataclass(frozen=True, slots=True)
class Said:
    """A word at `place` of its text: `word` alone, and `whole` with what tells whether it is done (払う~ない)."""

    place: int
    word: str
    whole: str
    is_thing: bool

    def is_(self, word: str) -> bool:
        """Whether it can be the word of a wording: what is denied is still about the deed, not the other way round."""
        return word in (self.word, self.whole)


def said_in(text: str) -> list[Said]:
    """Return the words of any text that say something."""
    return said(whole_verbs(nfkc(text)))


def said(ms: Sequence[Morpheme]) -> list[Said]:
    """Return the words that say something among the morphemes of normalised text (`whole_verbs`)."""
    return [Said(i, word_of(m), _whole(ms, i), m.is_noun) for i, m in enumerate(ms) if _says_something(ms, i)]


def word_of(m: Morpheme) -> str:
    """Return the word as wordings and their meanings have it."""
    return m.normal.lower()


def _whole(ms: Sequence[Morpheme], i: int) -> str:
    if ms[i].is_noun:
        return word_of(ms[i])
    made = _MADE if i + 1 < len(ms) and ms[i + 1].normal in {"せる", "させる"} else ""
    return word_of(ms[i]) + made + (_DENIED if is_denied(ms, i) else "")


def _says_something(ms: Sequence[Morpheme], i: int) -> bool:
    m = ms[i]
    if m.normal in _HELPING:
        return not (i and ms[i - 1].surface in {"て", "で"})
    return m.is_content and (m.normal not in LIGHT_WORDS or m.normal in _TURNING)
