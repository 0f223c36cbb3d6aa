"""Ranking features of passages for a question, one number per feature.

The page around a passage counts too, as a page may answer a question in several parts. All passages of a page get the
same page features, so that their own features decide among them: with the page's value less the passage's own, the best
passage represented 16 of 40 correct pages, now all 40 (decision 006). A passage without a page gets 0.
"""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.retrieval.query_representation import (
    Array,
    LetterMatches,
    QueryRepresentation,
    five_gram_overlap,
    run_overlap,
    trigram_overlap,
)
from ingest.japanese.interrogatives import HOW_MANY, HOW_MUCH, TO_WHAT_DEGREE
from ingest.terms.flow import BODY_MARK, SENTENCE_MARK

Places = NDArray[np.int64]
Rows = NDArray[np.int64]
FEATURES = (
    "words",
    "context",
    "sentence",
    "trigrams",
    "runs",
    "stretches",
    "figures",
    "encoder",
    "meaning",
    "page_meaning",
    "likeness",
)
_COUNTERS = "%人つ回度個本台歳倍円名隻機位番件代万億千百匹頭点年月日時分秒種世階校巻曲作ヶかカパキメセドmkt"
_ANY = ""
# Question wordings and the characters after an answering figure; the first match decides.
_ASKED = (
    (re.compile(r"何年|西暦|年は\??$|年号"), "年"),
    (re.compile(r"何月|何日"), "月日"),
    (re.compile(r"いつ|何時代|時期"), "年月日世"),
    (re.compile(rf"何([{_COUNTERS}])"), None),
    (re.compile(rf"{HOW_MUCH}|{HOW_MANY}|{TO_WHAT_DEGREE}|何割"), _ANY),
    (re.compile(r"人口|割合|面積|[数率量額値高]は"), _ANY),
)


@dataclass(frozen=True)
class PassageFlow:
    """The passages at `rows` of the index as one sequence of m words and marks."""

    asked: QueryRepresentation
    rows: Places

    @cached_property
    def flow(self) -> tuple[NDArray[np.int32], Places]:
        """The words and marks, (m,), and the position in `rows` of each, (m,)."""
        return self.asked.index.flow.gather(self.rows)

    @property
    def terms(self) -> NDArray[np.int32]:
        """The words and marks, (m,)."""
        return self.flow[0]

    @property
    def places(self) -> Places:
        """The position in `rows` of each word, (m,)."""
        return self.flow[1]

    @cached_property
    def starts(self) -> Places:
        """The start of each passage, (rows,); none is empty, as each has a mark."""
        return np.flatnonzero(np.diff(self.places, prepend=-1))

    @cached_property
    def bodies(self) -> Places:
        """The end of each passage's headings, (rows,)."""
        return np.flatnonzero(self.terms == BODY_MARK)

    @cached_property
    def sentence_starts(self) -> Places:
        """The start of each segment: the headings of a passage, then each sentence with its mark."""
        breaks = (self.terms == SENTENCE_MARK) | (self.terms == BODY_MARK)
        breaks[self.starts] = True
        return np.flatnonzero(breaks)

    @cached_property
    def which(self) -> Places:
        """The position of each word among the question's distinct words, (m,), -1 for others."""
        numbers = self.asked.numbers
        order = np.argsort(numbers, kind="stable")
        order = order[numbers[order] >= 0]
        if not len(order):
            return np.full(len(self.terms), -1, np.int64)
        known = numbers[order]
        positions = np.minimum(np.searchsorted(known, self.terms), len(known) - 1)
        which: Places = np.where(known[positions] == self.terms, order[positions], -1)
        return which


def best_sentence_overlap(laid: PassageFlow) -> Array:
    """Return the idf share of the question's words in the best sentence of each passage, (rows,).

    Headings count as part of each sentence below them.
    """
    query, segments = laid.asked, laid.sentence_starts
    hits = np.flatnonzero(laid.which >= 0)
    exact = np.zeros((len(segments), len(query.distinct)), bool)
    exact[np.searchsorted(segments, hits, side="right") - 1, laid.which[hits]] = True
    first = np.searchsorted(segments, laid.starts)
    # Without headings the first segment is an ordinary sentence.
    headings = exact[first] & (laid.bodies > laid.starts)[:, np.newaxis]
    shares: Array = np.maximum.reduceat((exact | headings[laid.places[segments]]) @ query.rarity, first)
    return shares


