"""Small word vectors and texts, for the tests of training and adapting."""

import numpy as np

from ingest.embedding.words import WordVectors

# Three matters; the words of each stand in the same texts.
MATTERS = (
    ["ゴミ", "収集", "袋", "分別", "資源", "燃える", "粗大", "曜日", "回収", "清掃"],
    ["保育", "子供", "入園", "申請", "園児", "育児", "給食", "児童", "母親", "預ける"],
    ["税金", "納付", "口座", "期限", "証明", "課税", "所得", "控除", "督促", "還付"],
)


def some_vectors(terms: list[str], dimension: int = 16) -> WordVectors:
    rows = np.random.default_rng(7).normal(size=(len(terms), dimension)).astype(np.float32)
    return WordVectors({term: row for row, term in enumerate(terms)}, rows)
