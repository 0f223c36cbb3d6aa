"""Readings and meanings put into an answer in full-width brackets, each at the first place where it is needed.

No other full-width bracket stands in the text, so what was put in can be told from what was there.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from bot.claims import days_without_year
from bot.plain.glossary import Explained, explained
from bot.plain.reading import Spans, Unit, units
from ingest.normalise import dates, nfkc, quantities
from ingest.tokenise import Morpheme, morphemes

# A meaning, or a reading: （＝つくること）, （さくてい）; a document's own （2024年度） is neither.
_NOTE = re.compile(r"（(?:[^（）]*＝[^（）]*|[ぁ-ゖァ-ヶーA-Za-z・…。]+)）")
_BRACKETS = str.maketrans("（）", "()")
# Meanings in one sentence: with more the sentence itself is lost.
_MOST_MEANINGS = 2
# A word that ends so is read together with the nouns behind it: DX推進本部.
_IN_LETTERS = re.compile("[ァ-ヶーA-Za-z0-9]$")
# A quoted plan or law is a name as a title is.
_QUOTED_NAME = re.compile(r"(?<=「)[^「」]{1,30}(?:計画|プラン|戦略|構想|ビジョン|指針|条例|憲章|(?<!方)法)(?=」)")


def without_notes(text: str) -> str:
    """Return a text as it was before notes were put in."""
    return _NOTE.sub("", text)


def ready_for_notes(text: str) -> str:
    """Return a text whose own brackets are half-width."""
    return text.translate(_BRACKETS)


class Notes:
    """Puts notes into the sentences of one answer. `names` are kept whole: no word in them is explained."""

    def __init__(self, meanings: Mapping[str, str], names: Iterable[str] = ()) -> None:
        self._meanings = meanings
        self._names = sorted(filter(None, names), key=len, reverse=True)
        self._read: set[str] = set()
        self._told: set[str] = set()

    def put(self, sentence: str) -> str:
        """Return the sentence with a note behind each word that is hard and new."""
        kept, names = _numbers(sentence), self._spans(sentence)
        words = morphemes(sentence, "C")
        found = [u for u in units(words, names) if (u.start, u.end) in names or not _touches(u, kept)]
        told = self._to_tell(sentence, words, [*kept, *names])
        notes: dict[int, list[str]] = {}
        for unit in found:
            if self._is_new(unit) and not any(e.start <= unit.start and unit.end <= e.end for e in told):
                notes.setdefault(unit.end, []).append(unit.reading)
        for word in told:
            at, note, of_part = _meaning(word, found, words)
            behind = notes.setdefault(at, [])
            behind.insert(len(behind) if of_part else 0, note)
        return _with_notes(sentence, notes)

    def _spans(self, sentence: str) -> Spans:
        """Return where names stand, the longest at each place."""
        spans = [match.span() for name in self._names for match in re.finditer(re.escape(name), sentence)]
        found: list[tuple[int, int]] = []
        for span in [*spans, *(match.span() for match in _QUOTED_NAME.finditer(sentence))]:
            if not any(span[0] < other[1] and other[0] < span[1] for other in found):
                found.append(span)
        return found

    def _is_new(self, unit: Unit) -> bool:
        """Whether a kanji of the unit has not been read yet; from now on it has."""
        new = set(unit.hard) - self._read
        self._read |= new
        return bool(new)

    def _to_tell(self, sentence: str, words: Sequence[Morpheme], kept: Spans) -> list[Explained]:
        """Return the words to explain in this sentence; from now on they are told."""
        verbs = [word for word in words if word.pos[0] in {"動詞", "形容詞"}]
        inner = [m for m in morphemes(sentence) if not any(v.start <= m.start < v.end for v in verbs)]
        chosen: dict[str, Explained] = {}
        # A verb that a noun follows without more is a part of a name: よりそいホットライン.
        names = {v.end for v in verbs if v.pos[5].startswith("連用形")} & {m.start for m in words if m.is_noun}
        verbs = [verb for verb in verbs if verb.end not in names]
        for word in sorted(
            [*explained(verbs, self._meanings), *explained(inner, self._meanings)], key=lambda e: e.start
        ):
            if len(chosen) < _MOST_MEANINGS and word.word not in self._told and not _overlaps(word, kept):
                chosen.setdefault(word.word, word)
        self._told |= set(chosen)
        return list(chosen.values())


def _meaning(word: Explained, found: Sequence[Unit], words: Sequence[Morpheme]) -> tuple[int, str, bool]:
    """Return where the note of a word stands, its text, and whether the word is a part of what the note stands behind.

    The note of a part of a compound stands behind the compound and names the part; that of a whole has its reading.
    """
    parts = [unit for unit in found if unit.start < word.end and word.start < unit.end]
    end = max([unit.end for unit in parts], default=word.end)
    verb = any(w.start == word.start and w.pos[0] in {"動詞", "形容詞"} for w in words)
    if not verb and (end > word.end or any(unit.start < word.start for unit in parts)):
        return end, f"{word.word}＝{word.meaning}", True
    read = "".join(unit.reading or _written(words, unit) for unit in parts) if any(u.reading for u in parts) else ""
    behind = _end_of_compound(word.end, found, words) if _IN_LETTERS.search(word.word) else word.end
    if behind > word.end:
        return behind, f"{read or word.word}＝{word.meaning}", True
    return end, f"{read}＝{word.meaning}", False


def _end_of_compound(at: int, found: Sequence[Unit], words: Sequence[Morpheme]) -> int:
    """Return where the compound ends that goes on at `at`: behind the next of its units that has a reading, or all."""
    nouns = {m.start for m in words if m.pos[0] in {"名詞", "接尾辞"} and m.surface != "等"}
    for unit in found:
        if unit.start == at and at in nouns:
            at = unit.end
            if unit.hard:
                break
    return at


def _written(words: Sequence[Morpheme], unit: Unit) -> str:
    return "".join(m.surface for m in words if unit.start <= m.start < unit.end)


def _numbers(sentence: str) -> list[tuple[int, int]]:
    """Return where dates and figures stand, which are kept letter for letter and have no note in them."""
    normal = nfkc(sentence)
    if len(normal) != len(sentence):
        return [match.span() for match in re.finditer(r"\d[\d,.]*\S{0,2}", sentence)]
    days = [(start, end) for start, end, *_ in days_without_year(normal)]
    return [*days, *((d.start, d.end) for d in dates(normal)), *((q.start, q.end) for q in quantities(normal))]


def _touches(unit: Unit, spans: Spans) -> bool:
    """Whether the unit is a part of a figure or stands right behind one: 50%減, 4年度末."""
    return any(unit.start <= end and start < unit.end for start, end in spans)


def _overlaps(one: Unit | Explained, spans: Spans) -> bool:
    return any(one.start < end and start < one.end for start, end in spans)


def _with_notes(sentence: str, notes: Mapping[int, Sequence[str]]) -> str:
    for at in sorted(notes, reverse=True):
        sentence = f"{sentence[:at]}（{'。'.join(notes[at])}）{sentence[at:]}"
    return sentence
