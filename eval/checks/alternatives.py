"""Finds expected words that can never match, are redundant, or contradict forbidden words."""

from collections.abc import Iterator, Sequence

from eval.checks.case_problem import LocatedCase, Problem
from eval.dataset.field_names import field_label
from eval.dataset.matching import canonical_text, contains_words

_CHECK = "alternatives"


def find_redundant_words(placed: Sequence[LocatedCase]) -> Iterator[Problem]:
    """Yield the words of `must` and `must_not` that never match, or that decide nothing beside another.

    An answer that holds 148施策 holds 148 too: where either will do, the longer one is idle, and the shorter one may be
    looser than was meant.
    """
    for one in placed:
        groups = (("must", one.case.must), ("must_not", (one.case.must_not,)))
        for field, words in ((field, words) for field, of_field in groups for words in of_field):
            yield from (_blank_word_problem(one, field, word) for word in words if not canonical_text(word))
            yield from _find_redundant(one, field, [word for word in words if canonical_text(word)])
        yield from _find_contradictory(one)


def _blank_word_problem(one: LocatedCase, field: str, word: str) -> Problem:
    return one.problem(
        _CHECK, f"{field_label(field)}の「{word}」は空白だけなので、決して当たりません。消してください。"
    )


def _find_redundant(one: LocatedCase, field: str, words: Sequence[str]) -> Iterator[Problem]:
    for i, word in enumerate(words):
        # Of two that are the same, the later one is idle.
        others = (other for j, other in enumerate(words) if j != i and (j < i or not contains_words(other, word)))
        if held := next((other for other in others if contains_words(word, other)), None):
            mend = f"「{word}」を消すか、「{held}」を消して狭めてください。"
            yield one.problem(_CHECK, f"{field_label(field)}の「{word}」は「{held}」があるので要りません。{mend}")


def _find_contradictory(one: LocatedCase) -> Iterator[Problem]:
    for group in one.case.must:
        for word in group:
            if held := next(
                (words for words in one.case.must_not if canonical_text(words) and contains_words(word, words)), None
            ):
                must, must_not = field_label("must"), field_label("must_not")
                text = f"{must}の「{word}」は、{must_not}の「{held}」を含むので、言えば必ず落ちます。"
                yield one.problem(_CHECK, f"{text}どちらかを直してください。")
