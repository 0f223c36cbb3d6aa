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

    The speakers are those of the `quotes`; without quotes, all of the cited sources.
    """
    speeches = [speech for source in cited for speech in source.speeches]
    quoted_words = [fold_normalised(quote) for quote in quotes]
    speakers = set[tuple[str, str, str]]()
    for person, words in speeches:
        spoken_words = fold_normalised(normalise_figures(words))
        if not quoted_words or any(quote in spoken_words for quote in quoted_words):
            speakers.add(person.identity)
    persons = list(dict.fromkeys(person for person, _ in speeches))
    mentions = [mention for mention in find_mentions(text, persons) if _SAYS.match(text, mention.end)]
    if speakers and not any(_may_be(mention, speakers) for mention in mentions):
        yield from (mention.text for mention in mentions)


def _may_be(mention: Mention, speakers: set[tuple[str, str, str]]) -> bool:
    return mention.kind is MentionKind.SIDE or any(person.identity in speakers for person in mention.persons)
