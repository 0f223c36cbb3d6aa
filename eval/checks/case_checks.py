"""Checks of the cases alone: ids, kinds, questions that occur twice, words that decide nothing."""

import re
from collections.abc import Hashable, Iterator, Sequence
from difflib import get_close_matches

from eval.checks.located_cases import LocatedCase, Problem
from eval.dataset.case import Case
from eval.dataset.labels import KINDS, field_label
from eval.dataset.matching import canonical_text, contains_words
from ingest.japanese import nfkc


def find_duplicate_ids(placed: Sequence[LocatedCase]) -> Iterator[Problem]:
    """Yield each case whose id another one before it has."""
    first: dict[str, str] = {}
    for one in placed:
        before = first.setdefault(one.case.id, one.place)
        if before != one.place:
            yield one.problem("id", f"id「{one.case.id}」は {before} でも使われています。別の id にしてください。")


def find_unknown_kinds(placed: Sequence[LocatedCase]) -> Iterator[Problem]:
    """Yield each case whose kind is not one of `KINDS`."""
    for one in placed:
        if one.case.kind not in KINDS:
            near = get_close_matches(one.case.kind, KINDS, n=1)
            meant = f"「{near[0]}」ではありませんか。" if near else f"次から選んでください: {'、'.join(KINDS)}。"
            new = "新しい種類が要るときは、管理者に伝えてください。"
            yield one.problem("kind", f"{field_label('kind')}「{one.case.kind}」は知りません。{meant}{new}")


_MARKS = re.compile(r"[\s。、.,!?・]")


def find_duplicate_questions(placed: Sequence[LocatedCase]) -> Iterator[Problem]:
    """Yield each case that asks what another one before it asks: the same turns, day, style and audience."""
    first: dict[Hashable, LocatedCase] = {}
    for one in placed:
        before = first.setdefault(_question_key(one.case), one)
        if before is not one:
            same = _expectation_key(before.case) == _expectation_key(one.case)
            told = "一方を消してください。" if same else "求める答えが違います。正しい方だけを残してください。"
            yield one.problem("asked_twice", f"{before.place} の「{before.case.id}」と同じ質問です。{told}")


def _question_key(case: Case) -> Hashable:
    turns = tuple(_MARKS.sub("", nfkc(turn)).casefold() for turn in case.turns)
    return turns, case.as_of, case.style, case.audience


def _expectation_key(case: Case) -> Hashable:
    return case.behave, case.must, case.must_not, case.cite


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
