"""The follow-up model (ONNX): which terms of the previous question are carried over or replaced.

Query resolution as term classification (Voskarides et al. 2020, arXiv:2005.11723): the model classifies which words of
the previous question are carried over, and which of them the follow-up replaces.
"""

import json
import re
from dataclasses import fields
from enum import IntEnum
from functools import cache
from itertools import groupby, pairwise, takewhile, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from bot.question.subject_words import importance, names_only_labels
from bot.relevance.token_model import open_session
from bot.relevance.tokens import Batch, Window, make_batch, tokenise_text
from ingest.japanese import nfkc
from ingest.japanese.interrogatives import NORMAL_FORMS
from ingest.japanese.tokenise import Morpheme, morphemes, words

Array = NDArray[np.float32]
SHIPPED = Path(__file__).with_name("followup.onnx")
# Tokens of the previous question; a longer one is truncated.
BEFORE = 96
# Thresholds and weights on logits (decision 027): follow-up or self-contained, the importance of the text's own words,
# a carried token, and a bonus for replacing a run that ends with the same word.
_LIKELY, _OWN_WORDS, _CARRIED, _ALIKE = 1.8, 0.4, -2.0, 2.0
# Pronouns that refer to the previous question; not where a sentence ends before the question.
_POINTER = re.compile(
    r"(?:(?:それ|そこ|そちら|そっち|これ|あれ)(?=[はがをにでもの]|って)|その(?![他後前ほま]))(?!.*[。?!]\s*[^\s。?!])"
)
# Topic markers, which are not carried over.
_TOPIC_MARKERS = frozenset({"は", "って", "なんて"})
_COUNTING = frozenset({"助数詞", "助数詞可能", "接尾辞"})
# Particles between a thing and its attribute.
_OF = frozenset({"で", "の", "は", "が"})
_PUT_FIRST = re.compile(r"^([^、。?]{1,20})は、")
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|【[^】]*】")
# A follow-up and its previous question, run once to check a loaded model.
_SAMPLE = ("いつまでですか", "計画の期間は何年ですか")


class FollowUpKind(IntEnum):
    """How a text relates to the previous question."""

    ALONE = 0
    """The text is self-contained."""
    OF = 1
    """The text asks about an attribute of the previous subject: 費用は?."""
    ABOUT = 2
    """The text asks something else about the previous subject: いつまで?."""
    SWAP = 3
    """The text repeats the previous question for another subject: 大人は?."""


