"""Asks scenarios, each over an index of its own documents, and scores the last answer."""

import json
import shutil
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from eval.dataset.matching import contains_words
from eval.dataset.scenario import Scenario
from eval.errors import CaseFileError
from eval.metrics.answer_metrics import has_facts_first
from eval.systems.asking import Ask
from eval.systems.local import open_run_index
from ingest.configuration.settings import Settings
from ingest.corpus import MANIFEST

_DOCUMENT_SUFFIXES = (".md", ".txt", ".csv", ".pdf", ".html", ".docx", ".xlsx")


def ask_scenarios(
    scenarios: Iterable[Scenario], documents: Path, settings: Settings, *, issuer: str, without: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield a row for each scenario: its verdicts and the answer. Those over the same documents share an index.

    `documents` is the folder of the files; entries of its manifest.toml replace the default ones. Raises CaseFileError
    if a file is missing.
    """
    ordered = sorted(scenarios, key=lambda scenario: scenario.documents)
    for names, group in groupby(ordered, key=lambda scenario: scenario.documents):
        with TemporaryDirectory(prefix="shirube-eval-") as folder:
            corpus = Path(folder) / "corpus"
            _write_corpus(corpus, [_find_document(documents, name) for name in names], documents, issuer)
            isolated = settings.model_copy(update={"data": Path(folder) / "data"})
            with open_run_index(isolated, [corpus], without) as system:
                for scenario in group:
                    yield _score(scenario, _converse(system.ask, scenario))


def _find_document(documents: Path, name: str) -> Path:
    for suffix in _DOCUMENT_SUFFIXES:
        if (file := documents / f"{name}{suffix}").is_file():
            return file
    raise CaseFileError(f"{documents} に文書「{name}」がありません。場面の documents を確かめてください。")


def _write_corpus(corpus: Path, files: Sequence[Path], documents: Path, issuer: str) -> None:
    """Copy the files with a manifest: their own entries, else the first line as title and `issuer`."""
    corpus.mkdir()
    given = documents / MANIFEST
    entries = tomllib.loads(given.read_text("utf-8"))["document"] if given.is_file() else []
    own = {entry["file"]: entry for entry in entries}
    for file in files:
        shutil.copy(file, corpus)
    written = (own.get(file.name) or _default_entry(file, issuer, n) for n, file in enumerate(files, 1))
    (corpus / MANIFEST).write_text("\n".join(map(_to_toml, written)), "utf-8")


def _default_entry(file: Path, issuer: str, number: int) -> dict[str, Any]:
    is_text = file.suffix in {".md", ".txt"}
    first_line = next((line for line in file.read_text("utf-8").splitlines() if line.strip()), "") if is_text else ""
    title = first_line.lstrip("# ").strip() or file.stem
    return {"file": file.name, "id": f"document-{number}", "title": title, "issuer": issuer}


def _to_toml(entry: Mapping[str, Any]) -> str:
    return "[[document]]\n" + "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in entry.items())


def _converse(ask: Ask, scenario: Scenario) -> dict[str, Any]:
    answer = dict[str, Any]()
    for turn in scenario.turns:
        conversation = {"conversation_id": answer["conversation_id"]} if answer else {}
        answer = ask({"question": turn, "as_of": scenario.as_of.isoformat(), **conversation})
    return answer


def _score(scenario: Scenario, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row of a scenario: `right`, and for an answerable one whether it is right at first sight."""
    has_status = answer["status"] in scenario.status
    has_facts = all(any(contains_words(answer["answer"], words) for words in group) for group in scenario.must)
    forbidden = [words for words in scenario.must_not if contains_words(answer["answer"], words)]
    highlighted = [block["text"][slice(*block["highlight"])] for block in answer["blocks"] if "highlight" in block]
    forbidden += [words for words in scenario.highlight_not for text in highlighted if contains_words(text, words)]
    is_right = has_status and has_facts and not forbidden
    return {
        "id": scenario.id,
        "kind": scenario.kind,
        "is_answerable": scenario.is_answerable,
        "right": is_right,
        "right_first": is_right and has_facts_first(scenario.must, answer["answer"]),
        "forbidden": forbidden,
        "status": answer["status"],
        "turns": scenario.turns,
        "answer": answer["answer"],
    }
