"""Registry of all checks of a question set."""

from collections.abc import Callable, Iterator, Sequence

from eval.checks.alternatives import find_redundant_words
from eval.checks.answerable import find_possibly_answerable
from eval.checks.case_problem import LocatedCase, Problem
from eval.checks.citable_sources import find_missing_sources, find_uncitable_cases
from eval.checks.corpus_text import CorpusText
from eval.checks.duplicate_ids import find_duplicate_ids
from eval.checks.duplicate_questions import find_duplicate_questions
from eval.checks.kinds import find_unknown_kinds
from eval.checks.ungrounded_facts import find_ungrounded_facts

OF_CASES: tuple[Callable[[Sequence[LocatedCase]], Iterator[Problem]], ...] = (
    find_duplicate_ids,
    find_unknown_kinds,
    find_redundant_words,
    find_duplicate_questions,
)
"""What can be told of the cases alone."""

AGAINST_DOCUMENTS: tuple[Callable[[Sequence[LocatedCase], Sequence[CorpusText]], Iterator[Problem]], ...] = (
    find_ungrounded_facts,
    find_possibly_answerable,
)
"""What can be told of them beside any documents they are asked over."""


def find_case_problems(
    placed: Sequence[LocatedCase], corpora: Sequence[CorpusText] = (), *, complete: bool = True
) -> list[Problem]:
    """Return what is to be mended in cases that are all asked over each of `corpora`, check by check.

    Without `corpora` only the cases themselves are looked at. Where they are not `complete`, a source that none of them
    has may stand in one that is missing.
    """
    found = [problem for check in OF_CASES for problem in check(placed)]
    found += [problem for check in AGAINST_DOCUMENTS for problem in check(placed, corpora)]
    missing = list(find_missing_sources(placed, corpora)) if complete and corpora else []
    named = {problem.place for problem in missing}
    return [*found, *missing, *(p for p in find_uncitable_cases(placed, corpora) if p.place not in named)]
