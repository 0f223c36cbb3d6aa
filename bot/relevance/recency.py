"""Compares an older and a newer passage, and detects questions about the past."""

import re
from functools import lru_cache

from bot.question.query import Query
from bot.state import ScoredPassage
from ingest.japanese import nfkc
from ingest.japanese.tokenise import words

# Words that ask for what was, whatever came later.
_PAST = re.compile(
    r"(?<!午)[先前]月(?!曜)|[先前]回|前号|[昨去]年|一昨年|おととし|この前|先日|[年月週日]前(?!後|半)|(?<!年)以前|過去|当時|昔(?!話)"
    r"|先々?週|昨[日晩夜]|きのう|おととい|この間|終わっ"
)
# 6月, also in 2024年6月号, and 6/8.
_MONTH = re.compile(r"(?<![\d/])(1[0-2]|[1-9])(?:月|/\d)")


def asks_about_past(query: Query) -> bool:
    """Whether the question asks for something past (先月の, 昨年の)."""
    return _PAST.search(query.text) is not None


def asks_for_month(query: Query) -> bool:
    """Whether the question names a month."""
    return _MONTH.search(query.text) is not None


def is_as_relevant(newer: ScoredPassage, older: ScoredPassage, query: Query, min_share: float) -> bool:
    """Whether the newer passage has `min_share` of the older one's probability, and as much of the question's words.

    It also has the months that the question names. False where the question names a date.
    """
    if newer.probability < min_share * older.probability or query.dates:
        return False
    months = set(_MONTH.findall(query.text))
    if not months.issubset(_MONTH.findall(_text_with_headings(newer))):
        return False
    return _matched_weight(newer, query) >= _matched_weight(older, query)


def _matched_weight(passage: ScoredPassage, query: Query) -> float:
    """Return the weight of the question's terms in a passage and its headings."""
    own = _words(_text_with_headings(passage))
    return sum(term.weight for term in query.terms if term.text in own and not term.asks)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))


def _text_with_headings(passage: ScoredPassage) -> str:
    return nfkc("\n".join((*passage.hit.passage.path, passage.hit.passage.text)))
