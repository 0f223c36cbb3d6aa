"""Question sets, checked over their documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.checks.checks import problems_of
from eval.checks.corpus_text import CorpusText, corpus_text, text_in_service
from eval.checks.ids import same_ids
from eval.checks.problem import Placed, Problem
from eval.checks.reading import read_placed
from eval.dataset.sets import CaseSet
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Checked:
    """`n` cases with what is to be mended in them, in the order of the files.

    `skipped` are the sets whose documents are not on this machine: what stands in these was not looked at.
    """

    n: int
    problems: tuple[Problem, ...]
    skipped: tuple[str, ...]


def check_sets(sets: Sequence[CaseSet], settings: Settings | None = None) -> Checked:
    """Check the cases of `sets`; those that several sets share are checked over the documents of all of these.

    A set without documents of its own is checked over the index in service of `settings`, of which it is asked.

    Raises CaseFileError where a file cannot be read at all, ManifestError and UnreadableDocumentError for documents.
    """
    placed: list[Placed] = []
    problems: list[Problem] = []
    sets = [one for one in sets if one.is_in_our_format]
    in_service = text_in_service([one.name for one in sets if not one.corpora], settings) if settings else None
    by_files = {one.files: [other for other in sets if other.files == one.files] for one in sets}
    for files, asking in by_files.items():
        own, broken = read_placed(files)
        placed += own
        complete = all(one.is_there for one in asking)
        problems += [*broken, *problems_of(own, _corpora(asking, in_service), complete=complete)]
    found = dict.fromkeys([*problems, *same_ids(placed)])
    skipped = tuple(one.name for one in sets if not one.is_there or not (one.corpora or in_service))
    return Checked(len(placed), tuple(sorted(found, key=lambda problem: _order(problem.place))), skipped)


def _corpora(asking: Sequence[CaseSet], in_service: CorpusText | None) -> list[CorpusText]:
    """Return the documents of the sets that are on this machine; sets over the same documents share them."""
    there = [one for one in asking if one.is_there]
    by_folders = {one.corpora: [other.name for other in there if other.corpora == one.corpora] for one in there}
    found = [corpus_text(names, folders) for folders, names in by_folders.items() if folders]
    return [*found, in_service] if in_service and () in by_folders else found


def _order(place: str) -> tuple[Path, int]:
    file, _, line = place.rpartition(":")
    return Path(file), int(line)
