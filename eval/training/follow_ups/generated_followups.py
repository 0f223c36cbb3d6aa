"""Generates follow-ups from two questions about one article with a common beginning."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations, takewhile
from random import Random

from eval.training.follow_ups.conversations import ABOUT, SWAP, FollowUpQuestion
from ingest.japanese.interrogatives import NORMAL_FORMS
from ingest.japanese.tokenise import Morpheme, morphemes

# Minimum characters of a shared beginning.
_SHARED = 5
# Minimum characters of a follow-up.
_LEAST = 3
# Maximum characters of a follow-up.
_MOST = 22
# Maximum characters of an exchanged phrase.
_EXCHANGED = 16
# Minimum characters of a shared end.
_END = 4
_PARTICLES = frozenset({"は", "の", "って", "に", "で", "、", "が", "も", "では", "には"})


def make_follow_ups(
    questions: Iterable[tuple[str, str]], tails: Sequence[str], random: Random
) -> Iterator[FollowUpQuestion]:
    """Yield follow-ups generated from (article, question) pairs; an exchanged phrase ends in one of the `tails`."""
    by_article: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for article, question in questions:
        by_article[article][question] = None
    for article, asked in by_article.items():
        for before, whole in permutations(asked, 2):
            follow_up = _swap_phrase(before, whole, article, random.choice(tails)) or _omit_shared_start(
                before, whole, article
            )
            if follow_up:
                yield follow_up


def _omit_shared_start(before: str, whole: str, article: str) -> FollowUpQuestion | None:
    """Return `whole` without the beginning it shares with `before`, up to a particle."""
    shared = _common_prefix_length(before, whole)
    ms = [m for m in morphemes(whole) if m.pos[0] != "空白"]
    for place in range(len(ms) - 2, -1, -1):
        if ms[place].end > shared or not ms[place].is_noun or ms[place + 1].surface not in _PARTICLES:
            continue
        rest = next((m for m in ms[place + 1 :] if m.surface not in _PARTICLES), None)
        text = whole[rest.start :] if rest else ""
        if ms[place].end < _SHARED or not _LEAST <= len(text) <= _MOST:
            return None
        return FollowUpQuestion(text, ABOUT, whole, before, "", "", True, article, "", (whole[: ms[place].end],))  # noqa: FBT003
    return None


def _swap_phrase(before: str, whole: str, article: str, tail: str) -> FollowUpQuestion | None:
    """Return the phrase by which `whole` differs from `before`, with the `tail`; None if more differs."""
    ends, others = ({0, *(m.end for m in morphemes(text))} for text in (before, whole))
    start = _common_prefix_length(before, whole)
    start = max(place for place in range(start + 1) if place in ends and place in others)
    same = _common_prefix_length(before[start:][::-1], whole[start:][::-1])
    same = max(n for n in range(same + 1) if len(before) - n in ends and len(whole) - n in others)
    replaced, by = before[start : len(before) - same], whole[start : len(whole) - same]
    if same < _END or 2 * (start + same) < len(before) or not (_is_swappable(replaced) and _is_swappable(by)):
        return None
    return FollowUpQuestion(by + tail, SWAP, whole, before, "", "", True, article, "", (), replaced, by)  # noqa: FBT003


def _common_prefix_length(one: str, other: str) -> int:
    """Return the length of the common prefix in characters."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _is_swappable(text: str) -> bool:
    """Whether `text` is a noun phrase without interrogatives."""
    ms = morphemes(text)
    if not ms or len(text) > _EXCHANGED or re.search(r"[、。?]", text):
        return False
    asks = any(m.pos[0] == "代名詞" or m.normal in NORMAL_FORMS for m in ms)
    return not asks and any(m.pos[0] == "名詞" for m in ms) and _can_begin_phrase(ms[0]) and _can_end_phrase(ms[-1])


def _can_begin_phrase(m: Morpheme) -> bool:
    return m.is_content and m.pos[0] != "接尾辞" and m.pos[-4] != "助数詞"


def _can_end_phrase(m: Morpheme) -> bool:
    return m.is_noun and m.pos[1] != "副詞可能"
