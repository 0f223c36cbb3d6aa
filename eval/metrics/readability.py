"""Readability of a Japanese text: the RS score of Tateisi, Ono and Yamada.

RS = 115.79 - 0.12 ls - 1.37 la + 7.4 lh - 23.18 lc - 5.4 lk - 4.67 cp, with ls the letters of a sentence, la, lh, lc,
lk those of a run of Latin letters, hiragana, kanji, katakana (all means), cp the 、 for each 。. Higher reads easier:
the texts it was made from have the mean 50 and the standard deviation 10. Source: 建石、小野、山田 1988
「日本文の読みやすさの評価式」情報処理学会研究報告 88-HI-18; in English "A computer readability formula of Japanese
texts for machine scoring", COLING 1988. It was made for prose: short answers full of names and figures lie below it,
so what counts is the difference of two runs.
"""

import re
from itertools import chain

from bot.verification import MARK
from eval.scoring.run_record import Row
from eval.scoring.score import PASSING
from ingest.japanese import nfkc
from ingest.japanese.sentences import sentences

_RUNS = {"[A-Za-z]+": -1.37, "[ぁ-ゖ]+": 7.4, "[一-龥々〆ヶ]+": -23.18, "[ァ-ヴー]+": -5.4}
_LETTERS_OF_A_SENTENCE, _COMMAS, _CONSTANT = -0.12, -4.67, 115.79


def readability(row: Row) -> float | None:
    """Return RS of the answer's text; None where no answer was given."""
    if row.answer is None or row.answer["status"] not in PASSING["answer"]:
        return None
    return reading_ease(row.answer["answer"])


def reading_ease(text: str) -> float | None:
    """Return RS of `text`, its marks `[n]` left out; a line ends a sentence too. None where it holds no letter."""
    lines = MARK.sub("", nfkc(text)).splitlines()
    said = [re.sub(r"\s", "", sentence) for sentence in chain.from_iterable(map(sentences, lines))]
    said = [sentence for sentence in said if any(map(str.isalnum, sentence))]
    if not said:
        return None
    whole = "".join(said)
    runs = sum(weight * _mean_length(pattern, whole) for pattern, weight in _RUNS.items())
    commas = whole.count("、") / len(said)
    return _CONSTANT + _LETTERS_OF_A_SENTENCE * len(whole) / len(said) + runs + _COMMAS * commas


def _mean_length(pattern: str, text: str) -> float:
    runs = re.findall(pattern, text)
    return sum(map(len, runs)) / len(runs) if runs else 0.0
