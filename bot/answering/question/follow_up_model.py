"""The follow-up model (ONNX): which terms of the previous question are carried over or replaced.

Query resolution as term classification (Voskarides et al. 2020, arXiv:2005.11723): the model classifies which words of
the previous question are carried over, and which of them the follow-up replaces.
"""

import json
import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache
from itertools import groupby, pairwise, takewhile, zip_longest
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answering.question.subject_words import importance, names_only_labels
from bot.answering.token_batches import Window, make_batch, open_session, tokenise_text
from ingest.japanese import nfkc
from ingest.japanese.lexicon import NORMAL_FORMS
from ingest.japanese.tokenise import Morpheme, morphemes, words

Array = NDArray[np.float32]
Mask = NDArray[np.bool_]
Span = tuple[int, int]
SHIPPED = Path(__file__).with_name("followup.onnx")
# Tokens of the previous question; a longer one is truncated.
MAX_PREVIOUS_TOKENS = 96
# Thresholds and weights on logits (decision 028).
_MIN_FOLLOW_UP_LOGIT = 1.8
_MIN_CARRIED_LOGIT = -2.0
# Subtracted for each unit of importance of words that only the follow-up has.
_NEW_WORDS_WEIGHT = 0.4
# Added to a run that is replaced by one with the same last word.
_SAME_LAST_WORD_BONUS = 2.0
# Pronouns that refer to the previous question; not where a sentence ends before the question.
_POINTER = re.compile(
    r"(?:(?:それ|そこ|そちら|そっち|これ|あれ)(?=[はがをにでもの]|って)|その(?![他後前ほま]))(?!.*[。?!]\s*[^\s。?!])"
)
# Topic markers, which are not carried over.
_TOPIC_MARKERS = frozenset({"は", "って", "なんて"})
_COUNTING = frozenset({"助数詞", "助数詞可能", "接尾辞"})
# Particles between a thing and its attribute.
_LINKING_PARTICLES = frozenset({"で", "の", "は", "が"})
_PUT_FIRST = re.compile(r"^([^、。?]{1,20})は、")
_QUOTED = re.compile(r"「[^」]{0,300}」|『[^』]{0,300}』|【[^】]{0,300}】")


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

    def logits(self, text: str, previous_text: str) -> tuple[Array, Array, Array]:
        """Return the logits of the kinds (4,), of carried or replaced previous tokens (t, 2), and of the text (q,).

        Neither text may be empty or blank.
        """
        previous_tokens = tokenise_text(previous_text)[:MAX_PREVIOUS_TOKENS]
        batch = make_batch([(tokenise_text(text), Window((), (previous_tokens,), (0,)))], self._parts)
        inputs = {name: getattr(batch, name) for name in self._inputs}
        kinds, previous_logits, text_logits = self._session.run(["kinds", "of_before", "of_text"], inputs)
        return kinds[0], previous_logits[0, 1:], text_logits[0]  # the first logit is for the separator token

    def __call__(self, text: str, previous_text: str, *, names_subject: bool = False) -> str | None:
        """Return the question that `text` means after `previous_text`, normalised; None if it is self-contained.

        With `names_subject`, the text names a subject of its own.
        """
        text = nfkc(text)
        previous_text = nfkc(previous_text)
        if not tokenise_text(text) or not tokenise_text(previous_text):
            return None
        kinds, previous_logits, text_logits = self.logits(text, previous_text)
        swapped = _swap_terms(text, text_logits, previous_text, previous_logits[:, 1])
        if swapped == previous_text:  # nothing was replaced
            kinds[FollowUpKind.SWAP] = -np.inf
        if names_only_labels(text):  # labels always refer to the previous subject
            kinds[[FollowUpKind.ALONE, FollowUpKind.SWAP]] = -np.inf
        carries_subject = np.logaddexp(kinds[FollowUpKind.OF], kinds[FollowUpKind.ABOUT])
        is_swap = swapped is not None and kinds[FollowUpKind.SWAP] > carries_subject
        has_pointer = bool(_POINTER.match(text))
        logit = np.logaddexp.reduce(kinds[FollowUpKind.OF :]) - kinds[FollowUpKind.ALONE]
        new_words = {*words(text)} - {*words(previous_text)}
        is_follow_up = has_pointer or logit - _NEW_WORDS_WEIGHT * importance(new_words) >= _MIN_FOLLOW_UP_LOGIT
        if not is_follow_up or (names_subject and not is_swap and not has_pointer):
            return None
        if swapped and is_swap and not has_pointer:
            return swapped
        runs = _carried_runs(previous_text, previous_logits[:, 0] > _MIN_CARRIED_LOGIT)
        gaps = {previous_text[end:start] for (_, end), (start, _) in pairwise(runs)}
        topic = ("の" if gaps <= _LINKING_PARTICLES else "、").join(previous_text[start:end] for start, end in runs)
        if topic and not has_pointer and kinds[FollowUpKind.OF] > kinds[FollowUpKind.ABOUT]:
            return f"{topic}の{text}"
        return question_about(topic, text) if topic else None


