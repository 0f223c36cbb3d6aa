"""The follow-up model (ONNX): which terms of the previous question are carried over or replaced.

Query resolution as classification of terms (Voskarides et al. 2020, "Query resolution for conversational search with
limited supervision", arXiv:2005.11723): which words of the question before are carried over, and besides which are
replaced by which of the text.
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

from bot.conversation.words import importance, names_only_labels
from bot.relevance.token_model import open_session
from bot.relevance.tokens import Batch, Window, make_batch, tokenise_text
from ingest.japanese import nfkc
from ingest.japanese.interrogatives import NORMAL_FORMS
from ingest.japanese.tokenise import Morpheme, morphemes, words

Array = NDArray[np.float32]
SHIPPED = Path(__file__).with_name("followup.onnx")
# Tokens of the question before that are looked at; of the text there are as many as of any question.
BEFORE = 96
# A text with a lower logit for being a follow-up, less what the importance of its own words counts, stands alone: it
# says itself what it is about. Tokens with a lower logit are not carried over; what ends with the same word is
# exchanged sooner (decision 027).
_LIKELY, _SAYS, _CARRIED, _ALIKE = 1.8, 0.4, -2.0, 2.0
# What points to what was spoken of, and what it says gives way to; not where a sentence ends before the question.
_POINTER = re.compile(
    r"(?:(?:それ|そこ|そちら|そっち|これ|あれ)(?=[はがをにでもの]|って)|その(?![他後前ほま]))(?!.*[。?!]\s*[^\s。?!])"
)
# Part a topic from what is said of it.
_PARTING = frozenset({"は", "って", "なんて"})
_COUNTING = frozenset({"助数詞", "助数詞可能", "接尾辞"})
# Between a thing and what is its own.
_OF = frozenset({"で", "の", "は", "が"})
_PUT_FIRST = re.compile(r"^([^、。?]{1,20})は、")
_QUOTED = re.compile(r"「[^」]*」|『[^』]*』|【[^】]*】")
# What every net that fits is asked when it is opened.
_TRIED = ("いつまでですか", "計画の期間は何年ですか")


class FollowUpKind(IntEnum):
    """How a text goes with the question before."""

    ALONE = 0
    """It says itself what it is about."""
    OF = 1
    """It begins with what belongs to what that was about: 費用は?."""
    ABOUT = 2
    """It is about that in another way: いつまで?."""
    SWAP = 3
    """It asks that again, of something else: 大人は?."""


class FollowUpModel:
    """A trained net; safe to share between threads."""

    def __init__(self, net: bytes) -> None:
        self._session = open_session(net)
        told = self._session.get_modelmeta().custom_metadata_map
        self._parts = {tuple(part): number for number, part in enumerate(json.loads(told["parts"]))}
        self._given = [given.name for given in self._session.get_inputs()]
        if not {*self._given} <= {field.name for field in fields(Batch)}:
            raise ValueError("a net that is given something else")
        shapes = [logits.shape for logits in self.logits(*_TRIED)]
        if shapes != [(len(FollowUpKind),), (len(tokenise_text(_TRIED[1])), 2), (len(tokenise_text(_TRIED[0])),)]:
            raise ValueError("a net that tells something else")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Open a file of a net and ask it once.

        Raises OSError, ValueError, KeyError, or an error of onnxruntime for a broken one.
        """
        return cls(path.read_bytes())

    def logits(self, text: str, before: str) -> tuple[Array, Array, Array]:
        """Return the logits of the kinds (4,), of the tokens before being carried or replaced (t, 2), of the text (q,).

        Neither may be empty, or of white space alone.
        """
        read = make_batch([(tokenise_text(text), Window((), (tokenise_text(before)[:BEFORE],), (0,)))], self._parts)
        given = {name: getattr(read, name) for name in self._given}
        kinds, of_before, of_text = self._session.run(["kinds", "of_before", "of_text"], given)
        return kinds[0], of_before[0, 1:], of_text[0]  # the first stands for the mark before the question

    def __call__(self, text: str, before: str, *, named: bool = False) -> str | None:
        """Return the question that `text` means behind the question `before`, normalised; None where it stands alone.

        A text in which a thing is `named` is about nothing else.
        """
        text, before = nfkc(text), nfkc(before)
        if not tokenise_text(text) or not tokenise_text(before):
            return None
        kinds, of_before, of_text = self.logits(text, before)
        exchanged = _swap_terms(text, of_text, before, of_before[:, 1])
        if exchanged == before:  # nothing else to ask it of
            kinds[FollowUpKind.SWAP] = -np.inf
        if names_only_labels(text):  # of whatever was spoken of
            kinds[[FollowUpKind.ALONE, FollowUpKind.SWAP]] = -np.inf
        points = bool(_POINTER.match(text))
        again = exchanged is not None and kinds[FollowUpKind.SWAP] > np.logaddexp(
            kinds[FollowUpKind.OF], kinds[FollowUpKind.ABOUT]
        )
        likely = np.logaddexp.reduce(kinds[FollowUpKind.OF :]) - kinds[FollowUpKind.ALONE]
        likely -= _SAYS * importance({*words(text)} - {*words(before)})
        if not points and (likely < _LIKELY or (named and not again)):
            return None
        if exchanged and again and not points:
            return exchanged
        topic = _topic(before, of_before[:, 0] > _CARRIED)
        if topic and not points and kinds[FollowUpKind.OF] > kinds[FollowUpKind.ABOUT]:
            return f"{topic}の{text}"
        return question_about(topic, text) if topic else None


