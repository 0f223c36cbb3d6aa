"""What speaks for a passage as the one that is asked for: one number a feature, none fitted to any set."""

import numpy as np
from numpy.typing import NDArray

from bot.find.asked_words import Array, AskedWords
from bot.find.coverage import adjacency, coverage, letters
from bot.find.laid_out import LaidOut
from bot.find.word_meaning import heading_meaning, likeness


def features(asked: AskedWords, rows: NDArray[np.int64]) -> dict[str, Array]:
    """Return each feature of the passages at `rows` of the question's index, (len(rows),) each; most lie in 0–1.

    `words` is BM25 over the passage, `context` what BM25 over the page or section around it gives beyond that;
    `encoder` and `meaning` are cosines of the encoder's and of the pooled word vectors.
    """
    index, laid = asked.index, LaidOut(asked, rows)
    covered, sentence = coverage(laid)
    words = asked.keyword_scores[rows]
    return {
        "words": words,
        "context": np.maximum(asked.context_scores[index.contexts[rows]] - words, 0),
        "coverage": covered,
        "sentence": sentence,
        "adjacency": adjacency(laid),
        "trigrams": letters(asked, rows),
        "encoder": index.vectors[rows] @ asked.encoded,
        "meaning": index.meanings[rows] @ asked.pooled,
        "heading_meaning": heading_meaning(laid),
        "likeness": likeness(laid),
    }
