"""Reads the rows of a table with their labels, values and notes."""

import re
from collections.abc import Mapping, Sequence

from bot.kinds.tables.table import Column, Row, Table, make_column
from ingest.documents import Passage
from ingest.japanese import dates, nfkc
from ingest.japanese.cell_values import (
    CellContent,
    head_unit,
    is_blank,
    parse_values,
    read_cell,
    unit_above,
)
from ingest.japanese.mentions.quantities import is_counter
from ingest.japanese.tokenise import words

_NOTE_MARK = re.compile(r"\s*(?:[(（](?:[※*＊]|注)\s?\d*[)）]|(?:[※*＊]|注)\s?\d*)\s*$")
_ROW_NUMBER = re.compile(r"\(?\d{1,3}(?:[.-]\d{1,3})*[.)]?|[①-⑳]")
# An identifier: the same in each row (a code of the municipality), or with leading zeros.
_CODE = re.compile(r"[\dA-Za-z][\dA-Za-z_-]*")
# A note within a cell, 100% ※里帰りの場合を除く, or the target of a link.
_NOTE_IN_CELL = re.compile(r"(?<=\S)\s*(?=※|\((?:https?://|メールアドレス ))")
_DITTO = re.compile(r"[〃〟″\"]|(?:同上|同前|同じ|仝)")
_DITTO_LEFT = re.compile(r"同左|←")
# The head of the names of name-value pairs.
_NAME = "項目"
# A phrase after a label, long enough to explain how the figures are counted.
_PHRASE = re.compile(r" (?=.{7})")


def label_rows(passages: Sequence[Passage], unit: str = "", title: str = "") -> Table | None:
    """Return the table of row passages with labelled rows; None if no value follows a label.

    The label is the first cell that does not only number or code the rows; if labels repeat, the text in the next
    column is added. Rows of one cell are name-value pairs. Texts are normalised, ditto marks replaced by what they
    repeat. `unit` is that of figures for which neither head nor label nor the line above gives one. `title` is that of
    the document, which may give the year.
    """
    passages = [passage for passage in passages if passage.cells]
    if passages and all(len(row.cells) == 1 and row.cells[0].column for row in passages):
        return _pair_table(passages, unit)
    heads = list(dict.fromkeys(_normalise(cell.column) for passage in passages for cell in passage.cells))
    merged = list(map(_merge_heads, passages))
    origins = _resolve_dittos([cells for cells, _ in merged], heads)
    cells = [row_cells for row_cells, _ in merged]
    label_heads, value_heads = _split_heads(heads, cells)
    if not value_heads:
        return None
    year = _fiscal_year((title, *passages[0].path))
    columns = tuple(make_column(head, year) for head in value_heads)
    shared_notes = _shared_notes(passages)
    rows = list[Row]()
    for passage, (row_cells, notes_in_cells), above, (label, *phrases) in zip(
        passages, merged, origins, _split_labels(label_heads, cells), strict=True
    ):
        notes = [note for note in passage.notes if note not in shared_notes]
        notes += [*notes_in_cells, *phrases, *_notes_in_columns(row_cells, columns)]
        if label:
            typed = _type_cells(passage, row_cells, label, unit)
            repeated = tuple(passages[n] for n in sorted(above))
            rows.append(Row(passage, typed, label, tuple(dict.fromkeys(notes)), repeated, frozenset(words(label))))
    label_columns = tuple(make_column(head) for head in label_heads if head)
    label = "・".join(filter(None, label_heads))
    return Table(tuple(rows), columns, shared_notes, label, label_columns=label_columns) if rows else None


def _fiscal_year(headings: Sequence[str]) -> int | None:
    for heading in reversed(headings):
        years = {day.first.year for day in dates(nfkc(heading)) if day.granularity == "fiscal_year"}
        if years:
            return years.pop() if len(years) == 1 else None
    return None


def _normalise(text: str) -> str:
    return nfkc(text).strip()


def _type_cells(passage: Passage, texts: Mapping[str, str], label: str, unit: str) -> dict[str, CellContent]:
    names = (label, passage.path[-1] if passage.path else "")
    unit = unit or next(filter(is_counter, [unit_above(passage.path)]), "")
    shared_unit = next(filter(None, (head_unit(name, counters_only=True) for name in names)), unit)
    return {
        head: read_cell(text, head_unit(head, counters_only=True) or shared_unit, head) for head, text in texts.items()
    }


