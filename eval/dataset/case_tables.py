"""Cases as a table to edit: an Excel sheet or JSON Lines, written and read back with the row of each problem."""

import json
import re
from collections.abc import Iterable
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import BadZipFile

from eval.dataset.case import Case, read_case
from eval.dataset.case_labels import BEHAVIOUR_LABELS, FIELD_LABELS, field_label
from eval.errors import SetFileError

_FIELDS = tuple(Case.model_fields)
_LISTS = frozenset(name for name, field in Case.model_fields.items() if field.default == () or name == "turns")
# One wording of a group or another; a list with it, or with a line break, in an entry is written as JSON.
_OR = " | "
_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_WIDTHS = {"turns": 50, "must": 40, "must_not": 25, "cite": 40, "note": 40}


class TableRow(NamedTuple):
    """A row of a table of cases: its number in the file, the case, or in Japanese why it is none."""

    number: int
    case: Case | None
    problem: str = ""


def write_cases(cases: Iterable[Case], suffix: str) -> bytes:
    """Return cases as a file: an Excel sheet for ".xlsx", else JSON Lines."""
    if suffix != ".xlsx":
        lines = (json.dumps(case.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False) for case in cases)
        return "".join(f"{line}\n" for line in lines).encode()
    from openpyxl import Workbook  # noqa: PLC0415 -- imported on use: 0.2 s
    from openpyxl.styles import Alignment  # noqa: PLC0415

    book = Workbook()
    sheet = book.create_sheet("問い", 0)
    sheet.append([field_label(name) for name in _FIELDS])
    for case in cases:
        sheet.append([_to_cell(name, value) for name, value in case.model_dump(mode="json").items()])
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type  # a text is never a formula
    for column, name in zip(sheet.columns, _FIELDS, strict=True):
        sheet.column_dimensions[column[0].column_letter].width = _WIDTHS.get(name, 16)
    sheet.freeze_panes = "B2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def read_cases(content: bytes, suffix: str) -> list[TableRow]:
    """Return the rows of such a file, columns in any order; raises SetFileError if it is no table of cases."""
    if suffix == ".xlsx":
        return [_read_row(number, json.dumps(values, ensure_ascii=False)) for number, values in _sheet_rows(content)]
    try:
        lines = content.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise SetFileError("ファイルを読めません。Excel（.xlsx）か、UTF-8 の JSONL にしてください。") from error
    return [_read_row(number, line) for number, line in enumerate(lines, 1) if line.strip()]


def _read_row(number: int, line: str) -> TableRow:
    try:
        return TableRow(number, read_case(line, "この行"))
    except SetFileError as error:
        return TableRow(number, None, str(error).partition(": ")[2].strip())


def _sheet_rows(content: bytes) -> Iterable[tuple[int, dict[str, Any]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 -- as above

    try:
        sheet = load_workbook(BytesIO(content), read_only=True, data_only=True).worksheets[0]
        head, *rows = sheet.iter_rows(values_only=True) or [()]
    except (BadZipFile, KeyError, ValueError, IndexError, OSError) as error:
        raise SetFileError("Excel のファイルとして読めません。.xlsx で保存し直してください。") from error
    named = {called: name for name in _FIELDS for called in (name, field_label(name), FIELD_LABELS.get(name, name))}
    names = [named.get(str(called or "").strip(), "") for called in head]
    if unknown := [str(called) for called, name in zip(head, names, strict=True) if called and not name]:
        raise SetFileError(
            f"1行目の「{'」「'.join(unknown)}」という列は知りません。書き出した表の見出しのままにしてください。"
        )
    if not {"id", "turns"} <= set(names):
        raise SetFileError("1行目に見出し（id、発言 など）がありません。書き出した表の見出しのままにしてください。")
    for number, row in enumerate(rows, 2):
        cells = {name: cell for name, cell in zip(names, row, strict=False) if name and cell not in (None, "")}
        if cells:
            yield number, {name: _from_cell(name, cell) for name, cell in cells.items()}


def _to_cell(name: str, value: Any) -> Any:
    if name not in _LISTS:
        text = BEHAVIOUR_LABELS.get(value, value) if name == "behave" else value
        return _ILLEGAL.sub(" ", text) if isinstance(text, str) else text
    lines = "\n".join(_OR.join(entry) if isinstance(entry, list) else entry for entry in value)
    is_plain = _from_cell(name, lines) == value and not _ILLEGAL.search(lines)
    return lines if is_plain else json.dumps(value, ensure_ascii=False)


def _from_cell(name: str, cell: Any) -> Any:
    if name == "priority" and str(cell).isdecimal():
        return int(cell)
    text = f"{cell:%Y-%m-%d}" if hasattr(cell, "strftime") else str(cell).strip()
    if name == "behave":
        return next((value for value, label in BEHAVIOUR_LABELS.items() if label == text), text)
    if name not in _LISTS:
        return text
    if text.startswith("["):
        try:
            return json.loads(text)
        except ValueError:
            pass
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return [[word.strip() for word in line.split("|") if word.strip()] for line in lines] if name == "must" else lines
