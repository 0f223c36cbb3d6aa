"""The dictionary as a CSV file for spreadsheets: UTF-8 with a byte order mark, one entry a line."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.curation.dictionary.entries import (
    KINDS,
    MAX_ENTRIES,
    EntryIndex,
    describe_general_name,
    find_conflicts,
    find_problems,
    normalise_entry,
)
from bot.errors import DictionaryError
from bot.question.dictionary import DictionaryEntry, Kind
from bot.spreadsheet import restore_formula, to_csv
from ingest.japanese import nfkc, normalise_without_spaces

COLUMNS = ("呼び名", "正式な名前", "種類", "メモ")
MAX_BYTES = 2_000_000
# Other heads of the columns, as offices and programs write them.
_HEADS: Mapping[str, str] = {
    **dict.fromkeys(
        ("呼び名", "通称", "俗称", "愛称", "言葉", "別名", "name", "common", "common_name", "alias"), "name"
    ),
    **dict.fromkeys(("正式な名前", "正式名", "正式名称", "official", "official_name"), "official"),
    **dict.fromkeys(("種類", "種別", "区分", "kind", "type"), "kind"),
    **dict.fromkeys(("メモ", "備考", "note"), "note"),
}
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((KINDS["common"], "俗称", "愛称", "common", ""), "common"),
    **dict.fromkeys((KINDS["former"], "旧名", "旧名称", "旧施設名", "former"), "former"),
    **dict.fromkeys((KINDS["abbreviation"], "略語", "略", "abbreviation"), "abbreviation"),
}
# Problems that are reported at once; a file with a wrong column would have thousands.
_MAX_PROBLEMS = 20


class CsvProblemsError(DictionaryError):
    """A file cannot be imported; `problems` say why, each with its line."""

    def __init__(self, problems: Sequence[str]) -> None:
        reported = list(problems[:_MAX_PROBLEMS])
        if len(problems) > _MAX_PROBLEMS:
            reported.append(f"ほかに{len(problems) - _MAX_PROBLEMS:,}件あります。")
        super().__init__("取り込めません。何も変えていません。 " + " / ".join(reported))
        self.problems = tuple(reported)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do: entries to add, to change (as stored and as in the file), and to remove.

    `unchanged` counts the entries that stay as they are, with those that the file does not have.
    """

    added: tuple[DictionaryEntry, ...] = ()
    changed: tuple[tuple[DictionaryEntry, DictionaryEntry], ...] = ()
    removed: tuple[DictionaryEntry, ...] = ()
    unchanged: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


def export_csv(entries: Iterable[DictionaryEntry]) -> bytes:
    """Return the entries as a file that `read_csv` reads back."""
    return to_csv(COLUMNS, [(entry.name, entry.official, KINDS[entry.kind], entry.note) for entry in entries])


def read_csv(content: bytes, is_too_general: Callable[[str], bool] = lambda _: False) -> list[DictionaryEntry]:
    """Return the entries of a file in its order, in normal form; names may not be too general.

    Raises CsvProblemsError with all problems by line.
    """
    if len(content) > MAX_BYTES:
        raise CsvProblemsError([f"ファイルは{MAX_BYTES // 1_000_000} MBまでです。"])
    rows = _numbered_rows(content)
    line, head = next(rows, (1, []))
    columns = _columns(head, line)
    entries = list[DictionaryEntry]()
    problems = list[str]()
    by_pair: dict[tuple[str, str], int] = {}
    for line, row in rows:
        cells = {name: restore_formula(row[place]) for name, place in columns.items() if place < len(row)}
        kind = _KINDS.get(nfkc(cells.get("kind", "")).strip())
        if len(row) > len(head) and any(map(str.strip, row[len(head) :])):
            problems.append(f"{line}行目: 列が{len(head)}より多くあります。コンマを含む言葉は引用符で囲んでください。")
            continue
        if kind is None:
            problems.append(
                f"{line}行目: 種類「{cells['kind']}」は、{'・'.join(KINDS.values())}のどれかにしてください。"
            )
            continue
        entry = DictionaryEntry(cells.get("name", ""), cells.get("official", ""), kind, cells.get("note", ""))
        entry = normalise_entry(entry)
        own = find_problems(entry) or [describe_general_name(entry.name)] * is_too_general(entry.name)
        problems += [f"{line}行目: {problem}" for problem in own]
        if (first := by_pair.setdefault(entry.pair, line)) != line:
            problems.append(f"{line}行目: 「{entry.name}」→「{entry.official}」は、{first}行目にもあります。")
        entries.append(entry)
    if not problems:
        others = EntryIndex(entries)
        problems = [
            f"{by_pair[entry.pair]}行目: {problem}" for entry in entries for problem in find_conflicts(entry, others)
        ]
    if not entries and not problems:
        problems = ["言葉が1行もありません。"]
    if problems:
        raise CsvProblemsError(problems)
    return entries


def plan_import(
    entries_of_file: Sequence[DictionaryEntry], stored: Sequence[DictionaryEntry], *, removes: bool = False
) -> ImportPlan:
    """Return the changes that the entries of a file make; `removes` if entries that it lacks are removed.

    Entries are the same if both names are. Raises CsvProblemsError if the result would not be a valid dictionary.
    """
    by_pair = {entry.pair: entry for entry in stored}
    pairs = {entry.pair for entry in entries_of_file}
    added = list[DictionaryEntry]()
    changed = list[tuple[DictionaryEntry, DictionaryEntry]]()
    for entry in entries_of_file:
        previous = by_pair.get(entry.pair)
        if previous is None:
            added.append(entry)
        elif previous.content != entry.content:
            changed.append((previous, replace(entry, id=previous.id, version=previous.version)))
    others = [entry for entry in stored if entry.pair not in pairs]
    removed, remaining = (others, []) if removes else ([], others)
    others_by_name = EntryIndex(remaining)
    if problems := [problem for entry in added for problem in find_conflicts(entry, others_by_name)]:
        raise CsvProblemsError(problems)
    if len(entries_of_file) + len(remaining) > MAX_ENTRIES:
        raise CsvProblemsError([f"載せられるのは{MAX_ENTRIES:,}件までです。"])
    unchanged = len(stored) - len(changed) - len(removed)
    return ImportPlan(tuple(added), tuple(changed), tuple(removed), unchanged)


def _numbered_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank, each with the number of its first line. Raises CsvProblemsError."""
    reader = csv.reader(io.StringIO(_decode(content), newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if any(map(str.strip, row)):
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise CsvProblemsError([f"{line}行目: 引用符の組が合わず、CSV として読めません。"]) from error


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise CsvProblemsError(["文字コードが分かりません。「CSV UTF-8（コンマ区切り）」で保存してください。"])


def _columns(head: Sequence[str], line: int) -> dict[str, int]:
    """Return the place of each column by its field. Raises CsvProblemsError if a needed one is missing."""
    names = [_HEADS.get(normalise_without_spaces(cell).lower(), "") for cell in head]
    columns = {name: place for place, name in reversed(list(enumerate(names))) if name}
    if {"name", "official"} - columns.keys():
        found_columns = "、".join(cell.strip() for cell in head if cell.strip()) or "（空）"
        expected = "」「".join(COLUMNS)
        raise CsvProblemsError(
            [f"{line}行目: はじめの行に、列の名前「{expected}」を書いてください（いまは {found_columns}）。"]
        )
    return columns
