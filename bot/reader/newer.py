"""Which of two documents speaks to a question: the one in force where it does so as well."""

from bot.query.query import Query
from bot.turn import ReadPassage
from ingest.normalise import nfkc
from ingest.tokenise import words

# The share of an older passage's probability that one in force must have to speak to the question as well (eval/LOG.md,
# 2026-11-22).
_AS_WELL = 0.4


def speaks_as_well(newer: ReadPassage, older: ReadPassage, query: Query) -> bool:
    """Whether a passage in force speaks to what one that is not answers, and no time is asked for.

    It is nearly as likely, and has as much of the question's words.
    """
    in_force = (
        newer.hit.passage.doc_id in query.scope.preferred and older.hit.passage.doc_id not in query.scope.preferred
    )
    likely = newer.probability >= _AS_WELL * older.probability
    return in_force and likely and not query.dates and _said(newer, query) >= _said(older, query)


def _said(read: ReadPassage, query: Query) -> float:
    """Return how much of a question's words, by weight, a passage has with its headings."""
    own = set(words(nfkc("\n".join((*read.hit.passage.path, read.hit.passage.text)))))
    return sum(term.weight for term in query.terms if term.text in own and not term.asks)
