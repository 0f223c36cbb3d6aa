"""Which sets a run asks, and asking them: each over its own documents, or all over what is to be measured."""

import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from eval.data import Case, load_cases
from eval.errors import CaseFileError
from eval.record import Row
from eval.run import run_cases
from eval.sets import CaseSet, own_sets, sets_of_corpus
from eval.subject import Subject, server
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Chosen:
    """A set to ask, with its cases."""

    of: CaseSet
    cases: tuple[Case, ...]


def choose(options: Namespace, settings: Settings) -> tuple[tuple[Chosen, ...], tuple[str, ...]]:
    """Return the sets that the command line asks for, and the names of those whose documents are not on this machine.

    These are told on stderr. Raises CaseFileError for broken cases, and where nothing is left to ask.
    """
    sets = _sets(options, settings)
    there = [one for one in sets if one.is_there or _measured(options)]
    absent = [one for one in sets if one not in there]
    for one in absent:
        folders = "、".join(map(str, one.corpora))
        sys.stderr.write(f"質問集「{one.name}」は飛ばします。文書がこの環境にありません({folders})。\n")
    if not there:
        raise CaseFileError("評価できる質問集がありません。--set に別の質問集を指定してください。")
    return tuple(Chosen(one, load_cases(one.files)) for one in there), tuple(one.name for one in absent)


def ask_sets(options: Namespace, settings: Settings, chosen: Sequence[Chosen]) -> tuple[list[Row], dict[str, Any]]:
    """Ask the cases of each set; return the rows, and by set what was measured (cases, documents, generation)."""
    rows: list[Row] = []
    measured: dict[str, Any] = {}
    for corpora, group in groupby(chosen, key=lambda one: one.of.corpora):
        with _subject(options, settings, corpora) as subject:
            for one in group:
                rows += run_cases(one.of.name, one.cases, subject.ask)
                measured[one.of.name] = {"cases": [str(file) for file in one.of.files]} | subject.config
    return rows, measured


def _sets(options: Namespace, settings: Settings) -> tuple[CaseSet, ...]:
    """Return the sets to ask; what the command line measures stands in the place of their own documents."""
    if options.cases:
        sets: tuple[CaseSet, ...] = (CaseSet("cases", tuple(options.cases), (settings.corpus,)),)
    elif _measured(options) and not options.set:
        sets = sets_of_corpus()
    else:
        sets = own_sets(options.set or ())
    return tuple(replace(one, corpora=tuple(options.corpus or ())) for one in sets) if _measured(options) else sets


def _measured(options: Namespace) -> bool:
    return bool(options.corpus or options.data or options.url)


def _subject(options: Namespace, settings: Settings, corpora: Sequence[Path]) -> AbstractContextManager[Subject]:
    if options.url:
        return server(options.url)
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.local import fresh_index, standing_index  # noqa: PLC0415

    if options.data:
        return standing_index(settings.model_copy(update={"data": options.data}))
    return fresh_index(settings, corpora)
