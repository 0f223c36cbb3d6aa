"""All checks of a question set; a new one is a file and a line here."""

from collections.abc import Callable, Iterator, Sequence

from eval.checks.alternatives import idle_words
from eval.checks.answerable import maybe_answerable
from eval.checks.asked_twice import asked_twice
from eval.checks.corpus_text import CorpusText
from eval.checks.grounds import ungrounded
from eval.checks.ids import same_ids
from eval.checks.kinds import unknown_kinds
from eval.checks.problem import Placed, Problem
from eval.checks.sources import missing_sources, without_source

OF_CASES: tuple[Callable[[Sequence[Placed]], Iterator[Problem]], ...] = (
    same_ids,
    unknown_kinds,
    idle_words,
    asked_twice,
)
"""What can be told of the cases alone."""

AGAINST_DOCUMENTS: tuple[Callable[[Sequence[Placed], Sequence[CorpusText]], Iterator[Problem]], ...] = (
    ungrounded,
    maybe_answerable,
)
"""What can be told of them beside any documents they are asked over."""


def problems_of(
    placed: Sequence[Placed], corpora: Sequence[CorpusText] = (), *, complete: bool = True
) -> list[Problem]:
    """Return what is to be mended in cases that are all asked over each of `corpora`, check by check.

    Without `corpora` only the cases themselves are looked at. Where they are not `complete`, a source that none of them
    has may stand in one that is missing.
    """
    found = [problem for check in OF_CASES for problem in check(placed)]
    found += [problem for check in AGAINST_DOCUMENTS for problem in check(placed, corpora)]
    missing = list(missing_sources(placed, corpora)) if complete and corpora else []
    named = {problem.place for problem in missing}
    return [*found, *missing, *(p for p in without_source(placed, corpora) if p.place not in named)]
