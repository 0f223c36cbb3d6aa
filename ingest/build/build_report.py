"""Reports what a build did: counts, skipped files and findings, most severe first."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from ingest.corpus import CorpusFinding, FindingKind
from ingest.documents import Document, ParsedDocument, Passage, file_url
from ingest.index.generation import Generation, SkippedFile
from ingest.passages.table_passages import table_ranges, written_cells

# Findings of a kind to list; others are only counted.
_MAX_LISTED = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that was skipped, and what to do."""

    file: str
    message: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """The result of a build; `changed` is False if the current index was already up to date.

    `read` counts newly read documents, `embedded` and `reused` count passages; `failed` files are left out. `findings`
    are ordered by severity.
    """

    name: str
    documents: int
    passages: int
    read: int
    embedded: int
    reused: int
    findings: tuple[CorpusFinding, ...] = ()
    failed: tuple[Failure, ...] = ()
    changed: bool = True

    @classmethod
    def from_generation(
        cls,
        generation: Generation,
        findings: Iterable[CorpusFinding],
        left_out: Iterable[SkippedFile],
        *,
        read: int,
        embedded: int,
        changed: bool = True,
    ) -> "BuildReport":
        passages = generation.passages
        failed = tuple(Failure(skipped.file, str(skipped)) for skipped in left_out)
        files = {failure.file for failure in failed}
        # A missing manifest entry does not matter if the file itself is skipped.
        relevant = sort_by_severity(
            one for one in findings if one.kind is not FindingKind.UNLISTED or one.file not in files
        )
        sizes = generation.documents, passages, read, embedded, passages - embedded
        return cls(generation.name, *sizes, tuple(relevant), failed, changed)

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(map(str, self.findings))

    def as_json(self) -> dict[str, Any]:
        report = asdict(self)
        del report["findings"]
        return report | {"warnings": self.warnings}


def sort_by_severity(findings: Iterable[CorpusFinding]) -> list[CorpusFinding]:
    """Return the findings, the most severe kind first."""
    return sorted(findings, key=lambda finding: finding.kind)


def summarise_findings(findings: Iterable[CorpusFinding]) -> list[str]:
    """Return messages: the first findings of each kind, and a count of the others."""
    lines: list[str] = []
    for kind, group in groupby(sort_by_severity(findings), key=lambda finding: finding.kind):
        same_kind = list(group)
        lines += map(str, same_kind[:_MAX_LISTED])
        if len(same_kind) > _MAX_LISTED:
            lines.append(f"{kind.plural_label}: ほかに{len(same_kind) - _MAX_LISTED}件（合わせて{len(same_kind)}件）")
    return lines


def summarise_failures(failures: Iterable[Failure]) -> list[str]:
    """Return messages: the first failures of each reason, and a count of the others."""
    by_reason: dict[str, list[str]] = {}
    for failure in failures:
        name = failure.file.rpartition("/")[2]
        by_reason.setdefault(failure.message.replace(name, ""), []).append(failure.message)
    lines = []
    for same_reason in by_reason.values():
        lines += same_reason[:_MAX_LISTED]
        if len(same_reason) > _MAX_LISTED:
            lines.append(
                f"同じ理由で読めないファイルが、ほかに{len(same_reason) - _MAX_LISTED}件あります"
                f"（合わせて{len(same_reason)}件）"
            )
    return lines


def describe_document(document: Document) -> dict[str, Any]:
    """Return a document as JSON, its period as [first day, last day], with the URL of its file."""
    period = document.period
    dates = [period.start.isoformat(), period.end.isoformat()] if period else None
    return {**asdict(document), "period": dates, "file_url": file_url(document.id)}


def describe_parsed_document(parsed: ParsedDocument, *, passages: bool) -> dict[str, Any]:
    """Return a document with its sections, tables, dropped lines and withheld passages; with `passages` if wanted."""
    description = {
        "document": describe_document(parsed.document),
        "sections": section_tree(parsed.passages),
        "tables": describe_tables(parsed.passages),
        "dropped": [asdict(dropped) for dropped in parsed.dropped],
        "withheld": {passage.id: passage.withheld for passage in parsed.passages if passage.withheld},
    }
    return description | ({"passages": [asdict(passage) for passage in parsed.passages]} if passages else {})


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
    """Return the tables as they are written: headings, columns, rows of cells, notes."""
    tables = []
    for place in table_ranges(passages):
        rows = passages[place.start : place.stop]
        columns, values = written_cells(rows)
        notes = list(dict.fromkeys(note for row in rows for note in row.notes))
        cells = [dict(zip(columns, row, strict=True)) for row in values]
        tables.append({"path": list(rows[0].path), "columns": columns, "rows": cells, "notes": notes})
    return tables
