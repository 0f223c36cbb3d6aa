"""What speaks for a passage as the one that is asked for: one number a feature, none fitted to any set."""

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import Array, AskedWords
from bot.search.coverage import adjacency, coverage, letters
from bot.search.laid_out import LaidOut
from bot.search.surroundings import page_meaning, page_words
from bot.search.word_meaning import heading_meaning, likeness

FEATURES = (
    "words",
    "context",
    "coverage",
    "sentence",
    "adjacency",
    "trigrams",
    "encoder",
    "meaning",
    "page_meaning",
    "heading_meaning",
    "likeness",
)


def features(asked: AskedWords, rows: NDArray[np.int64]) -> dict[str, Array]:
    """Return each of FEATURES of the passages at `rows` of the question's index, (len(rows),) each; most lie in 0–1.

    `words` is BM25 over the passage, `encoder` and `meaning` are cosines of the encoder's and of the pooled word
    vectors; `context` and `page_meaning` tell of words and meaning of the whole page, where there is one.
    """
    index, laid = asked.index, LaidOut(asked, rows)
    covered, sentence = coverage(laid)
    columns = (
        asked.keyword_scores[rows],
        page_words(asked, rows),
        covered,
        sentence,
        adjacency(laid),
        letters(asked, rows),
        index.vectors[rows] @ asked.encoded,
        index.meanings[rows] @ asked.pooled,
        page_meaning(asked, rows),
        heading_meaning(laid),
        likeness(laid),
    )
    return dict(zip(FEATURES, columns, strict=True))