# Replaces ditto marks by what they repeat, or nothing; returns the positions of the repeated rows for each row.
def _resolve_dittos(rows: Sequence[dict[str, str]], heads: Sequence[str]) -> list[set[int]]:
    origins = [set[int]() for _ in rows]
    last: dict[str, tuple[str, int]] = {}
    for n, cells in enumerate(rows):
        left = ""
        for head in heads:
            text = cells.get(head, "")
            if _DITTO.fullmatch(text):
                cells[head], origin = last.get(head, ("", n))
                origins[n] |= {origin} - {n}
            elif _DITTO_LEFT.fullmatch(text):
                cells[head] = left
            left = cells.get(head, "")
            if left and not _DITTO.fullmatch(text):
                last[head] = left, n
    return origins


def _split_heads(heads: list[str], cells: Sequence[Mapping[str, str]]) -> tuple[list[str], list[str]]:
    while len(heads) > 1 and not is_counter(heads[0]) and _are_codes([row.get(heads[0], "") for row in cells]):
        heads = heads[1:]
    label_heads = heads[:1]
    value_heads = [head for head in heads[1:] if head]
    while value_heads and _distinguishes_rows(value_heads[0], label_heads, cells):
        label_heads.append(value_heads.pop(0))
    return label_heads, value_heads


def _are_codes(texts: Sequence[str]) -> bool:
    is_constant = len(texts) > 1 and len({*texts}) == 1
    return all(map(_ROW_NUMBER.fullmatch, texts)) or (
        all(_CODE.fullmatch(text) and (is_constant or text.startswith("0")) for text in texts)
    )


def _distinguishes_rows(head: str, label_heads: Sequence[str], cells: Sequence[Mapping[str, str]]) -> bool:
    labels = {tuple(row.get(name, "") for name in label_heads) for row in cells}
    texts = [row.get(head, "") for row in cells]
    return len(labels) < len(cells) and all(texts) and not any(map(parse_values, texts))


def _split_labels(label_heads: Sequence[str], cells: Sequence[Mapping[str, str]]) -> list[list[str]]:
    units = {head: head for head in label_heads if is_counter(head)}  # 18 under 時 is 18時
    labels = [
        " ".join(text + units.get(head, "") * text.isdecimal() for head in label_heads if (text := row.get(head, "")))
        for row in cells
    ]
    parted = [_PHRASE.split(label, maxsplit=1) for label in labels]
    is_distinct = len({label for label, *_ in parted}) == len(set(labels))
    return parted if is_distinct else [[label] for label in labels]


def _shared_notes(passages: Sequence[Passage]) -> tuple[str, ...]:
    if len(passages) <= 1:
        return ()
    return tuple(note for note in passages[0].notes if all(note in passage.notes for passage in passages))


def _notes_in_columns(cells: Mapping[str, str], columns: Sequence[Column]) -> list[str]:
    texts = (cells.get(column.name, "") for column in columns if column.is_note)
    return [text for text in texts if not is_blank(text)]


def _pair_table(passages: Sequence[Passage], unit: str) -> Table | None:
    if len({row.cells[0].column for row in passages}) < len(passages):
        return None
    rows = list[Row]()
    for passage in passages:
        label, text = _normalise(passage.cells[0].column), _normalise(passage.cells[0].value)
        typed = _type_cells(passage, {_NAME: label, "": text}, label, unit)
        rows.append(Row(passage, typed, label, terms=frozenset(words(label))))
    return Table(tuple(rows), (make_column(""),), label_columns=(make_column(_NAME),))


def _merge_heads(row: Passage) -> tuple[dict[str, str], list[str]]:
    texts_by_head: dict[str, dict[str, None]] = {}
    notes = list[str]()
    for cell in row.cells:
        text, *notes_in_cell = _NOTE_IN_CELL.split(_NOTE_MARK.sub("", _normalise(cell.value)))
        texts_by_head.setdefault(_normalise(cell.column), {})[text] = None
        notes += notes_in_cell
    return {head: " ".join(filter(None, texts)) for head, texts in texts_by_head.items()}, notes
