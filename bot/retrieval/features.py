"""Ranking features of passages for a question, one number per feature.

What the page around a passage says counts, for a page answers as a whole what is asked in several parts. All passages
of a page get the same, so which of them is best they tell themselves: where the page's figure less the passage's own
was the feature, 16 of 40 right pages were shown by the passage that is best by itself, so all 40 (decision 006). A
passage without a page gets 0.
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
# What is asked, and the letters that stand behind a figure which answers it; the first wording that is found decides.
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
    """The passages at `rows` of the question's index as their flow; m is its length."""

    asked: QueryRepresentation
    rows: Places

    @cached_property
    def flow(self) -> tuple[NDArray[np.int32], Places]:
        """The words and marks, (m,), and of which of the `rows` each is, (m,)."""
        return self.asked.index.flow.gather(self.rows)

    @property
    def terms(self) -> NDArray[np.int32]:
        """The words and marks, (m,)."""
        return self.flow[0]

    @property
    def places(self) -> Places:
        """Of which of the `rows` each is, (m,)."""
        return self.flow[1]

    @cached_property
    def starts(self) -> Places:
        """Where each passage begins, (rows,): each has a mark, so none is empty."""
        return np.flatnonzero(np.diff(self.places, prepend=-1))

    @cached_property
    def bodies(self) -> Places:
        """Where each passage's headings end, (rows,)."""
        return np.flatnonzero(self.terms == BODY_MARK)

    @cached_property
    def sentence_starts(self) -> Places:
        """Where each stretch begins: the headings of a passage are one, so is each sentence with the mark before."""
        breaks = (self.terms == SENTENCE_MARK) | (self.terms == BODY_MARK)
        breaks[self.starts] = True
        return np.flatnonzero(breaks)

    @cached_property
    def which(self) -> Places:
        """Which of the question's distinct words each is, (m,), -1 for others."""
        numbers = self.asked.numbers
        order = np.argsort(numbers, kind="stable")
        order = order[numbers[order] >= 0]
        if not len(order):
            return np.full(len(self.terms), -1, np.int64)
        known = numbers[order]
        at = np.minimum(np.searchsorted(known, self.terms), len(known) - 1)
        which: Places = np.where(known[at] == self.terms, order[at], -1)
        return which


def best_sentence_overlap(laid: PassageFlow) -> Array:
    """Return the share of the question's words, by rarity, in the sentence of each passage with most, (rows,).

    The headings belong to each sentence below them.
    """
    asked, stretches = laid.asked, laid.sentence_starts
    hits = np.flatnonzero(laid.which >= 0)
    held = np.zeros((len(stretches), len(asked.distinct)), bool)
    held[np.searchsorted(stretches, hits, side="right") - 1, laid.which[hits]] = True
    first = np.searchsorted(stretches, laid.starts)
    # Without headings the first stretch is a sentence like the others.
    headings = held[first] & (laid.bodies > laid.starts)[:, np.newaxis]
    shares: Array = np.maximum.reduceat((held | headings[laid.places[stretches]]) @ asked.rarity, first)
    return shares


def late_interaction(laid: PassageFlow) -> Array:
    """Return how well the question's words are met by like words of each passage, (rows,), 0–1.

    The mean, by importance, of each word's greatest cosine with a word there: late interaction (Khattab and Zaharia
    2020, arXiv:2004.12832) over static vectors.
    """
    directions, importance = laid.asked.vectors
    known = laid.asked.index.lexicon.directions
    # Each word once: a table of all words is quicker than sorting those that stand here. Marks (-1, -2) are its end.
    place = np.zeros(len(known) + 2, np.int64)
    place[laid.terms] = 1
    distinct = np.flatnonzero(place[:-2])
    place[distinct] = np.arange(len(distinct))
    place[-2:] = len(distinct)
    cosines = np.zeros((len(distinct) + 1, len(importance)), np.float32)
    np.maximum(known[distinct] @ directions.T, 0, out=cosines[:-1])
    met: Array = np.maximum.reduceat(cosines[place[laid.terms]], laid.starts, axis=0) @ importance
    return met


def compute_features(asked: QueryRepresentation, rows: Rows) -> dict[str, Array]:
    """Return each of FEATURES of the passages at `rows` of the question's index, (len(rows),) each; most lie in 0–1.

    `words` is BM25 over the passage, `encoder` and `meaning` are cosines of the encoder's and of the pooled word
    vectors; `context` and `page_meaning` tell of words and meaning of the whole page, where there is one. `sentence`,
    `stretches` and `likeness` are cubed: the last words that are met tell much more than the first (decision 003).
    """
    index, laid = asked.index, PassageFlow(asked, rows)
    spelled, around = LetterMatches(asked, rows), asked.around
    columns = (
        asked.keyword_scores[rows],
        page_word_score(asked, rows),
        best_sentence_overlap(laid) ** 3,
        trigram_overlap(spelled),
        run_overlap(spelled, around),
        five_gram_overlap(spelled, around) ** 3,
        _figures(asked, rows),
        index.vectors[rows] @ asked.encoded,
        index.meanings[rows] @ asked.pooled,
        page_meaning_gain(asked, rows),
        late_interaction(laid) ** 3,
    )
    return dict(zip(FEATURES, columns, strict=True))


def _figures(asked: QueryRepresentation, rows: Rows) -> Array:
    """Return 1 for each of the passages at `rows` that holds a figure as asked for, else 0, (len(rows),).

    0 for all where the question asks for none.
    """
    behind = _expected_counters(asked.letters)
    if behind is None:
        return np.zeros(len(rows), np.float32)
    figure = re.compile(f"[0-9万億千百][{behind}]" if behind else "[0-9]")
    return np.array([figure.search(text) is not None for text in asked.index.letters.texts(rows)], np.float32)


def _expected_counters(question: str) -> str | None:
    """Return the letters of which one stands behind the figure asked for; none of them where any figure may answer."""
    for wording, letters in _ASKED:
        if match := wording.search(question):
            return match[1] if letters is None else letters
    return None


def page_word_score(asked: QueryRepresentation, rows: Rows) -> Array:
    """Return how far BM25 of the page of each passage at `rows` is behind the best page's, (len(rows),), at most 0."""
    index = asked.index
    behind: Array = asked.context_scores[index.contexts[rows]] - asked.context_scores.max(initial=0)
    behind[index.pages[rows] == 0] = 0
    return behind


def page_meaning_gain(asked: QueryRepresentation, rows: Rows) -> Array:
    """Return how much nearer the page of each passage at `rows` is to the question than its nearest passage is.

    (len(rows),), differences of cosines. The page's vector is that of its passages, each counting by its length; with
    but one passage on the page there is no difference.
    """
    index = asked.index
    pages, which = np.unique(index.contexts[rows], return_inverse=True)
    on_them = np.zeros(index.context.size, bool)
    on_them[pages] = True
    found = np.flatnonzero(on_them[index.contexts])
    if not len(found):
        return np.zeros(0, np.float32)
    found = found[np.argsort(index.contexts[found], kind="stable")]
    starts = np.flatnonzero(np.diff(index.contexts[found], prepend=-1))
    meanings = index.meanings[found]
    lengths = (index.flow.starts[found + 1] - index.flow.starts[found]).astype(np.float32)
    page = np.add.reduceat(meanings * lengths[:, None], starts, axis=0)
    cosines = page @ asked.pooled / np.maximum(np.linalg.norm(page, axis=1), 1e-6)
    nearer: Array = (cosines - np.maximum.reduceat(meanings @ asked.pooled, starts))[which]
    return nearer
