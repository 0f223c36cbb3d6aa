"""Finds the verbatim words of a passage that support a statement."""

from collections.abc import Iterator, Sequence

from bot.verification import content_terms
from ingest.documents import Passage
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.sentences import split_document_sentences

# A longer quote is no quote any more: then the piece for the first statement stands for all.
_LONGEST_QUOTE = 300


def best_quote(passage: Passage, said: Sequence[str]) -> str:
    """Return the shortest stretch of `passage.text` with the best sentence for each of the statements `said`.

    A table row is quoted whole. The quote is never empty unless the passage is.
    """
    text = passage.text
    pieces = list(_pieces(text))
    if passage.kind == "row" or not pieces or not said:
        return text.strip()
    best = [_best(text, pieces, statement) for statement in said]
    start, end = min(best)[0], max(best)[1]
    if end - start > _LONGEST_QUOTE:
        start, end = best[0]
    return text[start:end].strip()


def locate_quotes(passage: Passage, quotes: Sequence[str]) -> str:
    """Return the shortest stretch of `passage.text` with those of the `quotes` that stand in it; nothing without any.

    White space, case and widths of letters do not count.
    """
    letters = [
        (letter, place) for place, written in enumerate(passage.text) for letter in comparison_key(written) if letter
    ]
    text = "".join(letter for letter, _ in letters)
    wanted = [comparison_key(quote) for quote in quotes]
    places = [(text.find(words), len(words)) for words in wanted if words and words in text]
    found = [(letters[at][1], letters[at + length - 1][1] + 1) for at, length in places]
    if not found:
        return ""
    return passage.text[min(found)[0] : max(end for _, end in found)].strip()


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each sentence of each line of `text` starts and ends."""
    line_start = 0
    for line in text.splitlines(keepends=True):
        start = line_start
        for sentence in split_document_sentences(line):
            yield start, start + len(sentence)
            start += len(sentence)
        line_start += len(line)


def _best(text: str, pieces: Sequence[tuple[int, int]], statement: str) -> tuple[int, int]:
    """Return the piece that shares most words, figures and dates with `statement`, the earliest of equals."""
    wanted = content_terms(nfkc(statement))
    return max(pieces, key=lambda piece: len(wanted & content_terms(nfkc(text[slice(*piece)]))))
