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
    cases: Sequence[LocatedCase], corpora: Sequence[CorpusText] = (), *, complete: bool = True
) -> list[CaseProblem]:
    """Return the problems of cases that are all asked over each of `corpora`, check by check.

    Without `corpora` only the cases themselves are checked. If `corpora` are not `complete`, a source that none of them
    has may be in a missing one, so it is not reported.
    """
    problems = [problem for check in CASE_CHECKS for problem in check(cases)]
    problems += [problem for check in DOCUMENT_CHECKS for problem in check(cases, corpora)]
    missing = list(find_missing_sources(cases, corpora)) if complete and corpora else []
    locations = {problem.location for problem in missing}
    return [*problems, *missing, *(p for p in find_uncitable_cases(cases, corpora) if p.location not in locations)]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The problems of cases.

    Attributes:
        n: the number of cases.
        problems: in file order.
        skipped: the sets whose documents are not on this machine, so that their cases were checked without them.
    """

    n: int
    problems: tuple[CaseProblem, ...]
    skipped: tuple[str, ...]


def check_sets(sets: Sequence[CaseSet], settings: Settings | None = None) -> CheckResult:
    """Check the cases of `sets`; cases that several sets share are checked against the documents of all of them.

    A set without documents is checked against the current index of `settings`.

    Raises SetFileError for an unreadable file, ManifestError and UnreadableDocumentError for documents.
    """
    all_cases: list[LocatedCase] = []
    problems: list[CaseProblem] = []
    sets = [case_set for case_set in sets if case_set.is_in_our_format]
    unbound = [case_set.name for case_set in sets if not case_set.corpora]
    in_service = load_indexed_text(unbound, settings) if settings else None
    by_files: dict[tuple[Path, ...], list[CaseSet]] = {}
    for case_set in sets:
        by_files.setdefault(case_set.files, []).append(case_set)
    for files, sharing in by_files.items():
        cases, broken = read_located_cases(files)
        all_cases += cases
        complete = all(case_set.is_available for case_set in sharing)
        problems += [*broken, *find_case_problems(cases, _load_corpora(sharing, in_service), complete=complete)]
    unique = dict.fromkeys([*problems, *find_duplicate_ids(all_cases)])
    return CheckResult(
        n=len(all_cases),
        problems=tuple(sorted(unique, key=lambda problem: _location_key(problem.location))),
        skipped=tuple(
            case_set.name for case_set in sets if not case_set.is_available or not (case_set.corpora or in_service)
        ),
    )


def _load_corpora(sharing: Sequence[CaseSet], in_service: CorpusText | None) -> list[CorpusText]:
    names_by_folders: dict[tuple[Path, ...], list[str]] = {}
    for case_set in sharing:
        if case_set.is_available:
            names_by_folders.setdefault(case_set.corpora, []).append(case_set.name)
    loaded = [load_corpus_text(names, folders) for folders, names in names_by_folders.items() if folders]
    return [*loaded, in_service] if in_service and () in names_by_folders else loaded


def _location_key(location: str) -> tuple[Path, int]:
    file, _, line = location.rpartition(":")
    return Path(file), int(line)
