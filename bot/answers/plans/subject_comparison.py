"""Quotes what two plans say on one subject."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from bot.answers.plans.quoting_writer import QuotingWriter
from bot.languages import nest_quotes
from bot.state import Part, paragraph, service_message
from ingest.documents import Passage
from ingest.japanese import nfkc
from ingest.japanese.markers import ITEM_MARK, strip_heading_number
from ingest.japanese.sentences import split_document_sentences

# A word of the subject counts 1 in a sentence and this much in its heading; a score is the share of all words.
_WEIGHT_IN_HEADING = 0.7
_BONUS_AT_BEGINNING = 0.5
_BONUS_OF_SAME_HEADING = 0.5
# A sentence with a lower score is about something else.
_MIN_SCORE = 0.65


@dataclass(frozen=True, slots=True)
class _ScoredSentence:
    """A sentence, item or row of a passage, with its score."""

    text: str
    heading: str
    passage_id: str
    score: float


def compare_subject(
    old: Sequence[Passage], new: Sequence[Passage], subject: Sequence[str], writer: QuotingWriter
) -> list[Part]:
    """Return the statements of the new and of the old plan about a subject; [] if the new plan has none."""
    words = [nfkc(word) for word in subject]
    new_sentences = list(_find_sentences(new, words))
    pairs = list(product(new_sentences, _find_sentences(old, words)))
    if not new_sentences:
        return []
    if not pairs:
        return _quote("plan_now", max(new_sentences, key=lambda sentence: sentence.score), writer)
    now, before = max(pairs, key=lambda pair: _score_pair(*pair))
    return [*_quote("plan_now", now, writer), *_quote("plan_before", before, writer)]


def _score_pair(new: _ScoredSentence, old: _ScoredSentence) -> float:
    return new.score + old.score + _BONUS_OF_SAME_HEADING * (new.heading == old.heading)


def _quote(message_key: str, sentence: _ScoredSentence, writer: QuotingWriter) -> list[Part]:
    heading = paragraph(service_message(message_key, heading=nest_quotes(sentence.heading)))
    return [heading, paragraph(writer.cite(sentence.passage_id, sentence.text))]


def _find_sentences(passages: Sequence[Passage], words: Sequence[str]) -> Iterator[_ScoredSentence]:
    for passage in passages:
        heading = nfkc(strip_heading_number(passage.section)) if passage.path else ""
        for sentence in _sentences(passage):
            text = nfkc(sentence)
            weights = (1.0 if word in text else _WEIGHT_IN_HEADING * (word in heading) for word in words)
            score = sum(weights) / len(words)
            if score >= _MIN_SCORE:
                bonus = _BONUS_AT_BEGINNING * text.startswith(tuple(words))
                yield _ScoredSentence(sentence, heading, passage.id, score + bonus)


def _sentences(passage: Passage) -> Iterator[str]:
    if passage.kind == "row":
        yield passage.text
        return
    for line in passage.text.splitlines():
        mark = ITEM_MARK.match(line)
        sentences = split_document_sentences(line[mark.end() :] if mark else line)
        yield from filter(None, map(str.strip, sentences))
