"""What speaks for a passage as the one that is asked for: one number a feature, none fitted to any set."""

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import Array, AskedWords
from bot.search.coverage import best_sentence
from bot.search.figures import figures
from bot.search.laid_out import LaidOut
from bot.search.spelled import Spelled, runs, stretches, trigrams
from bot.search.surroundings import page_meaning, page_words
from bot.search.word_meaning import likeness

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


def features(asked: AskedWords, rows: NDArray[np.int64]) -> dict[str, Array]:
    """Return each of FEATURES of the passages at `rows` of the question's index, (len(rows),) each; most lie in 0–1.

    `words` is BM25 over the passage, `encoder` and `meaning` are cosines of the encoder's and of the pooled word
    vectors; `context` and `page_meaning` tell of words and meaning of the whole page, where there is one. `sentence`,
    `stretches` and `likeness` are cubed: the last words that are met tell much more than the first (eval/LOG.md,
    2026-11-20).
    """
    index, laid = asked.index, LaidOut(asked, rows)
    spelled, around = Spelled(asked, rows), Spelled(asked, asked.nearest)
    columns = (
        asked.keyword_scores[rows],
        page_words(asked, rows),
        best_sentence(laid) ** 3,
        trigrams(spelled),
        runs(spelled, around),
        stretches(spelled, around) ** 3,
        figures(asked, rows),
        index.vectors[rows] @ asked.encoded,
        index.meanings[rows] @ asked.pooled,
        page_meaning(asked, rows),
        likeness(laid) ** 3,
    )
    return dict(zip(FEATURES, columns, strict=True))
