"""Recognises messages of people in danger: a softmax regression on sentence vectors and concepts (decision 099).

It errs towards an alarm: one too many costs a reader a glance, one too few may cost a life.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from bot.guardrails.screen import find_matching_rule
from bot.question.text_limits import MAX_QUESTION_CHARS
from bot.state import HelpLines
from ingest.embedding.use_encoder import ENCODED_CHARACTERS, UseEncoder
from ingest.japanese import nfkc
from ingest.japanese.characters import to_hiragana
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import morphemes

Array = NDArray[np.float64]
SHIPPED = Path(__file__).with_name("classifier.json")
CONCEPTS = Path(__file__).with_name("concepts.toml")
HARMLESS, BEREAVEMENT, HELP = "harmless", "bereavement", "help"
# Both probabilities are of the sentence in which a situation is most likely (decision 099).
_MIN_DANGER = 0.4
# From here on only sure answers of the documents follow; below, the message is answered as any other.
_MIN_CERTAIN = 0.9
_MIN_SECOND = 0.25
# A cry for help names no situation, so a likely one goes before it.
_MIN_BEFORE_HELP = 0.3
# Pieces of a message that are read, and sentences.
_MAX_READ = 24
_STRIDE = ENCODED_CHARACTERS // 2
# A concept counts as much as this length of the sentence vector (decision 099).
_CONCEPT_WEIGHT = 0.6
_ACCENTS = re.compile("[\u0300-\u036f]")
_LATIN = re.compile("[a-z0-9']+")
# What the rules against harm stop, where the asker may be in danger.
_SITUATIONS_OF_RULES = {"suicide": "suicide", "child": "child_abuse"}


@dataclass(frozen=True, slots=True)
class Screening:
    """The help for a message, the likeliest situation first; whether danger is certain; whether somebody has died."""

    urgent: tuple[HelpLines, ...] = ()
    is_certain: bool = False
    is_bereavement: bool = False


class EmergencyScreen:
    """Finds the help for a message; safe to share between threads."""

    def __init__(self, help_lines: Mapping[str, HelpLines]) -> None:
        self._help_lines = help_lines
        # It is screened before it waits for its answer, and with it.
        self._cached = lru_cache(maxsize=64)(self._screen)

    def __call__(self, text: str) -> Screening:
        """Return the screening of a message as a person typed it."""
        return self._cached(nfkc(text[:MAX_QUESTION_CHARS]).strip())

    def _screen(self, text: str) -> Screening:
        chances = situation_chances(text)
        bereavement = chances.pop(BEREAVEMENT)
        rule = find_matching_rule(text)
        found = [_SITUATIONS_OF_RULES[rule.kind]] if rule and rule.kind in _SITUATIONS_OF_RULES else []
        found += [situation for situation in likely_situations(chances) if situation not in found]
        return Screening(
            urgent=tuple(self._help_lines[situation] for situation in found),
            is_certain=1 - chances[HARMLESS] >= _MIN_CERTAIN,
            is_bereavement=not found and bereavement >= _MIN_DANGER,
        )


def likely_situations(chances: Mapping[str, float]) -> list[str]:
    """Return the situations to show, likeliest first, at most two; none for a message without danger."""
    if 1 - chances[HARMLESS] < _MIN_DANGER:
        return []
    first, *others = sorted(chances.keys() - {HARMLESS}, key=lambda situation: -chances[situation])
    if first == HELP and chances[others[0]] >= _MIN_BEFORE_HELP:
        first, others = others[0], []
    return [first, *(second for second in others[:1] if chances[second] >= _MIN_SECOND and second != HELP)]


def situation_chances(text: str) -> dict[str, float]:
    """Return the probability of each situation, of a bereavement, and of neither (`harmless`), for normalised text.

    They are those of the message or of its sentence, whichever is least harmless; bereavement is the highest of all.
    """
    labels, weights, bias = _classifier()
    chances = softmax(classifier_features(texts_to_read(text) or [text]) @ weights + bias, axis=1)
    bereaved = chances[:, labels.index(BEREAVEMENT)]
    named = as_situations(labels, chances[np.argmin(chances[:, labels.index(HARMLESS)] + bereaved)])
    return named | {BEREAVEMENT: float(bereaved.max())}


def as_situations(labels: Sequence[str], chances: Array) -> dict[str, float]:
    """Return the probability of each situation by label; a bereavement is harmless."""
    named = dict(zip(labels, map(float, chances), strict=True))
    return named | {HARMLESS: named[HARMLESS] + named.pop(BEREAVEMENT)}


def texts_to_read(text: str) -> list[str]:
    """Return what is read of a message: overlapping pieces that the encoder reads whole, and the sentences."""
    pieces = [text[start : start + ENCODED_CHARACTERS] for start in range(0, max(1, len(text) - _STRIDE), _STRIDE)]
    split = [sentence.strip() for line in text.splitlines() for sentence in sentences(line)]
    return list(dict.fromkeys(filter(None, (*pieces[:_MAX_READ], *split[:_MAX_READ]))))


def classifier_features(texts: Sequence[str]) -> Array:
    """Return the sentence vector of each normalised text, then its concepts, (len(texts), dimension + concepts)."""
    vectors = UseEncoder().encode_documents([text.lower() for text in texts])
    concepts = [[any(word in form for word in words) for words in _concepts()] for form in map(_searched_form, texts)]
    return np.hstack([vectors, np.array(concepts, np.float64) * _CONCEPT_WEIGHT])


def _searched_form(text: str) -> str:
    """Return, on a line each, the Latin words, the text without spaces, its reading and its normal forms."""
    latin = _ACCENTS.sub("", normalize("NFKD", text.lower().replace("đ", "d")))
    tokens = morphemes(text)
    reading = "".join(to_hiragana(token.reading) for token in tokens)
    normal = "".join(token.normal for token in tokens)
    return f" {' '.join(_LATIN.findall(latin))} \n{''.join(text.lower().split())}\n{''.join(reading.split())}\n{normal}"


@cache
def _concepts() -> list[list[str]]:
    content = tomllib.loads(CONCEPTS.read_text("utf-8"))
    concepts = (nfkc(words).lower().split() for words in content.values())
    return [[f" {word.replace('_', ' ')} " if word.isascii() else word for word in words] for words in concepts]


@cache
def _classifier() -> tuple[list[str], Array, Array]:
    content = json.loads(SHIPPED.read_text("utf-8"))
    return content["labels"], np.array(content["weights"]).T, np.array(content["bias"])
