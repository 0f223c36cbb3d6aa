"""Checks that need only the cases: ids, kinds, repeated questions, words without effect."""

import re
from collections.abc import Hashable, Iterator, Sequence
from difflib import get_close_matches

from eval.checks.located_cases import CaseProblem, LocatedCase
from eval.dataset.case import Case
from eval.dataset.case_labels import KIND_DESCRIPTIONS, field_label
from eval.dataset.matching import canonical_text, contains_words
from ingest.japanese import nfkc


def find_duplicate_ids(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case whose id an earlier case has."""
    first: dict[str, str] = {}
    for located in cases:
        first_location = first.setdefault(located.case.id, located.location)
        if first_location != located.location:
            yield located.problem(
                "id", f"id「{located.case.id}」は {first_location} でも使われています。別の id にしてください。"
            )


def find_unknown_kinds(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case whose kind is not one of `KIND_DESCRIPTIONS`."""
    for located in cases:
        if located.case.kind not in KIND_DESCRIPTIONS:
            similar = get_close_matches(located.case.kind, KIND_DESCRIPTIONS, n=1)
            choices = f"次から選んでください: {'、'.join(KIND_DESCRIPTIONS)}。"
            hint = f"「{similar[0]}」ではありませんか。" if similar else choices
            text = f"{field_label('kind')}「{located.case.kind}」は知りません。{hint}"
            yield located.problem("kind", f"{text}新しい種類が要るときは、管理者に伝えてください。")


_MARKS = re.compile(r"[\s。、.,!?・]")


def find_duplicate_questions(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield each case with the same turns, day, style and audience as an earlier one."""
    first: dict[Hashable, LocatedCase] = {}
    for located in cases:
        earlier = first.setdefault(_question_key(located.case), located)
        if earlier is not located:
            same = _expectation_key(earlier.case) == _expectation_key(located.case)
            advice = "一方を消してください。" if same else "求める答えが違います。正しい方だけを残してください。"
            yield located.problem("asked_twice", f"{earlier.location} の「{earlier.case.id}」と同じ質問です。{advice}")


def _question_key(case: Case) -> Hashable:
    turns = tuple(_MARKS.sub("", nfkc(turn)).casefold() for turn in case.turns)
    return turns, case.as_of, case.style, case.audience


def _expectation_key(case: Case) -> Hashable:
    return case.behave, case.must, case.must_not, case.cite


# The name of the check that the functions below make.
_CHECK = "alternatives"


def find_redundant_words(cases: Sequence[LocatedCase]) -> Iterator[CaseProblem]:
    """Yield the words of `must` and `must_not` that can never match, or that another word makes redundant.

    An answer that contains 148施策 also contains 148, so as alternatives the longer one has no effect, and the shorter
    one may be looser than intended.
    """
    for located in cases:
        groups = [("must", group) for group in located.case.must] + [("must_not", located.case.must_not)]
        for field, words in groups:
            yield from (_blank_word_problem(located, field, word) for word in words if not canonical_text(word))
            yield from _find_redundant(located, field, [word for word in words if canonical_text(word)])
        yield from _find_contradictory(located)


def _blank_word_problem(located: LocatedCase, field: str, word: str) -> CaseProblem:
    return located.problem(
        _CHECK, f"{field_label(field)}の「{word}」は空白だけなので、決して当たりません。消してください。"
    )


def _find_redundant(located: LocatedCase, field: str, words: Sequence[str]) -> Iterator[CaseProblem]:
    for index, word in enumerate(words):
        # Only the later of two equal words is reported.
        later = (other for other in words[index + 1 :] if not contains_words(other, word))
        others = [*words[:index], *later]
        if contained := next((other for other in others if contains_words(word, other)), None):
            mend = f"「{word}」を消すか、「{contained}」を消して狭めてください。"
            yield located.problem(
                _CHECK, f"{field_label(field)}の「{word}」は「{contained}」があるので要りません。{mend}"
            )


def _find_contradictory(located: LocatedCase) -> Iterator[CaseProblem]:
    for group in located.case.must:
        for word in group:
            forbidden = (words for words in located.case.must_not if canonical_text(words))
            if conflict := next((words for words in forbidden if contains_words(word, words)), None):
                must = field_label("must")
                must_not = field_label("must_not")
                text = f"{must}の「{word}」は、{must_not}の「{conflict}」を含むので、言えば必ず落ちます。"
                yield located.problem(_CHECK, f"{text}どちらかを直してください。")
