"""Words to look for that can never decide anything."""

from collections.abc import Iterator, Sequence

from eval.checks.problem import Placed, Problem
from eval.dataset.field_names import named
from eval.dataset.matching import canonical, holds

_CHECK = "alternatives"


def idle_words(placed: Sequence[Placed]) -> Iterator[Problem]:
    """Yield the words of `must` and `must_not` that never match, or that decide nothing beside another.

    An answer that holds 148施策 holds 148 too: where either will do, the longer one is idle, and the shorter one may be
    looser than was meant.
    """
    for one in placed:
        groups = (("must", one.case.must), ("must_not", (one.case.must_not,)))
        for field, words in ((field, words) for field, of_field in groups for words in of_field):
            yield from (_empty(one, field, word) for word in words if not canonical(word))
            yield from _held(one, field, [word for word in words if canonical(word)])
        yield from _forbidden(one)


def _empty(one: Placed, field: str, word: str) -> Problem:
    return one.problem(_CHECK, f"{named(field)}の「{word}」は空白だけなので、決して当たりません。消してください。")


def _held(one: Placed, field: str, words: Sequence[str]) -> Iterator[Problem]:
    for i, word in enumerate(words):
        # Of two that are the same, the later one is idle.
        others = (other for j, other in enumerate(words) if j != i and (j < i or not holds(other, word)))
        if held := next((other for other in others if holds(word, other)), None):
            mend = f"「{word}」を消すか、「{held}」を消して狭めてください。"
            yield one.problem(_CHECK, f"{named(field)}の「{word}」は「{held}」があるので要りません。{mend}")


def _forbidden(one: Placed) -> Iterator[Problem]:
    for group in one.case.must:
        for word in group:
            if held := next((words for words in one.case.must_not if canonical(words) and holds(word, words)), None):
                text = f"{named('must')}の「{word}」は、{named('must_not')}の「{held}」を含むので、言えば必ず落ちます。"
                yield one.problem(_CHECK, f"{text}どちらかを直してください。")
