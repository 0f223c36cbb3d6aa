"""Runs all checks on question sets over their documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.checks.all_checks import find_case_problems
from eval.checks.case_problem import LocatedCase, Problem
from eval.checks.case_reader import read_located_cases
from eval.checks.corpus_text import CorpusText, load_corpus_text, text_in_service
from eval.checks.duplicate_ids import find_duplicate_ids
from eval.dataset.sets import CaseSet
from ingest.configuration.settings import Settings


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
