"""Scenarios: short conversations, each asked over a separate index of a few documents."""

import json
import shutil
import tomllib
from argparse import Namespace
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field
from rich.console import Console

from bot.state import Status
from eval.command import OUT, WITHOUT, Measurement, command, means_json, option, path_option
from eval.dataset.case import Group, Words
from eval.dataset.matching import contains_all_facts, contains_words
from eval.errors import SetFileError
from eval.metrics.run_metrics import has_facts_first
from eval.metrics.statistics import compute_mean
from eval.storage.numbered_lines import read_models
from eval.systems.asking import ask_turns
from eval.systems.local import open_run_index
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.corpus import MANIFEST

_DOCUMENT_SUFFIXES = (".md", ".txt", ".csv", ".pdf", ".html", ".docx", ".xlsx")


class Scenario(BaseModel):
    """One conversation; the answer to its last turn is scored.

    Attributes:
        documents: names of the files that are indexed, without suffix.
        must: each group needs one of its wordings in the answer; none for a question that nothing answers.
        status: what the answer's status may be.
        highlight_not: wordings that no highlighted passage of the answer may have.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Words
    documents: Annotated[tuple[Words, ...], Field(min_length=1)]
    as_of: date
    turns: Annotated[tuple[Words, ...], Field(min_length=1)]
    must: tuple[Group, ...] = ()
    must_not: tuple[Words, ...] = ()
    status: tuple[Status, ...] = (Status.ANSWERED, Status.PARTIAL)
    highlight_not: tuple[Words, ...] = ()
    kind: str = ""


def load_scenarios(file: Path) -> tuple[Scenario, ...]:
    """Return the scenarios of a file of JSON lines; those without a `kind` get the name of the file's folder.

    Raises SetFileError, with file and line, for one that is invalid.
    """
    folder = file.resolve().parent.name
    scenarios = (scenario for _, scenario in read_models(file, Scenario, "場面"))
    return tuple(scenario.model_copy(update={"kind": scenario.kind or folder}) for scenario in scenarios)


def ask_scenarios(
    scenarios: Iterable[Scenario], documents: Path, settings: Settings, *, issuer: str, without: Collection[str] = ()
) -> Iterator[dict[str, Any]]:
    """Yield a row for each scenario: its verdicts and the answer. Those over the same documents share an index.

    `documents` is the folder of the files; entries of its manifest.toml replace the default ones. Raises SetFileError
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
                    yield _score(scenario, ask_turns(system.ask, scenario.turns, scenario.as_of))


def _find_document(documents: Path, name: str) -> Path:
    for suffix in _DOCUMENT_SUFFIXES:
        if (file := documents / f"{name}{suffix}").is_file():
            return file
    raise SetFileError(f"{documents} に文書「{name}」がありません。場面の documents を確かめてください。")


def _write_corpus(corpus: Path, files: Sequence[Path], documents: Path, issuer: str) -> None:
    corpus.mkdir()
    manifest = documents / MANIFEST
    entries = tomllib.loads(manifest.read_text("utf-8"))["document"] if manifest.is_file() else []
    entry_by_file = {entry["file"]: entry for entry in entries}
    written = []
    for number, file in enumerate(files, start=1):
        shutil.copy(file, corpus)
        written.append(_to_toml(entry_by_file.get(file.name) or _default_entry(file, issuer, number)))
    (corpus / MANIFEST).write_text("\n".join(written), "utf-8")


def _default_entry(file: Path, issuer: str, number: int) -> dict[str, Any]:
    is_text = file.suffix in {".md", ".txt"}
    first_line = next((line for line in file.read_text("utf-8").splitlines() if line.strip()), "") if is_text else ""
    title = first_line.lstrip("# ").strip() or file.stem
    return {"file": file.name, "id": f"document-{number}", "title": title, "issuer": issuer}


def _to_toml(entry: Mapping[str, Any]) -> str:
    fields = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
    return "[[document]]\n" + "".join(fields)


def _score(scenario: Scenario, answer: Mapping[str, Any]) -> dict[str, Any]:
    text = answer["answer"]
    highlights = [block["text"][slice(*block["highlight"])] for block in answer["blocks"] if "highlight" in block]
    forbidden = [words for words in scenario.must_not if contains_words(text, words)]
    forbidden += [words for words in scenario.highlight_not if any(contains_words(span, words) for span in highlights)]
    is_right = answer["status"] in scenario.status and contains_all_facts(text, scenario.must) and not forbidden
    return {
        "id": scenario.id,
        "kind": scenario.kind,
        "is_answerable": bool(scenario.must),
        "right": is_right,
        "right_first": is_right and has_facts_first(scenario.must, text),
        "forbidden": forbidden,
        "status": answer["status"],
        "turns": scenario.turns,
        "answer": text,
    }


@command(
    "scenarios",
    "短い会話を、それぞれの文書だけを索引にして測る",
    option("files", type=Path, nargs="+", metavar="FILE", help="場面(1行に1件の JSON)"),
    path_option("--documents", "DIR", "文書のフォルダー(無指定: FILE の隣の documents)"),
    option("--issuer", default="", help="manifest に書かれていない文書の発行者"),
    WITHOUT,
    option("--failed", action="store_true", help="正しくなかった場面の回答を表示する"),
    OUT,
)
def scenarios(options: Namespace) -> Measurement:
    """Ask the conversations; a rate for right answers, and for what must not happen."""
    settings = read_settings()
    rows: list[dict[str, Any]] = []
    for file in options.files:
        documents = options.documents or file.parent / "documents"
        rows += ask_scenarios(load_scenarios(file), documents, settings, issuer=options.issuer, without=options.without)
    answerable = [row for row in rows if row["is_answerable"]]
    unanswerable = [row for row in rows if not row["is_answerable"]]
    means = {
        "right": compute_mean((row["id"], float(row["right"])) for row in rows),
        "right_first": compute_mean((row["id"], float(row["right_first"])) for row in answerable),
        "forbidden": compute_mean((row["id"], float(bool(row["forbidden"]))) for row in rows),
        "answered_where_none": compute_mean((row["id"], float(row["status"] == "answered")) for row in unanswerable),
    }

    def show_failed(console: Console) -> None:
        for row in rows if options.failed else ():
            if not row["right"]:
                console.print(f"{row['id']} ({row['status']}) {' / '.join(row['turns'])}", style="bold", markup=False)
                console.print(row["answer"] + "\n", highlight=False, markup=False)

    return Measurement(
        means_json(means),
        rows,
        {"files": list(map(str, options.files)), "without": list(options.without)},
        {
            "right": "正しく答えた(答えのない問いは、答えなかった)",
            "right_first": "はじめの200文字に答えがそろう",
            "forbidden": "あってはならない言葉があった",
            "answered_where_none": "答えのない問いに「答えた」",
        },
        show_failed,
    )
