"""Runs all checks on question sets over their documents."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.checks.case_checks import (
    find_duplicate_ids,
    find_duplicate_questions,
    find_redundant_words,
    find_unknown_kinds,
)
from eval.checks.corpus_text import CorpusText, load_corpus_text, load_indexed_text
from eval.checks.located_cases import CaseProblem, LocatedCase, read_located_cases
from eval.checks.source_checks import (
    find_missing_sources,
    find_possibly_answerable,
    find_uncitable_cases,
    find_ungrounded_facts,
)
from eval.dataset.sets import CaseSet
from ingest.configuration.settings import Settings

CASE_CHECKS: tuple[Callable[[Sequence[LocatedCase]], Iterator[CaseProblem]], ...] = (
    find_duplicate_ids,
    find_unknown_kinds,
    find_redundant_words,
    find_duplicate_questions,
)
"""Checks that need only the cases."""

DOCUMENT_CHECKS: tuple[Callable[[Sequence[LocatedCase], Sequence[CorpusText]], Iterator[CaseProblem]], ...] = (
    find_ungrounded_facts,
    find_possibly_answerable,
)
"""Checks of the cases against each corpus they are asked over."""


def find_case_problems(
    located: Sequence[LocatedCase], corpora: Sequence[CorpusText] = (), *, complete: bool = True
) -> list[CaseProblem]:
    """Return the problems of cases that are all asked over each of `corpora`, check by check.

    Without `corpora` only the cases themselves are checked. If `corpora` are not `complete`, a source that none of them
    has may be in a missing one, so it is not reported.
    """
    problems = [problem for check in CASE_CHECKS for problem in check(located)]
    problems += [problem for check in DOCUMENT_CHECKS for problem in check(located, corpora)]
    missing = list(find_missing_sources(located, corpora)) if complete and corpora else []
    named = {problem.place for problem in missing}
    return [*problems, *missing, *(p for p in find_uncitable_cases(located, corpora) if p.place not in named)]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The number `n` of cases and their problems, in file order.

    `skipped` are the sets whose documents are not on this machine, so that their cases were checked without them.
    """

    n: int
    problems: tuple[CaseProblem, ...]
    skipped: tuple[str, ...]


def check_sets(sets: Sequence[CaseSet], settings: Settings | None = None) -> CheckResult:
    """Check the cases of `sets`; cases that several sets share are checked against the documents of all of them.

    A set without documents of its own is checked against the current index of `settings`.

    Raises CaseFileError for an unreadable file, ManifestError and UnreadableDocumentError for documents.
    """
    located: list[LocatedCase] = []
    problems: list[CaseProblem] = []
    sets = [one for one in sets if one.is_in_our_format]
    in_service = load_indexed_text([one.name for one in sets if not one.corpora], settings) if settings else None
    by_files = {one.files: [other for other in sets if other.files == one.files] for one in sets}
    for files, sharing in by_files.items():
        own, broken = read_located_cases(files)
        located += own
        complete = all(one.is_available for one in sharing)
        problems += [*broken, *find_case_problems(own, _load_corpora(sharing, in_service), complete=complete)]
    unique = dict.fromkeys([*problems, *find_duplicate_ids(located)])
    skipped = tuple(one.name for one in sets if not one.is_available or not (one.corpora or in_service))
    return CheckResult(len(located), tuple(sorted(unique, key=lambda problem: _place_key(problem.place))), skipped)


def _load_corpora(sharing: Sequence[CaseSet], in_service: CorpusText | None) -> list[CorpusText]:
    """Return the available documents of the sets; sets over the same documents share them."""
    available = [one for one in sharing if one.is_available]
    by_folders = {one.corpora: [other.name for other in available if other.corpora == one.corpora] for one in available}
    loaded = [load_corpus_text(names, folders) for folders, names in by_folders.items() if folders]
    return [*loaded, in_service] if in_service and () in by_folders else loaded


def _place_key(place: str) -> tuple[Path, int]:
    file, _, line = place.rpartition(":")
    return Path(file), int(line)