def question_about(topic: str, text: str) -> str:
    """Return `text` as a question about a topic, which takes the place of a word that points to it."""
    pointer = _POINTER.match(text)
    if not pointer:
        return f"{topic}について、{text}"
    rest = text[pointer.end() :]
    if pointer[0] != "その":
        return topic + rest
    noun = "".join(m.surface for m in takewhile(lambda m: m.is_noun, model_tokens(rest)))
    place = topic.rfind(noun) if noun else -1  # 清流祭り, その祭りは: 清流祭りは
    return topic[:place] + rest if place >= 0 else f"{topic}の{rest}"


@cache
def shipped_followup_model() -> FollowUpModel:
    """Return the net of this package, opened once: services of many offices talk with the same. Raises as `load`."""
    return FollowUpModel.load(SHIPPED)


def model_tokens(text: str) -> list[Morpheme]:
    """Return the morphemes of normalised `text` that are tokens of the net, one each."""
    return [m for m in morphemes(text) if m.pos[0] != "空白"]


def _swap_terms(text: str, of_text: Array, before: str, of_before: Array) -> str | None:
    """Return the question before with a run of it exchanged for one of the text; None where that has none.

    Where nothing gives way, it comes before all, in the place of what was put there before.
    """
    if not (by := _run(text, of_text)):
        return None
    told = text[slice(*by)]
    replaced = _run(before, of_before, model_tokens(told)[-1].term)
    if replaced:
        return before[: replaced[0]] + told + before[replaced[1] :]
    first = _PUT_FIRST.match(before)
    is_condition = first and "副詞可能" in morphemes(first[1])[-1].pos  # 休日は、; of 図書館は、 it is asked
    return f"{told}は、{before[first.end() :] if first and is_condition else before}"


def _run(text: str, logits: Array, alike: str = "") -> tuple[int, int] | None:
    """Return where the likeliest run of tokens stands, (start, end) of `text`; None where none is likely.

    It ends with a noun, and is no middle of a compound noun. One that ends with the term `alike` is likelier.
    """
    ms = model_tokens(text)[: len(logits)]
    nouns = [False, *(m.is_noun for m in ms), False]
    sums = np.concatenate([[0.0], np.cumsum(logits)])
    starts = [place for place, m in enumerate(ms) if m.is_content or m.surface in "「("]
    ends = [place for place, m in enumerate(ms, 1) if m.is_noun or m.surface in "」)"]
    found = (
        (sums[end] - sums[start] + _ALIKE * (ms[end - 1].term == alike), start, end)
        for start in starts
        for end in ends
        if start < end and not (nouns[start] and nouns[end + 1])
    )
    likely, start, end = max(found, default=(0.0, 0, 0))
    return (ms[start].start, ms[end - 1].end) if likely > 0 else None


def _topic(before: str, carried: NDArray[np.bool_]) -> str:
    """Return what is carried over as one noun phrase, or its parts side by side where more than a place parts them."""
    runs = _runs(before, carried)
    gaps = {before[end:start] for (_, end), (start, _) in pairwise(runs)}
    return ("の" if gaps <= _OF else "、").join(before[start:end] for start, end in runs)


def _runs(text: str, carried: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the runs of `text` that are carried, each from its first word to its last noun, as (start, end)."""
    ms = model_tokens(text)[: len(carried)]
    found = []
    for is_kept, group in groupby(zip(_carried_tokens(text, ms, carried), ms, strict=True), key=itemgetter(0)):
        run = [m for _, m in group]
        while run and not (run[-1].is_noun or run[-1].surface in "」)"):
            run.pop()
        while run and not (run[0].is_content or run[0].surface in "「("):
            run.pop(0)
        if is_kept and run:
            found.append((run[0].start, run[-1].end))
    return found


def _carried_tokens(text: str, ms: list[Morpheme], carried: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which tokens go along: particles between two, but for `_PARTING`, all of a compound and of brackets.

    What asks does not: it asked of that, and the text asks something else of it.
    """
    kept = carried.copy()
    for place, m in enumerate(ms):
        if m.pos[0] == "助詞":
            between = carried[max(place - 1, 0)] and carried[place + 1 : place + 2].any()
            kept[place] = (kept[place] or between) and m.surface not in _PARTING
    for quoted in _QUOTED.finditer(text):
        inside = [place for place, m in enumerate(ms) if quoted.start() <= m.start < quoted.end()]
        kept[inside] = kept[inside].any()
    for place in (*range(1, len(ms)), *range(len(ms) - 2, -1, -1)):
        for beside in (place - 1, place + 1):
            if 0 <= beside < len(ms) and kept[beside] and ms[place].is_noun and ms[beside].is_noun:
                kept[place] = True
    names = [(quoted.start(), quoted.end()) for quoted in _QUOTED.finditer(text)]
    asks = [_asks(m, behind) and not _within(m, names) for m, behind in zip_longest(ms, ms[1:])]
    counts = [False, *(asking and not _COUNTING.isdisjoint(m.pos) for asking, m in zip(asks, ms[1:], strict=False))]
    return kept & ~np.logical_or(asks, counts[: len(asks)])  # neither 何 nor 人 of 何人


def _asks(m: Morpheme, behind: Morpheme | None) -> bool:
    """Whether a morpheme asks; in どこでも, 誰も it does not."""
    return m.normal in NORMAL_FORMS and not (behind and behind.surface in {"でも", "も"})


def _within(m: Morpheme, spans: list[tuple[int, int]]) -> bool:
    return any(start <= m.start < end for start, end in spans)
