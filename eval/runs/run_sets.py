"""Chooses the question sets of a run and opens the system under test."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

from eval.dataset.case import Case
from eval.dataset.sets import CaseSet, corpus_sets, project_sets, towns_set
from eval.errors import SetFileError
from eval.runs.options import RunOptions
from eval.systems.other_system import open_other_system
from eval.systems.system_under_test import SystemUnderTest, open_server
from ingest.configuration.settings import Settings


@dataclass(frozen=True, slots=True)
class ChosenSet:
    """A set of a run, with its cases."""

    case_set: CaseSet
    cases: tuple[Case, ...]

    @property
    def digest(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the cases' JSON."""
        lines = "\n".join(case.model_dump_json() for case in self.cases)
        return sha256(lines.encode()).hexdigest()[:16]


def choose_sets(options: RunOptions, settings: Settings) -> tuple[tuple[ChosenSet, ...], tuple[str, ...]]:
    """Return the chosen sets, and the names of those whose documents are not on this machine.

    The latter are reported on stderr. Raises SetFileError for invalid cases, and if no set is left.
    """
    sets = _sets(options, settings)
    available = [case_set for case_set in sets if case_set.is_available or options.names_subject]
    absent = [case_set for case_set in sets if case_set not in available]
    for case_set in absent:
        folders = "、".join(map(str, case_set.corpora))
        sys.stderr.write(f"質問集「{case_set.name}」は飛ばします。文書がこの環境にありません({folders})。\n")
    if not available:
        raise SetFileError(
            "評価できる質問集がありません。選んだ質問集の文書が、この環境にありません。"
            "別の質問集を選んでください（コマンドでは --set）。"
        )
    return tuple(ChosenSet(case_set, case_set.load(case_set.files)) for case_set in available), tuple(
        case_set.name for case_set in absent
    )


def _sets(options: RunOptions, settings: Settings) -> tuple[CaseSet, ...]:
    if options.cases:
        sets: tuple[CaseSet, ...] = (CaseSet("cases", options.cases, (settings.corpus,)),)
    elif options.towns:
        sets = (towns_set(options.towns.name, options.towns),)
    elif options.names_subject and not options.sets:
        sets = corpus_sets(settings)
    else:
        sets = project_sets(options.sets, settings)
    return tuple(replace(case_set, corpora=options.corpora) for case_set in sets) if options.names_subject else sets


def open_system_under_test(
    options: RunOptions, settings: Settings, corpora: Sequence[Path]
) -> AbstractContextManager[SystemUnderTest]:
    """Return the system that the options name; opening it raises IngestError if the corpus cannot be indexed."""
    if options.url:
        return open_server(options.url)
    if options.endpoint:
        return open_other_system(options.endpoint, settings.eval_api_key)
    from eval.systems.local import open_run_index, open_service_index  # noqa: PLC0415 -- half a second to import

    if options.data or not corpora:
        settings = settings.model_copy(update={"data": options.data or settings.data})
        return open_service_index(settings, options.without)
    return open_run_index(settings, corpora, options.without)
