"""Readability of a Japanese text: the RS score and the hard words.

RS = 115.79 - 0.12 ls - 1.37 la + 7.4 lh - 23.18 lc - 5.4 lk - 4.67 cp, with ls the mean letters of a sentence, la, lh,
lc, lk the mean length of a run of Latin letters, hiragana, kanji, katakana, and cp the 、 for each 。. Higher is
easier: the texts it was fitted to have mean 50 and standard deviation 10. Source: 建石、小野、山田 1988
「日本文の読みやすさの評価式」情報処理学会研究報告 88-HI-18; in English "A computer readability formula of Japanese
texts for machine scoring", COLING 1988. It was made for prose: short answers full of names and figures score lower, so
only the difference of two runs has a meaning.
"""

import re
from itertools import chain

from bot.easy_japanese.kanji import is_hard
from bot.state.citation_marks import remove_marks
from eval.scoring.run_record import RunRow
from eval.scoring.score import PASSING
from ingest.japanese.normal_forms import nfkc, remove_spaces
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import Morpheme, morphemes

_RUN_WEIGHTS = {"[A-Za-z]+": -1.37, "[ぁ-ゖ]+": 7.4, "[一-龥々〆ヶ]+": -23.18, "[ァ-ヴー]+": -5.4}
_SENTENCE_LETTERS = -0.12
_COMMAS = -4.67
_CONSTANT = 115.79


def readability(row: RunRow) -> float | None:
    """Return RS of the answer's text; None if no answer was given."""
    if row.answer is None or row.answer["status"] not in PASSING["answer"]:
        return None
    return reading_ease(row.answer["answer"])


def reading_ease(text: str) -> float | None:
    """Return RS of `text` without its marks `[n]`; a line ends a sentence too. None if it has no letter."""
    lines = remove_marks(nfkc(text)).splitlines()
    compact = [remove_spaces(sentence) for sentence in chain.from_iterable(map(sentences, lines))]
    compact = [sentence for sentence in compact if any(map(str.isalnum, sentence))]
    if not compact:
        return None
    joined = "".join(compact)
    runs = sum(weight * _mean_length(pattern, joined) for pattern, weight in _RUN_WEIGHTS.items())
    commas = joined.count("、") / len(compact)
    return _CONSTANT + _SENTENCE_LETTERS * len(joined) / len(compact) + runs + _COMMAS * commas


def _mean_length(pattern: str, text: str) -> float:
    runs = re.findall(pattern, text)
    return sum(map(len, runs)) / len(runs) if runs else 0.0


def hard_words(text: str) -> tuple[list[str], int]:
    """Return the hard words of `text` in order, without its marks `[n]`, and the number of all content words.

    A word is hard if it has a kanji taught after the third school year: 学年別漢字配当表 (小学校学習指導要領, 2017).
    Names of places and people, figures and their counters are not counted: they cannot be replaced.
    """
    tokens = morphemes(remove_marks(nfkc(text)))
    content = [word for index, word in enumerate(tokens) if _is_counted(word, tokens[index - 1] if index else None)]
    return [word.surface for word in content if is_hard(word.surface)], len(content)


def _is_counted(word: Morpheme, previous: Morpheme | None) -> bool:
    is_counter = previous is not None and previous.pos[1] == "数詞"
    return word.is_content and not is_counter and word.pos[1] not in {"数詞", "固有名詞"}
