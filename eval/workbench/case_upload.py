"""Edited cases that are uploaded: what saving them would change, the problems by row, and the saving."""

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from eval.checks.case_problems import find_case_problems
from eval.checks.corpus_text import load_indexed_text
from eval.command import Measurement, command
from eval.dataset.case import Case, read_case
from eval.dataset.case_tables import TableRow, read_cases, write_cases
from eval.dataset.sets import OFFICE, office_folder, project_sets
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_numbered_lines
from eval.storage.run_folder import convert_write_errors
from ingest.cli.command_line import option
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.configuration.storage import exclusive_writer, replace_text

# New cases are added to this file of the office's folder.
_ADDED = "workbench.jsonl"


@dataclass(frozen=True, slots=True)
class CaseUpload:
    """What saving the file `content` changes: cases by id, and those of the office that are removed.

    `errors` and `advice` are in Japanese what has to and what should be mended, by number of the row. `based_on` is the
    digest of the office's files that the rows were held against.
    """

    content: bytes
    rows: tuple[TableRow, ...]
    added: Mapping[str, Case]
    changed: Mapping[str, Case]
    removed: tuple[str, ...]
    errors: Mapping[int, str]
    advice: Mapping[int, str]
    based_on: str

    @property
    def can_be_saved(self) -> bool:
        """Whether there is something to save, and no error."""
        return not self.errors and bool(self.added or self.changed or self.removed)


def read_upload(content: bytes, settings: Settings, *, removes: bool) -> CaseUpload:
    """Return what saving would change; `removes` what the file does not have. Raises SetFileError, IngestError."""
    suffix = ".xlsx" if content.startswith(b"PK") else ".jsonl"
    rows, office = tuple(read_cases(content, suffix)), office_folder(settings)
    saved = {case.id: (case, file.resolve().is_relative_to(office.resolve())) for file, case in _saved_cases(settings)}
    errors = {row.number: row.problem for row in rows if row.case is None}
    added: dict[str, Case] = {}
    changed: dict[str, Case] = {}
    first: dict[str, int] = {}
    for number, case, _ in rows:
        if case is None:
            continue
        if first.setdefault(case.id, number) != number:
            errors[number] = f"id「{case.id}」は{first[case.id]}行目にもあります。"
        elif case.id not in saved:
            added[case.id] = case
        elif saved[case.id][0] != case:
            changed[case.id] = case
            if not saved[case.id][1]:
                errors[number] = "製品に付いてくる問いは書き換えられません。別の id にすると、写しとして加わります。"
    own = [case_id for case_id, (_, is_own) in saved.items() if is_own]
    removed = tuple(case_id for case_id in own if removes and case_id not in first)
    new = {number: case for number, case, _ in rows if case and number not in errors and case.id in (added | changed)}
    return CaseUpload(content, rows, added, changed, removed, errors, _advise(new, settings), _digest(office))


def save_upload(upload: CaseUpload, settings: Settings) -> None:
    """Save the changes alone; raises SetFileError if somebody has changed the cases meanwhile, StorageError."""
    if not upload.can_be_saved:
        raise SetFileError("保存できる変更がありません。直すところを直した表を、もう一度選んでください。")
    folder = office_folder(settings)
    # Answers that staff publish add cases too, under this lock.
    with exclusive_writer(settings.data, "cases.lock"):
        folder.mkdir(parents=True, exist_ok=True)
        if _digest(folder) != upload.based_on:
            raise SetFileError("表を読んだあとに、ほかの人が問いを変えました。同じファイルを、もう一度選んでください。")
        for file in sorted(folder.glob("*.jsonl")):
            lines = [_replaced(line, upload) for _, line in read_numbered_lines(file)]
            _write(file, [line for line in lines if line])
        if upload.added:
            file = folder / _ADDED
            lines = [line for _, line in read_numbered_lines(file)] if file.is_file() else []
            _write(file, [*lines, *map(_line, upload.added.values())])


def _saved_cases(settings: Settings) -> Iterator[tuple[Path, Case]]:
    for case_set in project_sets(settings=settings):
        for file in case_set.files if case_set.in_our_format else ():
            yield from ((file, read_case(line, location)) for location, line in read_numbered_lines(file))


def _advise(new: Mapping[int, Case], settings: Settings) -> dict[int, str]:
    located = [(f"{number}行目", case) for number, case in new.items()]
    in_service = load_indexed_text(["いまの文書"], settings)
    texts: dict[int, list[str]] = {}
    for problem in find_case_problems(located, [in_service] if in_service else []):
        texts.setdefault(int(problem.location.removesuffix("行目")), []).append(problem.text)
    return {number: "\n".join(of) for number, of in texts.items()}


def _digest(folder: Path) -> str:
    return sha256(b"\0".join(file.read_bytes() for file in sorted(folder.glob("*.jsonl")))).hexdigest()


def _replaced(line: str, upload: CaseUpload) -> str:
    case_id = read_case(line, "").id
    if case_id in upload.removed:
        return ""
    return _line(upload.changed[case_id]) if case_id in upload.changed else line


def _line(case: Case) -> str:
    return json.dumps(case.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False)


def _write(file: Path, lines: list[str]) -> None:
    if lines:
        replace_text(file, "".join(f"{line}\n" for line in lines))
    else:  # a file without cases is an error
        file.unlink(missing_ok=True)


@command(
    "cases",
    "問いを表に書き出す(export)、直した表を役所の質問集に取り込む(import)",
    option("action", choices=("export", "import"), metavar="export|import", help="書き出すか、取り込むか"),
    option("file", type=Path, metavar="FILE", help="Excel(.xlsx)か JSONL(.jsonl)の表"),
    option("--set", action="append", default=[], metavar="NAME", help=f"書き出す質問集(既定: {OFFICE})"),
)
def cases(options: Namespace) -> Measurement:
    """Export the cases of sets, or import those of a table; its problems are told with the number of the row."""
    settings, file = read_settings(), options.file
    if options.action == "export":
        sets = project_sets(options.set or [OFFICE], settings)
        found = [case for case_set in sets for case in case_set.read_cases()]
        with convert_write_errors(file):
            file.write_bytes(write_cases(found, file.suffix))
        text = f"書き出しました: {len(found)}問({file})"
        return Measurement({"n": len(found), "out": str(file)}, show=lambda console: console.print(text))
    try:
        upload = read_upload(file.read_bytes(), settings, removes=False)
    except OSError as error:
        raise SetFileError(f"{file}: 読めません({error.strerror})。ファイルを確かめてください。") from error
    errors = [f"{number}行目: {problem}" for number, problem in sorted(upload.errors.items())]
    advice = [f"{number}行目: {text}" for number, text in sorted(upload.advice.items())]
    if not errors and (upload.added or upload.changed):
        save_upload(upload, settings)
    counts = {"added": 0 if errors else len(upload.added), "changed": 0 if errors else len(upload.changed)}
    lines = [f"加えた問い: {counts['added']}、変えた問い: {counts['changed']}", *advice]
    return Measurement(
        counts | {"advice": advice}, show=lambda console: console.print("\n".join(lines)), shortfalls=errors or None
    )
