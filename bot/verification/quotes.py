"""Quotes of a statement: where they are in the passages, and which sentences support it where none is found."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.verification.literals import content_terms
from bot.verification.source_text import SourceText
from bot.verification.statements import CitedStatement
from ingest.japanese.normal_forms import normalise_figures

# The share of the best sentence's terms with which another sentence supports a statement too.
_MIN_SHARE_OF_BEST = 0.5


@dataclass(frozen=True, slots=True)
class Support:
    """What supports a statement.

    Attributes:
        cited: the numbers of the passages that it cites, corrected by its quotes.
        words: the normalised words of these passages that support it.
        is_quoted: whether the words are quotes that a passage has, not sentences chosen by shared terms.

    """

    cited: tuple[int, ...]
    words: tuple[str, ...]
    is_quoted: bool


def find_support(statement: CitedStatement, sources: Sequence[SourceText]) -> Support:
    """Return the passages and words that support a statement; passages count from 1.

    A quote that only another passage has moves the citation there. Quotes that no passage has are ignored; without any
    quote left, the sentences of the cited passages that share most terms with the statement take their place.
    """
    cited = tuple(n for n in dict.fromkeys(statement.cited) if 1 <= n <= len(sources))
    quoted_words = list[str]()
    quoted_only_elsewhere = list[int]()
    for quotation in statement.quotes:
        numbers = [n for n, source in enumerate(sources, 1) if source.has_quote(quotation.words)]
        if numbers:
            quoted_words.append(normalise_figures(quotation.words))
        if numbers and not set(numbers) & set(cited):
            quoted_only_elsewhere.append(numbers[0])
    if quoted_only_elsewhere:
        supporting = (n for n in cited if any(sources[n - 1].has_quote(quote.words) for quote in statement.quotes))
        cited = tuple(dict.fromkeys([*supporting, *quoted_only_elsewhere]))
    if quoted_words:
        return Support(cited, tuple(quoted_words), is_quoted=True)
    return Support(cited, best_sentences(statement.text, [sources[n - 1] for n in cited]), is_quoted=False)


def best_sentences(text: str, sources: Sequence[SourceText]) -> tuple[str, ...]:
    """Return the sentences and headings that share most terms with normalised `text`, and those with half as many."""
    terms = content_terms(text)
    shared_terms = dict[str, int]()
    for source in sources:
        for line in (*source.sentences, *source.heading.splitlines()):
            shared_terms[line] = len(terms & content_terms(line))
    min_shared = max(shared_terms.values(), default=0) * _MIN_SHARE_OF_BEST
    return tuple(line for line, count in shared_terms.items() if count and count >= min_shared)
