"""Words typed in hiragana, as the documents write them where the sentence reads better so (りようりつ -> 利用率)."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bot.understand.readings import Readings
from ingest.tokenise import morphemes, unlikelihood

_RUN = re.compile(r"[ぁ-ゖー]{2,}")
_KATAKANA = re.compile(r"[ァ-ヶー]+")
_TO_KATAKANA = str.maketrans({chr(c): chr(c + 0x60) for c in range(ord("ぁ"), ord("ゖ") + 1)})
# Letters that belong to the one before them.
_CLINGS = frozenset("ぁぃぅぇぉゃゅょゎー")
_NEVER_FIRST = _CLINGS | {"ん", "っ", "を"}
_SHORTEST, _LONGEST = 2, 16
# Letters on each side by which a word is judged: the words beside it, not the whole sentence.
_BESIDE = 8
# How much likelier a sentence must be where the letters may be grammar (どうか, no 同化) or lie across its words, by
# how many times that for a word of two letters, and how much unlikelier it may be where the letters are one word that
# only needs its spelling (しちょう: 市長, 視聴). Chosen on 392 questions over four indexes: eval/LOG.md, 2026-11-20.
_CLEARLY, _SHORT, _HOMOPHONE = 3_000, 2, -2_000
_GRAMMAR = frozenset({"助詞", "助動詞", "副詞", "代名詞", "連体詞", "接続詞", "感動詞", "形状詞"})
_HOMOPHONES = 3
# Letters before と that may be what someone is about to do: しようとする is no 使用.
_VOLITION = re.compile(r"[おこごそとのぼもよろ]うと")


class _Respelt(NamedTuple):
    """A way to write the letters of a text from `start` to `end`, and by how much it is likelier than they are."""

    gain: int
    start: int
    end: int
    spelling: str


def with_words(text: str, readings: Readings) -> str:
    """Return normalised `text` with the words that its hiragana hides in the spelling of `readings`."""
    while options := [option for run in _RUN.finditer(text) for option in _options(text, run, readings)]:
        best = max(options, key=lambda option: (option.gain, option.end - option.start))
        text = text[: best.start] + best.spelling + text[best.end :]
    return text


def _options(text: str, run: re.Match[str], readings: Readings) -> Iterator[_Respelt]:
    for start, end, spellings in _known(run[0], readings):
        kana, at = run[0][start:end], _Respelt(0, run.start() + start, run.start() + end, "")
        left, right = text[max(0, at.start - _BESIDE) : at.start], text[at.end : at.end + _BESIDE]
        before = unlikelihood(left + kana + right)
        found = [at._replace(gain=before - unlikelihood(left + word + right), spelling=word) for word in spellings]
        best = max(found, key=lambda option: option.gain)
        if best.gain >= _HOMOPHONE and best.gain >= _needed(left, kana, right, best.spelling):
            yield best


def _known(run: str, readings: Readings) -> Iterator[tuple[int, int, Sequence[str]]]:
    """Yield the places in a run of hiragana that are the reading of a word, with its spellings."""
    reading = run.translate(_TO_KATAKANA)
    for start in range(len(run) - 1):
        if run[start] in _NEVER_FIRST:
            continue
        for end in range(start + _SHORTEST, min(len(run), start + _LONGEST) + 1):
            if run[end : end + 1] not in _CLINGS and (known := readings.spellings(reading[start:end])):
                yield start, end, known[:_HOMOPHONES]


def _needed(left: str, kana: str, right: str, spelling: str) -> int:
    """Return how much likelier the spelling must be than the letters, by what words these are."""
    start, end = len(left), len(left) + len(kana)
    inside = [m for m in morphemes(left + kana + right, "C") if m.start < end and start < m.end]
    katakana = bool(_KATAKANA.fullmatch(spelling))
    clearly = _CLEARLY * (_SHORT if len(kana) == _SHORTEST and not katakana else 1)
    if (inside[0].start, inside[-1].end) != (start, end):
        return clearly
    if len(inside) > 1:
        grammar = all(m.pos[0] in _GRAMMAR or "非自立可能" in m.pos for m in inside)
        return clearly if grammar or len(kana) == _SHORTEST else 0
    if inside[0].normal == spelling:
        return _HOMOPHONE
    if len(kana) == _SHORTEST:
        return 0 if katakana and inside[0].is_noun else clearly
    if "副詞可能" in inside[0].pos or _VOLITION.search(kana[-2:] + right[:1]):  # きのう is no 機能
        return clearly
    return _HOMOPHONE if katakana or inside[0].is_noun else 0
