"""The subcommand that writes cases to a table and takes an edited table in, as the workbench does."""

from argparse import Namespace
from pathlib import Path

from eval.command import Measurement, command
from eval.dataset.case_tables import write_cases
from eval.dataset.sets import OFFICE, project_sets
from eval.errors import SetFileError
from eval.storage.run_folder import convert_write_errors
from eval.workbench.case_upload import read_upload, save_upload
from ingest.cli.command_line import option
from ingest.configuration.environment import read_settings


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
