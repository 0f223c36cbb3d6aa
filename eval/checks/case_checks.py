"""Checks that need only the cases: ids, kinds, repeated questions, words without effect."""

import re
from collections.abc import Hashable, Iterator, Sequence
from difflib import get_close_matches

from eval.checks.located_cases import CaseProblem, LocatedCase
from eval.dataset.case import Case
from eval.dataset.case_labels import KIND_DESCRIPTIONS, field_label
from eval.dataset.matching import canonical_text, contains_words
from ingest.japanese import nfkc


def find_duplicate_ids(located: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case whose id an earlier case has."""
    first: dict[str, str] = {}
    for one in located:
        before = first.setdefault(one.case.id, one.place)
        if before != one.place:
            yield one.problem("id", f"id「{one.case.id}」は {before} でも使われています。別の id にしてください。")


def find_unknown_kinds(located: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case whose kind is not one of `KIND_DESCRIPTIONS`."""
    for one in located:
        if one.case.kind not in KIND_DESCRIPTIONS:
            similar = get_close_matches(one.case.kind, KIND_DESCRIPTIONS, n=1)
            hint = (
                f"「{similar[0]}」ではありませんか。"
                if similar
                else f"次から選んでください: {'、'.join(KIND_DESCRIPTIONS)}。"
            )
            new = "新しい種類が要るときは、管理者に伝えてください。"
            yield one.problem("kind", f"{field_label('kind')}「{one.case.kind}」は知りません。{hint}{new}")


_MARKS = re.compile(r"[\s。、.,!?・]")


def find_duplicate_questions(located: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case with the same turns, day, style and audience as an earlier one."""
    first: dict[Hashable, LocatedCase] = {}
    for one in located:
        before = first.setdefault(_question_key(one.case), one)
        if before is not one:
            same = _expectation_key(before.case) == _expectation_key(one.case)
            advice = "一方を消してください。" if same else "求める答えが違います。正しい方だけを残してください。"
            yield one.problem("asked_twice", f"{before.place} の「{before.case.id}」と同じ質問です。{advice}")


def _question_key(case: Case) -> Hashable:
    turns = tuple(_MARKS.sub("", nfkc(turn)).casefold() for turn in case.turns)
    return turns, case.as_of, case.style, case.audience


def _expectation_key(case: Case) -> Hashable:
    return case.behave, case.must, case.must_not, case.cite


_CHECK = "alternatives"


def find_redundant_words(located: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield the words of `must` and `must_not` that can never match, or that another word makes redundant.

    An answer that contains 148施策 also contains 148, so as alternatives the longer one has no effect, and the shorter
    one may be looser than intended.
    """
    for one in located:
        groups = [("must", group) for group in one.case.must] + [("must_not", one.case.must_not)]
        for field, words in groups:
            yield from (_blank_word_problem(one, field, word) for word in words if not canonical_text(word))
            yield from _find_redundant(one, field, [word for word in words if canonical_text(word)])
        yield from _find_contradictory(one)


def _blank_word_problem(one: LocatedCase, field: str, word: str) -> CaseProblem:
    return one.problem(
        _CHECK, f"{field_label(field)}の「{word}」は空白だけなので、決して当たりません。消してください。"
    )


def _find_redundant(one: LocatedCase, field: str, words: Sequence[str]) -> Iterator[CaseProblem]:
    for i, word in enumerate(words):
        # Of two equal words only the later one is reported.
        others = (other for j, other in enumerate(words) if j != i and (j < i or not contains_words(other, word)))
        if contained := next((other for other in others if contains_words(word, other)), None):
            mend = f"「{word}」を消すか、「{contained}」を消して狭めてください。"
            yield one.problem(_CHECK, f"{field_label(field)}の「{word}」は「{contained}」があるので要りません。{mend}")


def _find_contradictory(one: LocatedCase) -> Iterator[CaseProblem]:
    for group in one.case.must:
        for word in group:
            forbidden = (words for words in one.case.must_not if canonical_text(words))
            if conflict := next((words for words in forbidden if contains_words(word, words)), None):
                must, must_not = field_label("must"), field_label("must_not")
                text = f"{must}の「{word}」は、{must_not}の「{conflict}」を含むので、言えば必ず落ちます。"
                yield one.problem(_CHECK, f"{text}どちらかを直してください。")
