"""Finds words that a statement attributes to someone who did not say them, in minutes."""

import re
from collections.abc import Iterator, Sequence

from bot.minutes.mentions import Mention, MentionKind, find_mentions
from bot.verification.source_text import SourceText
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.normal_forms import fold_normalised, normalise_figures

_WORDS = load_lexicon("minutes")
_SPEAKING = any_of((*_WORDS["asking"], *_WORDS["replying"], *_WORDS["stating"]))
# After a speaker: who says what follows, as opposed to the one whose question is replied to.
_SAYS = re.compile(rf"(?:は|が|から|より|も|によ(?:ると|れば))[^。]*{_SPEAKING}")


def find_misattributions(text: str, quotes: Sequence[str], cited: Sequence[SourceText]) -> Iterator[str]:
    """Yield the persons whom a normalised statement has say what others said in the sources that it cites.

    The speakers are those of the `quotes`; without quotes, all of the cited sources. Sources without speakers tell
    nothing.
    """
    spoken = [
        (person, fold_normalised(normalise_figures(words))) for source in cited for person, words in source.speeches
    ]
    if not spoken:
        return
    quoted_words = [fold_normalised(quote) for quote in quotes]
    quoted = {person.identity for person, words in spoken if any(quote in words for quote in quoted_words)}
    speakers = quoted if quoted_words else {person.identity for person, _ in spoken}
    persons = list(dict.fromkeys(person for person, _ in spoken))
    saying = [one for one in find_mentions(text, persons) if _SAYS.match(text, one.end)]
    if speakers and saying and not any(_may_be(one, speakers) for one in saying):
        yield from (mention.text for mention in saying)


def _may_be(mention: Mention, speakers: set[tuple[str, str, str]]) -> bool:
    """Whether a mention may be one of the speakers; the office as a whole may be any of its own."""
    return mention.kind is MentionKind.SIDE or any(person.identity in speakers for person in mention.persons)
