"""Finds the verbatim words of a passage that support a statement."""

from collections.abc import Iterator, Sequence

from bot.verification import content_terms
from ingest.documents import Passage
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.sentences import split_document_sentences

# Characters; of a longer span only the sentence for the first statement is quoted.
_MAX_QUOTE_LENGTH = 300


def best_quote(passage: Passage, statements: Sequence[str]) -> str:
    """Return the shortest part of `passage.text` with the best sentence for each statement.

    A table row is quoted whole. The quote is never empty unless the passage is.
    """
    text = passage.text
    pieces = list(_pieces(text))
    if passage.kind == "row" or not pieces or not statements:
        return text.strip()
    best = [_best(text, pieces, statement) for statement in statements]
    start = min(best)[0]
    end = max(best)[1]
    if end - start > _MAX_QUOTE_LENGTH:
        start, end = best[0]
    return text[start:end].strip()


def locate_quotes(passage: Passage, quotes: Sequence[str]) -> str:
    """Return the shortest part of `passage.text` with all quotes that it has, "" if it has none.

    White space, case and widths of letters do not count.
    """
    text = ""
    positions = list[int]()
    for position, character in enumerate(passage.text):
        normal = comparison_key(character)
        text += normal
        positions += [position] * len(normal)
    spans = list[tuple[int, int]]()
    for words in map(comparison_key, quotes):
        start = text.find(words)
        if words and start >= 0:
            spans.append((positions[start], positions[start + len(words) - 1] + 1))
    if not spans:
        return ""
    return passage.text[min(spans)[0] : max(end for _, end in spans)].strip()


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    line_start = 0
    for line in text.splitlines(keepends=True):
        start = line_start
        for sentence in split_document_sentences(line):
            yield start, start + len(sentence)
            start += len(sentence)
        line_start += len(line)


def _best(text: str, pieces: Sequence[tuple[int, int]], statement: str) -> tuple[int, int]:
    terms = content_terms(nfkc(statement))
    return max(pieces, key=lambda piece: len(terms & content_terms(nfkc(text[slice(*piece)]))))