def question_about(topic: str, text: str) -> str:
    """Return `text` as a question about a topic, which replaces a pronoun at its start."""
    pointer = _POINTER.match(text)
    if not pointer:
        return f"{topic}について、{text}"
    remainder = text[pointer.end() :]
    if pointer[0] != "その":
        return topic + remainder
    noun = "".join(token.surface for token in takewhile(lambda token: token.is_noun, model_tokens(remainder)))
    position = topic.rfind(noun) if noun else -1  # 清流祭り, その祭りは: 清流祭りは
    return topic[:position] + remainder if position >= 0 else f"{topic}の{remainder}"


@cache
def shipped_followup_model() -> FollowUpModel:
    """Return the packaged model, loaded once and shared. Raises OSError, or an error of onnxruntime if it is broken."""
    return FollowUpModel(SHIPPED.read_bytes())


def model_tokens(text: str) -> list[Morpheme]:
    """Return the morphemes of normalised `text` that are tokens of the model."""
    return [m for m in morphemes(text) if m.pos[0] != "空白"]


def _swap_terms(text: str, text_logits: Array, previous_text: str, previous_logits: Array) -> str | None:
    # If nothing is replaced, the run is put in front, in place of an earlier condition.
    span = _likeliest_run(text, text_logits)
    if not span:
        return None
    replacement = text[slice(*span)]
    last_term = model_tokens(replacement)[-1].term
    if replaced := _likeliest_run(previous_text, previous_logits, last_term):
        return previous_text[: replaced[0]] + replacement + previous_text[replaced[1] :]
    condition = _PUT_FIRST.match(previous_text)
    is_condition = condition and "副詞可能" in morphemes(condition[1])[-1].pos  # 休日は、; of 図書館は、 it is asked
    return f"{replacement}は、{previous_text[condition.end() :] if condition and is_condition else previous_text}"


def _likeliest_run(text: str, logits: Array, last_term: str = "") -> Span | None:
    tokens = model_tokens(text)[: len(logits)]
    is_noun = [False, *(token.is_noun for token in tokens), False]
    sums = np.concatenate([[0.0], np.cumsum(logits)])
    starts = [position for position, token in enumerate(tokens) if _may_begin_run(token)]
    ends = [position for position, token in enumerate(tokens, 1) if _may_end_run(token)]
    runs = (
        (sums[end] - sums[start] + _SAME_LAST_WORD_BONUS * (tokens[end - 1].term == last_term), start, end)
        for start in starts
        for end in ends
        if start < end and not (is_noun[start] and is_noun[end + 1])
    )
    likelihood, start, end = max(runs, default=(0.0, 0, 0))
    return (tokens[start].start, tokens[end - 1].end) if likelihood > 0 else None


def _may_begin_run(token: Morpheme) -> bool:
    return token.is_content or token.surface in "「("


def _may_end_run(token: Morpheme) -> bool:
    return token.is_noun or token.surface in "」)"


def _carried_runs(text: str, carried: Mask) -> list[Span]:
    tokens = model_tokens(text)[: len(carried)]
    spans = list[Span]()
    marked = zip(_carried_tokens(text, tokens, carried), tokens, strict=True)
    for is_carried, group in groupby(marked, key=itemgetter(0)):
        run = [token for _, token in group]
        while run and not _may_end_run(run[-1]):
            run.pop()
        while run and not _may_begin_run(run[0]):
            run.pop(0)
        if is_carried and run:
            spans.append((run[0].start, run[-1].end))
    return spans


def _carried_tokens(text: str, tokens: Sequence[Morpheme], carried: Mask) -> Mask:
    selected = carried.copy()
    for position, token in enumerate(tokens):
        if token.pos[0] == "助詞":
            is_between = carried[max(position - 1, 0)] and carried[position + 1 : position + 2].any()
            selected[position] = (selected[position] or is_between) and token.surface not in _TOPIC_MARKERS
    quotations = [quotation.span() for quotation in _QUOTED.finditer(text)]
    quoted = [any(start <= token.start < end for start, end in quotations) for token in tokens]
    for start, end in quotations:
        inside = [n for n, token in enumerate(tokens) if start <= token.start < end]
        selected[inside] = selected[inside].any()
    for position in (*range(1, len(tokens)), *range(len(tokens) - 2, -1, -1)):  # compounds stay whole
        for neighbour in (position - 1, position + 1):
            is_neighbour_selected = 0 <= neighbour < len(tokens) and selected[neighbour]
            if is_neighbour_selected and tokens[position].is_noun and tokens[neighbour].is_noun:
                selected[position] = True
    asks = [
        token.normal in NORMAL_FORMS and not is_quoted and not (following and following.surface in {"でも", "も"})
        for token, following, is_quoted in zip_longest(tokens, tokens[1:], quoted)
    ]
    # The counter of 何人 goes with it.
    counters = [asks[n] and not _COUNTING.isdisjoint(token.pos) for n, token in enumerate(tokens[1:])]
    return selected & ~np.logical_or(asks, [False, *counters][: len(asks)])
