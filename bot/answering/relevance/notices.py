"""Recurring notices: the latest issue of a series takes the place of the earlier ones (decision 019)."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from operator import itemgetter

from bot.answering.state import ScoredPassage
from bot.answering.state.query import Query
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.mentions.days import named_months
from ingest.japanese.notation import ERA
from ingest.japanese.tokenise import words
from ingest.publications import published_on

# The parts of a heading that change from issue to issue: 6月の催し, 令和7年4月~8年3月の催し, (2). Other numbers stay,
# because 65歳以上 and 4か月児 name the people a notice is for.
_CHANGING_PARTS = re.compile(rf"(?:{ERA})?(?<!\d)\d++(?:年度?|[月日号回]|/\d+)|(?:第|No\.?)\s?\d+|\(\d+\)|[\W_]+")
# The share of an earlier issue's probability that the later one needs (.1 to .4 give the same answers: decision 019).
_MIN_PROBABILITY_SHARE = 0.25


# The day of publication, the document and the passage.
_IssuePassage = tuple[date, str, str]


class RecurringNotices:
    """The passages of all notices by issuer and heading; safe to share between threads.

    The innermost heading without numbers and punctuation identifies a series, because issues put it under different
    outer headings. A heading that one issue has several times (日時, 申込方法) is combined with the one above it. Text
    before the first heading belongs to no series.
    """

    def __init__(self, documents: Iterable[Document], find_passages: Callable[[str], Iterable[Passage]]) -> None:
        self._notices = {
            document.id: (document, published)
            for document in documents
            if document.kind == "notice" and (published := published_on(document))
        }
        outer_headings: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for document, _ in self._notices.values():
            for passage in find_passages(document.id):
                outer, inner = ["", "", *_stable_headings(document, passage)][-2:]
                outer_headings[document.id, inner].add(outer)
        self._repeated_headings = {inner for (_, inner), outer in outer_headings.items() if len(outer) > 1}
        self._series: defaultdict[tuple[str, ...], list[_IssuePassage]] = defaultdict(list)
        for document, published in self._notices.values():
            for passage in find_passages(document.id):
                if key := self._series_key(document, passage):
                    self._series[key].append((published, document.id, passage.id))
        for passages in self._series.values():
            passages.sort(key=itemgetter(0, 1), reverse=True)

    def find_later(self, passage: Passage) -> Iterator[tuple[str, str]]:
        """Yield the document and passage ids under the same heading in later issues, the latest issue first."""
        if passage.doc_id in self._notices:
            document, published = self._notices[passage.doc_id]
            for day, doc_id, passage_id in self._series.get(self._series_key(document, passage), []):
                if day > published:
                    yield doc_id, passage_id

    def _series_key(self, document: Document, passage: Passage) -> tuple[str, ...]:
        headings = _stable_headings(document, passage)
        if not headings:
            return ()
        is_repeated = headings[-1] in self._repeated_headings
        return (document.issuer, *headings[-2 if is_repeated else -1 :])


def _stable_headings(document: Document, passage: Passage) -> tuple[str, ...]:
    headings = (_CHANGING_PARTS.sub("", nfkc(heading)) for heading in passage.path if heading != document.title)
    return tuple(filter(None, headings))


def replace_earlier_issues(
    passages: Sequence[ScoredPassage], query: Query, notices: RecurringNotices
) -> tuple[ScoredPassage, ...]:
    """Return the passages with earlier issues replaced by the latest one that is about as relevant.

    It gets the highest probability among them. Nothing changes if the question names a document, or asks about a date
    or the past.
    """
    if query.scope.named or query.asks_about_past or query.dates:
        return tuple(passages)
    by_id = {passage.hit.passage.id: passage for passage in passages}
    later = {id_: match for id_, passage in by_id.items() if (match := _find_later(passage, by_id, query, notices))}
    # Replacements do not chain.
    replaced = {id_: match for id_, match in later.items() if match not in later}
    for id_, match in replaced.items():
        probability = max(by_id[match].probability, by_id[id_].probability)
        by_id[match] = replace(by_id[match], probability=probability)
    remaining = [passage for id_, passage in by_id.items() if id_ not in replaced]
    return tuple(sorted(remaining, key=lambda passage: -passage.probability))


def _find_later(
    earlier: ScoredPassage, by_id: Mapping[str, ScoredPassage], query: Query, notices: RecurringNotices
) -> str | None:
    doc_ids = query.scope.allowed - query.scope.later
    relevant = [
        (doc_id, by_id[id_].probability, id_)
        for doc_id, id_ in notices.find_later(earlier.hit.passage)
        if doc_id in doc_ids and id_ in by_id and _is_as_relevant(by_id[id_], earlier, query)
    ]
    of_latest_issue = [each for each in relevant if each[0] == relevant[0][0]]
    return max(of_latest_issue)[2] if of_latest_issue else None


def _is_as_relevant(later: ScoredPassage, earlier: ScoredPassage, query: Query) -> bool:
    return (
        later.probability >= _MIN_PROBABILITY_SHARE * earlier.probability
        and query.months <= named_months(nfkc(later.hit.passage.text_with_headings))
        and _matched_weight(later, query) >= _matched_weight(earlier, query)
    )


def _matched_weight(passage: ScoredPassage, query: Query) -> float:
    passage_words = _words(nfkc(passage.hit.passage.text_with_headings))
    return sum(term.weight for term in query.terms if term.text in passage_words and not term.is_interrogative)


@lru_cache(maxsize=1024)
def _words(text: str) -> frozenset[str]:
    return frozenset(words(text))
