"""Candidates for the answer proper: phrases — nouns with what joins them, dates, figures, names."""

from collections.abc import Iterator, Sequence

from bot.extract.shape import CLOSING, OPENING, STOPS
from ingest.tokenise import LIGHT_WORDS, Morpheme

# Long morphemes in a candidate: 98.7 % of the answers of JaQuAD have no more (fit half, eval/LOG.md).
_LONGEST = 12
_JOINING = frozenset("、，,・:：;；/／=＝-－‐~〜～…")
_NO_BEGINNING = frozenset({"助詞", "助動詞", "空白", "動詞", "接続詞", "感動詞", "接尾辞"})
_NO_END = frozenset({"助詞", "助動詞", "空白", "動詞", "接続詞", "感動詞", "連体詞", "接頭辞"})
_BREAKS = frozenset({"動詞", "助動詞", "接続詞"})
_CASES = frozenset("はがを")


def candidates(ms: Sequence[Morpheme], sentence: range) -> Iterator[tuple[int, int]]:
    """Yield the first and the last morpheme of each phrase in the sentence; phrases lie inside one another."""
    for first in sentence:
        if not _begins(ms, first):
            continue
        depth = 0
        for last in range(first, min(sentence.stop, first + _LONGEST)):
            depth += (ms[last].surface in OPENING) - (ms[last].surface in CLOSING)
            if depth < 0 or (depth == 0 and _breaks(ms[last])):
                break
            if depth == 0 and _ends(ms, last):
                yield first, last


def _begins(ms: Sequence[Morpheme], i: int) -> bool:
    """Whether a phrase can begin here: not in a numeral, behind a prefix, or with a mark (not even a quotation's)."""
    m, joined = ms[i], i > 0 and (ms[i - 1].pos[0] == "接頭辞" or _is_numeral(ms[i - 1 : i + 1]))
    if joined or m.pos[0] in _NO_BEGINNING or m.normal in LIGHT_WORDS:
        return False
    return not any(m.surface in marks for marks in (OPENING, CLOSING, STOPS, _JOINING))


def _ends(ms: Sequence[Morpheme], i: int) -> bool:
    m = ms[i]
    if m.pos[0] in _NO_END or m.surface in OPENING or m.surface in STOPS or m.surface in _JOINING:
        return False
    return not _is_numeral(ms[i : i + 2])


def _breaks(m: Morpheme) -> bool:
    if m.surface == "な":  # 高圧的な態度 is one phrase
        return False
    return m.pos[0] in _BREAKS or m.surface in STOPS or (m.pos[0] == "助詞" and m.surface in _CASES)


def _is_numeral(ms: Sequence[Morpheme]) -> bool:
    """Whether two morphemes are parts of one numeral."""
    return [m.pos[1] for m in ms] == ["数詞", "数詞"]
