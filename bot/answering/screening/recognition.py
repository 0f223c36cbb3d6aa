"""Recognises messages of people in danger: a softmax regression on vectors, concepts and n-grams (decision 097).

It errs towards an alarm: one too many costs a reader a glance, one too few may cost a life.
"""

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import combining, normalize

import numpy as np
from numpy.typing import NDArray

from bot.answering.question.text_limits import MAX_QUESTION_CHARS
from bot.answering.screening.refusals import find_matching_rule
from bot.answering.state import HelpLines
from ingest.embedding.use_encoder import ENCODED_CHARACTERS, UseEncoder
from ingest.embedding.words.word_vectors import WordsEncoder
from ingest.japanese import nfkc
from ingest.japanese.characters import to_hiragana
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import morphemes

Array = NDArray[np.floating]
SHIPPED = Path(__file__).with_name("classifier.json")
CONCEPTS = Path(__file__).with_name("concepts.toml")
HARMLESS, BEREAVEMENT, HELP = "harmless", "bereavement", "help"
# The probabilities are of a message as a whole (decision 097).
_MIN_DANGER = 0.45
# From here on only sure answers of the documents follow; below, the message is answered as any other.
_MIN_CERTAIN = 0.95
_MIN_SECOND = 0.25
# A cry for help names no situation, so a likely one goes before it.
_MIN_BEFORE_HELP = 0.3
# Pieces of a message that are read, and sentences.
_MAX_READ = 24
_STRIDE = ENCODED_CHARACTERS // 2
# The lengths of a concept, the word vector and all n-grams; that of the sentence vector is 1 (decision 097).
_CONCEPT_WEIGHT, _WORDS_WEIGHT, _GRAMS_WEIGHT = 0.6, 2.0, 2.0
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
        chances = shipped_classifier().situation_chances(text)
        bereavement = chances.pop(BEREAVEMENT)
        rule = find_matching_rule(text)
        found = [_SITUATIONS_OF_RULES[rule.kind]] if rule and rule.kind in _SITUATIONS_OF_RULES else []
        found += [situation for situation in likely_situations(chances) if situation not in found]
        is_certain = 1 - chances[HARMLESS] >= _MIN_CERTAIN
        is_brief = not (rule or is_certain)
        return Screening(
            urgent=tuple(replace(self._help_lines[situation], is_brief=is_brief) for situation in found),
            is_certain=is_certain,
            is_bereavement=not found and bereavement >= _MIN_DANGER,
        )


def likely_situations(chances: Mapping[str, float]) -> list[str]:
    """Return the situations to show, likeliest first, at most two; none for a message without danger."""
    if 1 - chances[HARMLESS] < _MIN_DANGER:
        return []
    first, *others = sorted(chances.keys() - {HARMLESS, BEREAVEMENT}, key=lambda situation: -chances[situation])
    if first == HELP and chances[others[0]] >= _MIN_BEFORE_HELP:
        first, others = others[0], []
    return [first, *(second for second in others[:1] if chances[second] >= _MIN_SECOND and second != HELP)]


class Classifier(NamedTuple):
    """The labels, the columns of the known n-grams, the weights (features, labels) and the bias of a regression."""

    labels: Sequence[str]
    columns: Mapping[str, int]
    weights: Array
    bias: Array

    def situation_chances(self, text: str) -> dict[str, float]:
        """Return the probability of each situation, of a bereavement, and of no danger (`harmless`).

        Danger is as likely as in the least harmless piece of the normalised text; all pieces tell the situation.
        """
        features = classifier_features([searched_form(part) for part in texts_to_read(text) or [text]], self.columns)
        chances = np.exp(features @ self.weights + self.bias)
        chances /= chances.sum(axis=1, keepdims=True)
        safe = [self.labels.index(HARMLESS), self.labels.index(BEREAVEMENT)]
        danger, bereavement = 1 - chances[:, safe].sum(axis=1).min(), chances[:, safe[1]].max()
        shares = np.delete(chances.sum(axis=0), safe)
        situations = [label for label in self.labels if label not in {HARMLESS, BEREAVEMENT}]
        named = dict(zip(situations, (danger * shares / shares.sum()).tolist(), strict=True))
        return named | {HARMLESS: float(1 - danger), BEREAVEMENT: float(bereavement)}


def texts_to_read(text: str) -> list[str]:
    """Return what is read of a message: overlapping pieces that the encoder reads whole, and the sentences."""
    pieces = [text[start : start + ENCODED_CHARACTERS] for start in range(0, max(1, len(text) - _STRIDE), _STRIDE)]
    split = [sentence.strip() for line in text.splitlines() for sentence in sentences(line)]
    return list(dict.fromkeys(filter(None, (*pieces[:_MAX_READ], *split[:_MAX_READ]))))


def searched_form(text: str) -> tuple[str, str]:
    """Return a text, and on a line each its Latin words, itself without spaces, its reading and its normal forms."""
    text = text.lower()
    letters = "".join(letter for letter in normalize("NFKD", text.replace("đ", "d")) if not combining(letter))
    tokens = morphemes(text)
    lines = text, to_hiragana("".join(token.reading for token in tokens)), "".join(token.normal for token in tokens)
    return text, "\n".join([f" {' '.join(_LATIN.findall(letters))} ", *("".join(line.split()) for line in lines)])


def form_grams(form: str) -> set[str]:
    """Return the Latin words of a searched form, and each two or three adjacent characters of text and reading."""
    latin, text, reading, _ = form.split("\n")
    adjacent = {line[i : i + n] for line in (text, f"={reading}") for n in (2, 3) for i in range(len(line) - n + 1)}
    return adjacent | {f" {word}" for word in latin.split()}


def classifier_features(forms: Sequence[tuple[str, str]], columns: Mapping[str, int]) -> Array:
    """Return a row for each text: its sentence vector, word vector, concepts, and n-grams by `columns`."""
    grams = np.zeros((len(forms), len(columns)), np.float32)
    for row, (_, form) in zip(grams, forms, strict=True):
        known = [columns[gram] for gram in form_grams(form) if gram in columns]
        row[known] = _GRAMS_WEIGHT / max(1, len(known)) ** 0.5
    texts = [text for text, _ in forms]
    concepts = [[any(word in form for word in words) for words in _concepts()] for _, form in forms]
    vectors = np.stack([UseEncoder().encode_query(text) for text in texts])
    word_vectors = WordsEncoder().encode_documents(texts) * _WORDS_WEIGHT
    return np.hstack([vectors, word_vectors, np.array(concepts, np.float32) * _CONCEPT_WEIGHT, grams])


@cache
def _concepts() -> list[list[str]]:
    content = tomllib.loads(CONCEPTS.read_text("utf-8"))
    concepts = (nfkc(words).lower().split() for words in content.values())
    return [[f" {word.replace('_', ' ')} " if word.isascii() else word for word in words] for words in concepts]


@cache
def shipped_classifier() -> Classifier:
    """Return the classifier that the trainer has fitted (lab/training/emergencies.py)."""
    content = json.loads(SHIPPED.read_text("utf-8"))
    columns = {gram: column for column, gram in enumerate(content["grams"])}
    weights = np.array([*content["weights"], *content["grams"].values()], np.float32)
    return Classifier(content["labels"], columns, weights, np.array(content["bias"]))