class FollowUpModel:
    """A trained model; safe to share between threads."""

    def __init__(self, model: bytes) -> None:
        self._session = open_session(model)
        metadata = self._session.get_modelmeta().custom_metadata_map
        self._parts = {tuple(part): number for number, part in enumerate(json.loads(metadata["parts"]))}
        self._inputs = [model_input.name for model_input in self._session.get_inputs()]
        if not {*self._inputs} <= {field.name for field in fields(Batch)}:
            raise ValueError(f"model has unexpected inputs {self._inputs}")
        shapes = [logits.shape for logits in self.logits(*_SAMPLE)]
        if shapes != [(len(FollowUpKind),), (len(tokenise_text(_SAMPLE[1])), 2), (len(tokenise_text(_SAMPLE[0])),)]:
            raise ValueError(f"model has unexpected output shapes {shapes}")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a model file and run it once.

        Raises OSError, ValueError, KeyError, or an error of onnxruntime for a broken file.
        """
        return cls(path.read_bytes())

    def logits(self, text: str, before: str) -> tuple[Array, Array, Array]:
        """Return the logits of the kinds (4,), of carried or replaced previous tokens (t, 2), and of the text (q,).

        Neither text may be empty or blank.
        """
        batch = make_batch([(tokenise_text(text), Window((), (tokenise_text(before)[:BEFORE],), (0,)))], self._parts)
        inputs = {name: getattr(batch, name) for name in self._inputs}
        kinds, of_before, of_text = self._session.run(["kinds", "of_before", "of_text"], inputs)
        return kinds[0], of_before[0, 1:], of_text[0]  # the first logit is for the separator token

    def __call__(self, text: str, before: str, *, named: bool = False) -> str | None:
        """Return the question that `text` means after `before`, normalised; None if self-contained.

        With `named`, the text names its own subject.
        """
        text, before = nfkc(text), nfkc(before)
        if not tokenise_text(text) or not tokenise_text(before):
            return None
        kinds, of_before, of_text = self.logits(text, before)
        exchanged = _swap_terms(text, of_text, before, of_before[:, 1])
        if exchanged == before:  # nothing was replaced
            kinds[FollowUpKind.SWAP] = -np.inf
        if names_only_labels(text):  # labels always refer to the previous subject
            kinds[[FollowUpKind.ALONE, FollowUpKind.SWAP]] = -np.inf
        has_pointer = bool(_POINTER.match(text))
        is_swap = exchanged is not None and kinds[FollowUpKind.SWAP] > np.logaddexp(
            kinds[FollowUpKind.OF], kinds[FollowUpKind.ABOUT]
        )
        likely = np.logaddexp.reduce(kinds[FollowUpKind.OF :]) - kinds[FollowUpKind.ALONE]
        likely -= _OWN_WORDS * importance({*words(text)} - {*words(before)})
        if not has_pointer and (likely < _LIKELY or (named and not is_swap)):
            return None
        if exchanged and is_swap and not has_pointer:
            return exchanged
        topic = _topic(before, of_before[:, 0] > _CARRIED)
        if topic and not has_pointer and kinds[FollowUpKind.OF] > kinds[FollowUpKind.ABOUT]:
            return f"{topic}の{text}"
        return question_about(topic, text) if topic else None


def question_about(topic: str, text: str) -> str:
    """Return `text` as a question about a topic, which replaces a pronoun at its start."""
    pointer = _POINTER.match(text)
    if not pointer:
        return f"{topic}について、{text}"
    rest = text[pointer.end() :]
    if pointer[0] != "その":
        return topic + rest
    noun = "".join(m.surface for m in takewhile(lambda m: m.is_noun, model_tokens(rest)))
    position = topic.rfind(noun) if noun else -1  # 清流祭り, その祭りは: 清流祭りは
    return topic[:position] + rest if position >= 0 else f"{topic}の{rest}"


@cache
def shipped_followup_model() -> FollowUpModel:
    """Return the packaged model, loaded once and shared. Raises as `load`."""
    return FollowUpModel.load(SHIPPED)


def model_tokens(text: str) -> list[Morpheme]:
    """Return the morphemes of normalised `text` that are tokens of the model."""
    return [m for m in morphemes(text) if m.pos[0] != "空白"]


def _swap_terms(text: str, of_text: Array, before: str, of_before: Array) -> str | None:
    """Return the previous question with a run replaced by one of the text; None where the text has none.

    Where nothing is replaced, the run is put in front, in place of an earlier condition.
    """
    if not (span := _run(text, of_text)):
        return None
    replacement = text[slice(*span)]
    replaced = _run(before, of_before, model_tokens(replacement)[-1].term)
    if replaced:
        return before[: replaced[0]] + replacement + before[replaced[1] :]
    condition = _PUT_FIRST.match(before)
    is_condition = condition and "副詞可能" in morphemes(condition[1])[-1].pos  # 休日は、; of 図書館は、 it is asked
    return f"{replacement}は、{before[condition.end() :] if condition and is_condition else before}"


def _run(text: str, logits: Array, alike: str = "") -> tuple[int, int] | None:
    """Return the (start, end) of the likeliest run of tokens in `text`; None where none is likely.

    A run ends with a noun and does not split a compound. A run that ends with the term `alike` gets a bonus.
    """
    ms = model_tokens(text)[: len(logits)]
    nouns = [False, *(m.is_noun for m in ms), False]
    sums = np.concatenate([[0.0], np.cumsum(logits)])
    starts = [position for position, m in enumerate(ms) if m.is_content or m.surface in "「("]
    ends = [position for position, m in enumerate(ms, 1) if m.is_noun or m.surface in "」)"]
    runs = (
        (sums[end] - sums[start] + _ALIKE * (ms[end - 1].term == alike), start, end)
        for start in starts
        for end in ends
        if start < end and not (nouns[start] and nouns[end + 1])
    )
    likely, start, end = max(runs, default=(0.0, 0, 0))
    return (ms[start].start, ms[end - 1].end) if likely > 0 else None


def _topic(before: str, carried: NDArray[np.bool_]) -> str:
    """Return the carried terms as one noun phrase, or separated by 、 where more than particles is between."""
    runs = _runs(before, carried)
    gaps = {before[end:start] for (_, end), (start, _) in pairwise(runs)}
    return ("の" if gaps <= _OF else "、").join(before[start:end] for start, end in runs)


def _runs(text: str, carried: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the (start, end) of each carried run of `text`, from its first content word to its last noun."""
    ms = model_tokens(text)[: len(carried)]
    spans = []
    for is_carried, group in groupby(zip(_carried_tokens(text, ms, carried), ms, strict=True), key=itemgetter(0)):
        run = [m for _, m in group]
        while run and not (run[-1].is_noun or run[-1].surface in "」)"):
            run.pop()
        while run and not (run[0].is_content or run[0].surface in "「("):
            run.pop(0)
        if is_carried and run:
            spans.append((run[0].start, run[-1].end))
    return spans


def _carried_tokens(text: str, ms: list[Morpheme], carried: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which tokens are carried: with particles between two, complete compounds and quotations.

    Interrogatives are dropped, as the text asks something else.
    """
    selected = carried.copy()
    for position, m in enumerate(ms):
        if m.pos[0] == "助詞":
            between = carried[max(position - 1, 0)] and carried[position + 1 : position + 2].any()
            selected[position] = (selected[position] or between) and m.surface not in _TOPIC_MARKERS
    for quoted in _QUOTED.finditer(text):
        inside = [position for position, m in enumerate(ms) if quoted.start() <= m.start < quoted.end()]
        selected[inside] = selected[inside].any()
    for position in (*range(1, len(ms)), *range(len(ms) - 2, -1, -1)):
        for neighbour in (position - 1, position + 1):
            if 0 <= neighbour < len(ms) and selected[neighbour] and ms[position].is_noun and ms[neighbour].is_noun:
                selected[position] = True
    names = [(quoted.start(), quoted.end()) for quoted in _QUOTED.finditer(text)]
    asks = [_is_interrogative(m, behind) and not _within(m, names) for m, behind in zip_longest(ms, ms[1:])]
    counts = [False, *(asking and not _COUNTING.isdisjoint(m.pos) for asking, m in zip(asks, ms[1:], strict=False))]
    return selected & ~np.logical_or(asks, counts[: len(asks)])  # also drops the counter of 何人


def _is_interrogative(m: Morpheme, following: Morpheme | None) -> bool:
    """Whether a morpheme is an interrogative; not in どこでも, 誰も."""
    return m.normal in NORMAL_FORMS and not (following and following.surface in {"でも", "も"})


def _within(m: Morpheme, spans: list[tuple[int, int]]) -> bool:
    return any(start <= m.start < end for start, end in spans)
