"""The figure that a question asks for: passages that hold one of its kind may tell it, the others cannot."""

import re

import numpy as np
from numpy.typing import NDArray

from bot.search.asked_words import Array, AskedWords

_COUNTERS = "%人つ回度個本台歳倍円名隻機位番件代万億千百匹頭点年月日時分秒種世階校巻曲作ヶかカパキメセドmkt"
_ANY = ""
# What is asked, and the letters that stand behind a figure which answers it; the first wording that is found decides.
_ASKED = (
    (re.compile(r"何年|西暦|年は\??$|年号"), "年"),
    (re.compile(r"何月|何日"), "月日"),
    (re.compile(r"いつ|何時代|時期"), "年月日世"),
    (re.compile(rf"何([{_COUNTERS}])"), None),
    (re.compile(r"いくつ|いくら|ど(?:の|れ)(?:くらい|ぐらい|程度|ほど|だけ)|何割"), _ANY),
    (re.compile(r"人口|割合|面積|[数率量額値高]は"), _ANY),
)


def figures(asked: AskedWords, rows: NDArray[np.int64]) -> Array:
    """Return 1 for each of the passages at `rows` that holds a figure as asked for, else 0, (len(rows),).

    0 for all where the question asks for none.
    """
    behind = _behind(asked.letters)
    if behind is None:
        return np.zeros(len(rows), np.float32)
    figure = re.compile(f"[0-9万億千百][{behind}]" if behind else "[0-9]")
    return np.array([figure.search(text) is not None for text in asked.index.letters.texts(rows)], np.float32)


def _behind(question: str) -> str | None:
    """Return the letters of which one stands behind the figure asked for; none of them where any figure may answer."""
    for wording, letters in _ASKED:
        if match := wording.search(question):
            return match[1] if letters is None else letters
    return None
