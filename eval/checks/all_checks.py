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
from eval.checks.corpus_text import CorpusText, load_corpus_text, text_in_service
from eval.checks.document_checks import (
    find_missing_sources,
    find_possibly_answerable,
    find_uncitable_cases,
    find_ungrounded_facts,
)
from eval.checks.located_cases import LocatedCase, Problem, read_located_cases
from eval.dataset.sets import CaseSet
from ingest.configuration.settings import Settings

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


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`n` cases with what is to be mended in them, in the order of the files.

    `skipped` are the sets whose documents are not on this machine: what stands in these was not looked at.
    """

    n: int
    problems: tuple[Problem, ...]
    skipped: tuple[str, ...]


def check_sets(sets: Sequence[CaseSet], settings: Settings | None = None) -> CheckResult:
    """Check the cases of `sets`; those that several sets share are checked over the documents of all of these.

    A set without documents of its own is checked over the index in service of `settings`, of which it is asked.

    Raises CaseFileError where a file cannot be read at all, ManifestError and UnreadableDocumentError for documents.
    """
    placed: list[LocatedCase] = []
    problems: list[Problem] = []
    sets = [one for one in sets if one.is_in_our_format]
    in_service = text_in_service([one.name for one in sets if not one.corpora], settings) if settings else None
    by_files = {one.files: [other for other in sets if other.files == one.files] for one in sets}
    for files, asking in by_files.items():
        own, broken = read_located_cases(files)
        placed += own
        complete = all(one.is_there for one in asking)
        problems += [*broken, *find_case_problems(own, _load_corpora(asking, in_service), complete=complete)]
    found = dict.fromkeys([*problems, *find_duplicate_ids(placed)])
    skipped = tuple(one.name for one in sets if not one.is_there or not (one.corpora or in_service))
    return CheckResult(len(placed), tuple(sorted(found, key=lambda problem: _place_key(problem.place))), skipped)


def _load_corpora(asking: Sequence[CaseSet], in_service: CorpusText | None) -> list[CorpusText]:
    """Return the documents of the sets that are on this machine; sets over the same documents share them."""
    there = [one for one in asking if one.is_there]
    by_folders = {one.corpora: [other.name for other in there if other.corpora == one.corpora] for one in there}
    found = [load_corpus_text(names, folders) for folders, names in by_folders.items() if folders]
    return [*found, in_service] if in_service and () in by_folders else found


def _place_key(place: str) -> tuple[Path, int]:
    file, _, line = place.rpartition(":")
    return Path(file), int(line)
