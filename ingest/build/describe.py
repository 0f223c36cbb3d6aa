"""Describes a document as JSON: sections, tables, passages, dropped lines and coverage."""

from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby
from typing import Any

from ingest.documents import Coverage, Document, ParsedDocument, Passage, file_url


def describe_document(document: Document) -> dict[str, Any]:
    """Return a document as JSON, its period as [first day, last day], with the URL of its file."""
    period = document.period
    dates = [period.start.isoformat(), period.end.isoformat()] if period else None
    return {**asdict(document), "period": dates, "file_url": file_url(document.id)}


def describe_parsed_document(parsed: ParsedDocument, *, passages: bool) -> dict[str, Any]:
    """Return a document with its sections, tables and dropped lines, optionally with its `passages`."""
    description = {
        "document": describe_document(parsed.document),
        "sections": section_tree(parsed.passages),
        "tables": describe_tables(parsed.passages),
        "dropped": [asdict(dropped) for dropped in parsed.dropped],
        "coverage": describe_coverage(parsed.coverage),
    }
    return description | ({"passages": [asdict(passage) for passage in parsed.passages]} if passages else {})


def describe_coverage(coverage: Coverage) -> dict[str, Any]:
    """Return the coverage of a source as JSON; `explained` is the share (0 to 1) in passages or left out, or None."""
    unexplained = sum(len(text.text) for text in coverage.unexplained)
    explained = 1 - unexplained / coverage.characters if coverage.characters else None
    return {**asdict(coverage), "explained": explained}


def section_tree(passages: Sequence[Passage], depth: int = 0) -> list[dict[str, Any]]:
    """Return the tree of headings below `depth`, each with the ids of the passages directly under it."""
    tree = []
    for title, group in groupby(passages, key=lambda passage: passage.path[depth : depth + 1]):
        members = list(group)
        if title:
            section_ids = [passage.id for passage in members if len(passage.path) == depth + 1]
            tree.append({"title": title[0], "passages": section_ids, "sections": section_tree(members, depth + 1)})
    return tree


def describe_tables(passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Return the tables: consecutive rows under one heading with the same first column."""
    tables = []
    for (kind, path, _), group in groupby(passages, key=lambda p: (p.kind, p.path, p.cells[:1] and p.cells[0].column)):
        if kind == "row":
            rows = list(group)
            columns = list(dict.fromkeys(cell.column for row in rows for cell in row.cells))
            values = [{cell.column: cell.value for cell in row.cells} for row in rows]
            notes = list(dict.fromkeys(note for row in rows for note in row.notes))
            tables.append({"path": list(path), "columns": columns, "rows": values, "notes": notes})
    return tables
