"""What speaks for a passage as the one that is asked for: one number a feature, none fitted to any set."""

import numpy as np
from numpy.typing import NDArray

from bot.find.asked_words import Array, AskedWords
from bot.find.coverage import adjacency, coverage, letters
from bot.find.laid_out import LaidOut
from bot.find.surroundings import page_meaning, page_words
from bot.find.word_meaning import heading_meaning, likeness


def features(asked: AskedWords, rows: NDArray[np.int64]) -> dict[str, Array]:
    """Return each feature of the passages at `rows` of the question's index, (len(rows),) each; most lie in 0–1.

    `words` is BM25 over the passage, `encoder` and `meaning` are cosines of the encoder's and of the pooled word
    vectors; `context` and `page_meaning` tell of words and meaning of the whole page, where there is one.
    """
    index, laid = asked.index, LaidOut(asked, rows)
    covered, sentence = coverage(laid)
    return {
        "words": asked.keyword_scores[rows],
        "context": page_words(asked, rows),
        "coverage": covered,
        "sentence": sentence,
        "adjacency": adjacency(laid),
        "trigrams": letters(asked, rows),
        "encoder": index.vectors[rows] @ asked.encoded,
        "meaning": index.meanings[rows] @ asked.pooled,
        "page_meaning": page_meaning(asked, rows),
        "heading_meaning": heading_meaning(laid),
        "likeness": likeness(laid),
    }
