"""Quotes of a statement: where they are in the passages, and which sentences support it where none is found."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.verification.literals import content_terms
from bot.verification.source_text import SourceText
from bot.verification.statements import CitedStatement
from ingest.japanese.normal_forms import normalise_figures

# A sentence supports a statement with at least this share of the best one's terms.
_NEAR_BEST = 0.5


@dataclass(frozen=True, slots=True)
class Support:
    """The numbers of the passages that a statement cites, corrected, and the normalised words that support it.

    `is_quoted` where the words are quotes found in a passage, not sentences chosen by their words.
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
    found, elsewhere = list[str](), list[int]()
    for quotation in statement.quotes:
        holding = [n for n, source in enumerate(sources, 1) if source.has_letters(quotation.words)]
        if holding:
            found.append(normalise_figures(quotation.words))
        if holding and not set(holding) & set(cited):
            elsewhere.append(holding[0])
    if elsewhere:
        supporting = (n for n in cited if any(sources[n - 1].has_letters(q.words) for q in statement.quotes))
        cited = tuple(dict.fromkeys([*supporting, *elsewhere]))
    if found:
        return Support(cited, tuple(found), is_quoted=True)
    return Support(cited, best_sentences(statement.text, [sources[n - 1] for n in cited]), is_quoted=False)


def best_sentences(text: str, sources: Sequence[SourceText]) -> tuple[str, ...]:
    """Return the sentences and headings that share most terms with normalised `text`, and those with half as many."""
    terms = content_terms(text)
    lines = [line for source in sources for line in (*source.sentences, *source.heading.splitlines())]
    shared = {line: len(terms & content_terms(line)) for line in lines}
    most = max(shared.values(), default=0)
    return tuple(line for line, count in shared.items() if count and count >= most * _NEAR_BEST)
