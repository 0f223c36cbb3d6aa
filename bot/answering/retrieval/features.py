"""Ranking features of passages for a question, one number per feature.

The page of a passage counts too, because a page may answer a question in several parts. All passages of a page get the
same page features, so their other features decide among them (decision 003). A passage without a page gets 0.
"""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bot.answering.retrieval import query_representation
from bot.answering.retrieval.query_representation import Array, QueryRepresentation
from ingest.japanese.lexicon import HOW_MANY, HOW_MUCH, TO_WHAT_DEGREE
from ingest.terms.flow import BODY_MARK, SENTENCE_MARK

Positions = NDArray[np.int64]
Rows = NDArray[np.int64]
# Each feature with its key in `ranker.json` and in the scores of a hit.
FEATURE_KEYS = {
    "bm25": "words",
    "page_bm25": "context",
    "best_sentence_overlap": "sentence",
    "trigram_overlap": "trigrams",
    "run_overlap": "runs",
    "five_gram_overlap": "stretches",
    "has_expected_figure": "figures",
    "encoder_cosine": "encoder",
    "word_vector_cosine": "meaning",
    "page_vector_gain": "page_meaning",
    "late_interaction": "likeness",
}
FEATURES = tuple(FEATURE_KEYS)
_COUNTERS = "%人つ回度個本台歳倍円名隻機位番件代万億千百匹頭点年月日時分秒種世階校巻曲作ヶかカパキメセドmkt"
_ANY = ""
# What a question asks for and the characters that follow the answering figure, None for the counter in the question.
# The first match decides.
_EXPECTED_COUNTERS = (
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

    query: QueryRepresentation
    rows: Rows

    @cached_property
    def _gathered(self) -> tuple[NDArray[np.int32], Positions]:
        return self.query.index.term_sequences.gather(self.rows)

    @property
    def terms(self) -> NDArray[np.int32]:
        """The words and marks, (m,)."""
        return self._gathered[0]

    @property
    def row_positions(self) -> Positions:
        """The position in `rows` of each word, (m,)."""
        return self._gathered[1]

    @cached_property
    def passage_starts(self) -> Positions:
        """The start of each passage, (rows,); none is empty, because each has a mark."""
        return np.flatnonzero(np.diff(self.row_positions, prepend=-1))

    @cached_property
    def body_starts(self) -> Positions:
        """The end of each passage's headings, (rows,)."""
        return np.flatnonzero(self.terms == BODY_MARK)

    @cached_property
    def segment_starts(self) -> Positions:
        """The start of each segment: the headings of a passage, then each sentence with its mark."""
        is_start = (self.terms == SENTENCE_MARK) | (self.terms == BODY_MARK)
        is_start[self.passage_starts] = True
        return np.flatnonzero(is_start)

    @cached_property
    def question_words(self) -> Positions:
        """The position of each word among the question's distinct words, (m,), -1 for others."""
        numbers = self.query.word_numbers
        order = np.argsort(numbers, kind="stable")
        order = order[numbers[order] >= 0]
        if not len(order):
            return np.full(len(self.terms), -1, np.int64)
        sorted_numbers = numbers[order]
        candidates = np.minimum(np.searchsorted(sorted_numbers, self.terms), len(sorted_numbers) - 1)
        positions: Positions = np.where(sorted_numbers[candidates] == self.terms, order[candidates], -1)
        return positions


def best_sentence_overlap(flow: PassageFlow) -> Array:
    """Return the idf share of the question's words in the best sentence of each passage, (rows,).

    Headings count as part of each sentence below them.
    """
    query = flow.query
    segments = flow.segment_starts
    hits = np.flatnonzero(flow.question_words >= 0)
    contained = np.zeros((len(segments), len(query.distinct_words)), bool)
    contained[np.searchsorted(segments, hits, side="right") - 1, flow.question_words[hits]] = True
    first = np.searchsorted(segments, flow.passage_starts)
    # Without headings the first segment is an ordinary sentence.
    headings = contained[first] & (flow.body_starts > flow.passage_starts)[:, np.newaxis]
    with_headings = contained | headings[flow.row_positions[segments]]
    shares: Array = np.maximum.reduceat(with_headings @ query.idf_shares, first)
    return shares


def late_interaction(flow: PassageFlow) -> Array:
    """Return the match of each passage's words with the question's, (rows,), 0–1.

    The mean of each question word's greatest cosine, weighted by importance: late interaction (Khattab and Zaharia
    2020, arXiv:2004.12832) over static vectors.
    """
    directions, importance = flow.query.word_vectors
    all_directions = flow.query.index.lexicon.directions
    # A table of all words finds the distinct ones faster than sorting. The marks (-1, -2) index its end.
    columns = np.zeros(len(all_directions) + 2, np.int64)
    columns[flow.terms] = 1
    distinct = np.flatnonzero(columns[:-2])
    columns[distinct] = np.arange(len(distinct))
    columns[-2:] = len(distinct)
    cosines = np.zeros((len(distinct) + 1, len(importance)), np.float32)
    np.maximum(all_directions[distinct] @ directions.T, 0, out=cosines[:-1])
    scores: Array = np.maximum.reduceat(cosines[columns[flow.terms]], flow.passage_starts, axis=0) @ importance
    return scores


def compute_features(query: QueryRepresentation, rows: Rows) -> dict[str, Array]:
    """Return each of FEATURES for the passages at `rows`, (len(rows),) each; most are in 0–1.

    `page_bm25` and `page_vector_gain` describe the page, if there is one. `best_sentence_overlap`,
    `five_gram_overlap` and `late_interaction` are cubed, because the last matched words matter most (decision 003).
    `query` keeps them, because the search and the relevance model need those of the same passages.
    """
    known = query.features_by_row
    if new := [row for row in rows.tolist() if row not in known]:
        computed = _compute_features(query, np.array(new, np.int64))
        known.update(zip(new, np.stack([computed[name] for name in FEATURES], axis=1, dtype=np.float32), strict=True))
    table = np.array([known[row] for row in rows.tolist()], np.float32).reshape(len(rows), len(FEATURES))
    return dict(zip(FEATURES, np.ascontiguousarray(table.T), strict=True))


def _compute_features(query: QueryRepresentation, rows: Rows) -> dict[str, Array]:
    index = query.index
    flow = PassageFlow(query, rows)
    matches = query.match_characters(rows)
    closest = query.closest
    return {
        "bm25": query.keyword_scores[rows],
        "page_bm25": page_word_score(query, rows),
        "best_sentence_overlap": best_sentence_overlap(flow) ** 3,
        "trigram_overlap": query_representation.trigram_overlap(matches),
        "run_overlap": query_representation.run_overlap(matches, closest),
        "five_gram_overlap": query_representation.five_gram_overlap(matches, closest) ** 3,
        "has_expected_figure": _figure_matches(query, rows),
        "encoder_cosine": index.vectors[rows] @ query.encoder_vector,
        "word_vector_cosine": index.word_vectors[rows] @ query.pooled_vector,
        "page_vector_gain": page_meaning_gain(query, rows),
        "late_interaction": late_interaction(flow) ** 3,
    }


def _figure_matches(query: QueryRepresentation, rows: Rows) -> Array:
    counters = _expected_counters(query.characters)
    if counters is None:
        return np.zeros(len(rows), np.float32)
    figure = re.compile(f"[0-9万億千百][{counters}]" if counters else "[0-9]")
    return np.array(
        [figure.search(text) is not None for text in query.index.character_sequences.texts(rows)], np.float32
    )


def _expected_counters(question: str) -> str | None:
    for pattern, counters in _EXPECTED_COUNTERS:
        if match := pattern.search(question):
            return match[1] if counters is None else counters
    return None


def page_word_score(query: QueryRepresentation, rows: Rows) -> Array:
    """Return the BM25 of each passage's page less the best page's, (len(rows),), at most 0."""
    index = query.index
    difference: Array = query.context_scores[index.page_of_passage[rows]] - query.context_scores.max(initial=0)
    difference[index.page_numbers[rows] == 0] = 0
    return difference


def page_meaning_gain(query: QueryRepresentation, rows: Rows) -> Array:
    """Return the cosine of each passage's page less the cosine of the page's best passage, (len(rows),).

    The page's vector is the length-weighted sum of its passages. With only one passage it is 0.
    """
    index = query.index
    pages, page_of_row = np.unique(index.page_of_passage[rows], return_inverse=True)
    is_wanted = np.zeros(index.page_keyword_index.size, bool)
    is_wanted[pages] = True
    on_pages = np.flatnonzero(is_wanted[index.page_of_passage])
    if not len(on_pages):
        return np.zeros(0, np.float32)
    on_pages = on_pages[np.argsort(index.page_of_passage[on_pages], kind="stable")]
    starts = np.flatnonzero(np.diff(index.page_of_passage[on_pages], prepend=-1))
    word_vectors = index.word_vectors[on_pages]
    lengths = (index.term_sequences.starts[on_pages + 1] - index.term_sequences.starts[on_pages]).astype(np.float32)
    page = np.add.reduceat(word_vectors * lengths[:, None], starts, axis=0)
    cosines = page @ query.pooled_vector / np.maximum(np.linalg.norm(page, axis=1), 1e-6)
    gain: Array = (cosines - np.maximum.reduceat(word_vectors @ query.pooled_vector, starts))[page_of_row]
    return gain
