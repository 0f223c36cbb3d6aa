"""Scenarios: short conversations over a few documents (scenarios), and over others with a dictionary (dictionary)."""

import json
import shutil
import tomllib
from argparse import Namespace
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from rich.console import Console

from bot.curation.dictionary.csv_file import read_csv
from bot.state import Status
from eval.command import OUT, WITHOUT, Measurement, command, paths_option
from eval.dataset.case import Group, Words
from eval.dataset.matching import contains_all_facts, contains_words
from eval.errors import SetFileError
from eval.metrics.run_metrics import has_facts_first
from eval.metrics.statistics import Mean, compute_mean
from eval.storage.numbered_lines import read_models
from eval.systems.asking import ask_turns
from eval.systems.local import open_run_index
from ingest.cli.command_line import option, path_option
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.corpus import MANIFEST

_DOCUMENT_SUFFIXES = (".md", ".txt", ".csv", ".pdf", ".html", ".docx", ".xlsx")
_ANSWERED = (Status.ANSWERED, Status.PARTIAL)


class Scenario(BaseModel):
    """One conversation; the answer to its last turn is scored.

    Attributes:
        documents: names of the files that are indexed, without suffix; none for those of the command.
        turns: the messages in order; `question` in the file is a single turn.
        must: each group needs one of its wordings in the answer, a single one may be a string; none for a question that
            nothing answers.
        status: what the answer's status may be; by default answered or partial, or anything else without `must`.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Words
    documents: tuple[Words, ...] = ()
    as_of: date | None = None
    turns: Annotated[tuple[Words, ...], Field(min_length=1)]
    must: tuple[Group, ...] = ()
    must_not: tuple[Words, ...] = ()
    status: tuple[Status, ...] = ()
    kind: str = ""

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        question = {"turns": [value["question"]]} if "turns" not in value and "question" in value else {}
        must = [[group] if isinstance(group, str) else group for group in value.get("must", ())]
        return value | question | {"must": must}

    def forbidden_in(self, answer: Mapping[str, Any]) -> list[str]:
        """Return the forbidden words of an answer."""
        return [words for words in self.must_not if contains_words(answer["answer"], words)]

    def is_right(self, answer: Mapping[str, Any]) -> bool:
        """Whether an answer has an accepted status, every required fact and no forbidden words."""
        status = Status(answer["status"])
        is_accepted = status in self.status if self.status else (status in _ANSWERED) == bool(self.must)
        return is_accepted and contains_all_facts(answer["answer"], self.must) and not self.forbidden_in(answer)


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
    if ordered and not ordered[0].documents:
        raise SetFileError(f"場面「{ordered[0].id}」に documents がありません。文書の名前を書いてください。")
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
        entry = entry_by_file.get(file.name) or _default_entry(file, issuer, number)
        fields = (f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items())
        written.append("[[document]]\n" + "".join(fields))
    (corpus / MANIFEST).write_text("\n".join(written), "utf-8")


def _default_entry(file: Path, issuer: str, number: int) -> dict[str, Any]:
    is_text = file.suffix in {".md", ".txt"}
    first_line = next((line for line in file.read_text("utf-8").splitlines() if line.strip()), "") if is_text else ""
    title = first_line.lstrip("# ").strip() or file.stem
    return {"file": file.name, "id": f"document-{number}", "title": title, "issuer": issuer}


def _score(scenario: Scenario, answer: Mapping[str, Any]) -> dict[str, Any]:
    is_right = scenario.is_right(answer)
    return {
        "id": scenario.id,
        "kind": scenario.kind,
        "is_answerable": bool(scenario.must),
        "right": is_right,
        "right_first": is_right and has_facts_first(scenario.must, answer["answer"]),
        "forbidden": scenario.forbidden_in(answer),
        "status": answer["status"],
        "turns": scenario.turns,
        "answer": answer["answer"],
    }


def _figures(means: Mapping[str, Mean]) -> dict[str, float]:
    return dict(chain.from_iterable(mean.figures(name).items() for name, mean in means.items()))


def _share(rows: Iterable[Mapping[str, Any]], is_counted: Callable[[Mapping[str, Any]], bool]) -> Mean:
    return compute_mean((row["id"], float(is_counted(row))) for row in rows)


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
        "right": _share(rows, lambda row: row["right"]),
        "right_first": _share(answerable, lambda row: row["right_first"]),
        "forbidden": _share(rows, lambda row: bool(row["forbidden"])),
        "answered_where_none": _share(unanswerable, lambda row: row["status"] == Status.ANSWERED),
    }

    def show_failed(console: Console) -> None:
        for row in rows if options.failed else ():
            if not row["right"]:
                console.print(f"{row['id']} ({row['status']}) {' / '.join(row['turns'])}", style="bold", markup=False)
                console.print(row["answer"] + "\n", highlight=False, markup=False)

    return Measurement(
        _figures(means),
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


@command(
    "dictionary",
    "役所の言葉の辞書が、呼び名の質問への回答をどう変えるかを測る",
    path_option("--entries", "FILE", "辞書(CSV)", required=True),
    path_option("--questions", "FILE", "質問(1行に1件の JSON)", required=True),
    paths_option("--corpus", "DIR", "その文書", required=True),
    option("--changed", action="store_true", help="正しくない質問と、変わった回答を表示する"),
    OUT,
)
def dictionary(options: Namespace) -> Measurement:
    """Ask the questions without and with the entries."""
    try:
        entries = read_csv(options.entries.read_bytes())
    except OSError as error:
        raise SetFileError(f"辞書 {options.entries} を読めません({error.strerror})。") from error
    questions = load_scenarios(options.questions)
    rows: list[dict[str, Any]] = [{"id": question.id, "question": question.turns[-1]} for question in questions]
    for when, active in {"before": (), "after": entries}.items():
        with open_run_index(read_settings(), options.corpus, entries=active) as system:
            for row, question in zip(rows, questions, strict=True):
                answer = ask_turns(system.ask, question.turns, question.as_of)
                row[f"right_{when}"] = question.is_right(answer)
                row[f"answer_{when}"] = f"{answer['status']} {answer['answer']}"
    figures = {
        "right_before": _share(rows, lambda row: row["right_before"]),
        "right_after": _share(rows, lambda row: row["right_after"]),
        "difference": compute_mean((row["id"], row["right_after"] - row["right_before"]) for row in rows),
        "worse": _share(rows, lambda row: row["right_before"] and not row["right_after"]),
    }

    def show_changed(console: Console) -> None:
        for row in rows if options.changed else ():
            if not row["right_after"] or row["answer_before"] != row["answer_after"]:
                marks = f"{'○' if row['right_before'] else '×'}→{'○' if row['right_after'] else '×'}"
                console.print(f"{marks} {row['id']} {row['question']}", style="bold", markup=False)
                console.print(f"  {row['answer_before']}\n  {row['answer_after']}\n", highlight=False, markup=False)

    titles = {
        "right_before": "正しく答えた(辞書なし)",
        "right_after": "正しく答えた(辞書あり)",
        "difference": "その差",
        "worse": "辞書があると誤った",
    }
    inputs = {"entries": str(options.entries), "questions": str(options.questions)}
    return Measurement(_figures(figures), rows, inputs, titles, show_changed)
