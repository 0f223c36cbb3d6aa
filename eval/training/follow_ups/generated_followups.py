"""Generates follow-ups from two questions about one article with a common beginning."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, permutations, takewhile
from random import Random

from eval.training.follow_ups.conversations import ABOUT_PREVIOUS, SWAP, FollowUpQuestion
from ingest.japanese.interrogatives import NORMAL_FORMS
from ingest.japanese.tokenise import Morpheme, morphemes

# Minimum characters of a shared beginning.
_MIN_SHARED_START = 5
# Minimum characters of a follow-up.
_MIN_LENGTH = 3
# Maximum characters of a follow-up.
_MAX_LENGTH = 22
# Maximum characters of an exchanged phrase.
_MAX_PHRASE_LENGTH = 16
# Minimum characters of a shared end.
_MIN_SHARED_END = 4
_PARTICLES = frozenset({"は", "の", "って", "に", "で", "、", "が", "も", "では", "には"})


def make_follow_ups(
    questions: Iterable[tuple[str, str]], tails: Sequence[str], random: Random
) -> Iterator[FollowUpQuestion]:
    """Yield follow-ups generated from (article, question) pairs; an exchanged phrase ends in one of the `tails`."""
    by_article: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for article, question in questions:
        by_article[article][question] = None
    for article, article_questions in by_article.items():
        for previous, standalone in permutations(article_questions, 2):
            swapped = _swap_phrase(previous, standalone, article, random.choice(tails))
            if follow_up := swapped or _omit_shared_start(previous, standalone, article):
                yield follow_up


def _omit_shared_start(previous: str, standalone: str, article: str) -> FollowUpQuestion | None:
    shared_length = _common_prefix_length(previous, standalone)
    tokens = [token for token in morphemes(standalone) if token.pos[0] != "空白"]
    for token, following in reversed(list(pairwise(tokens))):
        if token.end > shared_length or not token.is_noun or following.surface not in _PARTICLES:
            continue
        contents = (other for other in tokens if other.start >= following.start and other.surface not in _PARTICLES)
        first_content = next(contents, None)
        text = standalone[first_content.start :] if first_content else ""
        if token.end < _MIN_SHARED_START or not _MIN_LENGTH <= len(text) <= _MAX_LENGTH:
            return None
        return FollowUpQuestion(
            text=text,
            kind=ABOUT_PREVIOUS,
            standalone_text=standalone,
            previous_question=previous,
            answer="",
            source_id="",
            same_document=True,
            group=article,
            carried=(standalone[: token.end],),
        )
    return None


def _swap_phrase(previous: str, standalone: str, article: str, tail: str) -> FollowUpQuestion | None:
    previous_ends = {0, *(token.end for token in morphemes(previous))}
    standalone_ends = {0, *(token.end for token in morphemes(standalone))}
    prefix_length = _common_prefix_length(previous, standalone)
    start = max(place for place in range(prefix_length + 1) if place in previous_ends & standalone_ends)
    suffix_length = _common_prefix_length(previous[start:][::-1], standalone[start:][::-1])
    shared_end = max(
        length
        for length in range(suffix_length + 1)
        if len(previous) - length in previous_ends and len(standalone) - length in standalone_ends
    )
    if shared_end < _MIN_SHARED_END or 2 * (start + shared_end) < len(previous):
        return None
    replaced = previous[start : len(previous) - shared_end]
    replacement = standalone[start : len(standalone) - shared_end]
    if not (_is_swappable(replaced) and _is_swappable(replacement)):
        return None
    return FollowUpQuestion(
        text=replacement + tail,
        kind=SWAP,
        standalone_text=standalone,
        previous_question=previous,
        answer="",
        source_id="",
        same_document=True,
        group=article,
        replaced=replaced,
        replacement=replacement,
    )


def _common_prefix_length(text: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


def _is_swappable(text: str) -> bool:
    tokens = morphemes(text)
    if not tokens or len(text) > _MAX_PHRASE_LENGTH or re.search(r"[、。?]", text):
        return False
    asks = any(token.pos[0] == "代名詞" or token.normal in NORMAL_FORMS for token in tokens)
    return (
        not asks
        and any(token.pos[0] == "名詞" for token in tokens)
        and _can_begin_phrase(tokens[0])
        and _can_end_phrase(tokens[-1])
    )


def _can_begin_phrase(token: Morpheme) -> bool:
    return token.is_content and token.pos[0] != "接尾辞" and token.pos[-4] != "助数詞"


def _can_end_phrase(token: Morpheme) -> bool:
    return token.is_noun and token.pos[1] != "副詞可能"