def late_interaction(laid: PassageFlow) -> Array:
    """Return how well each passage's words match the question's, (rows,), 0–1.

    The mean, by importance, of each question word's greatest cosine: late interaction (Khattab and Zaharia 2020,
    arXiv:2004.12832) over static vectors.
    """
    directions, importance = laid.asked.vectors
    known = laid.asked.index.lexicon.directions
    # Distinct words: a table of all words is faster than sorting. The marks (-1, -2) index its end.
    place = np.zeros(len(known) + 2, np.int64)
    place[laid.terms] = 1
    distinct = np.flatnonzero(place[:-2])
    place[distinct] = np.arange(len(distinct))
    place[-2:] = len(distinct)
    cosines = np.zeros((len(distinct) + 1, len(importance)), np.float32)
    np.maximum(known[distinct] @ directions.T, 0, out=cosines[:-1])
    scores: Array = np.maximum.reduceat(cosines[place[laid.terms]], laid.starts, axis=0) @ importance
    return scores


def compute_features(query: QueryRepresentation, rows: Rows) -> dict[str, Array]:
    """Return each of FEATURES for the passages at `rows`, (len(rows),) each; most are in 0–1.

    `words` is BM25 over the passage, `encoder` and `meaning` are cosines of the encoder's and of the pooled word
    vectors; `context` and `page_meaning` describe the page, where there is one. `sentence`, `stretches` and `likeness`
    are cubed: the last matched words matter most (decision 003).
    """
    index, laid = query.index, PassageFlow(query, rows)
    spelled, around = LetterMatches(query, rows), query.around
    columns = (
        query.keyword_scores[rows],
        page_word_score(query, rows),
        best_sentence_overlap(laid) ** 3,
        trigram_overlap(spelled),
        run_overlap(spelled, around),
        five_gram_overlap(spelled, around) ** 3,
        _figures(query, rows),
        index.vectors[rows] @ query.encoded,
        index.meanings[rows] @ query.pooled,
        page_meaning_gain(query, rows),
        late_interaction(laid) ** 3,
    )
    return dict(zip(FEATURES, columns, strict=True))


def _figures(query: QueryRepresentation, rows: Rows) -> Array:
    """Return 1 for each passage with a figure of the requested kind, else 0, (len(rows),).

    0 for all where the question asks for no figure.
    """
    counters = _expected_counters(query.letters)
    if counters is None:
        return np.zeros(len(rows), np.float32)
    figure = re.compile(f"[0-9万億千百][{counters}]" if counters else "[0-9]")
    return np.array([figure.search(text) is not None for text in query.index.letters.texts(rows)], np.float32)


def _expected_counters(question: str) -> str | None:
    """Return the characters that may follow the requested figure; "" for any figure, None without one."""
    for wording, letters in _ASKED:
        if match := wording.search(question):
            return match[1] if letters is None else letters
    return None


def page_word_score(query: QueryRepresentation, rows: Rows) -> Array:
    """Return the BM25 of each passage's page less the best page's, (len(rows),), at most 0."""
    index = query.index
    difference: Array = query.context_scores[index.contexts[rows]] - query.context_scores.max(initial=0)
    difference[index.pages[rows] == 0] = 0
    return difference


def page_meaning_gain(query: QueryRepresentation, rows: Rows) -> Array:
    """Return the cosine of each passage's page less that of the page's best passage, (len(rows),).

    The page's vector is the length-weighted sum of its passages. With only one passage it is 0.
    """
    index = query.index
    pages, which = np.unique(index.contexts[rows], return_inverse=True)
    on_them = np.zeros(index.context.size, bool)
    on_them[pages] = True
    on_pages = np.flatnonzero(on_them[index.contexts])
    if not len(on_pages):
        return np.zeros(0, np.float32)
    on_pages = on_pages[np.argsort(index.contexts[on_pages], kind="stable")]
    starts = np.flatnonzero(np.diff(index.contexts[on_pages], prepend=-1))
    meanings = index.meanings[on_pages]
    lengths = (index.flow.starts[on_pages + 1] - index.flow.starts[on_pages]).astype(np.float32)
    page = np.add.reduceat(meanings * lengths[:, None], starts, axis=0)
    cosines = page @ query.pooled / np.maximum(np.linalg.norm(page, axis=1), 1e-6)
    gain: Array = (cosines - np.maximum.reduceat(meanings @ query.pooled, starts))[which]
    return gain
