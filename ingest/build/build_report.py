"""Reports what a build did: counts, skipped files and findings, most severe first."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from ingest.build.describe import describe_tables
from ingest.corpus import CorpusFinding, FindingKind
from ingest.documents import ParsedDocument
from ingest.index.generation import Generation, SkippedFile
from ingest.readers.unread_parts import is_unread

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
        """Report on the current generation."""
        passages = generation.passages
        failed = tuple(Failure(skipped.file, str(skipped)) for skipped in left_out)
        files = {failure.file for failure in failed}
        # A missing manifest entry does not matter if the file itself is skipped.
        relevant = (
            skipped for skipped in findings if skipped.kind is not FindingKind.UNLISTED or skipped.file not in files
        )
        return cls(
            generation.name,
            generation.documents,
            passages,
            read,
            embedded,
            passages - embedded,
            tuple(sort_by_severity(relevant)),
            failed,
            changed,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """The findings as messages."""
        return tuple(map(str, self.findings))

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON, with warnings as texts."""
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


def summarise_document(parsed: ParsedDocument) -> str:
    """Return a summary of a document as read: pages, tables, passages, unread parts."""
    pages = max((passage.page or 0 for passage in parsed.passages), default=0)
    unread = sum(is_unread(dropped.text) for dropped in parsed.dropped)
    counts = (
        (pages, f"{pages:,}ページ"),
        (tables := len(describe_tables(parsed.passages)), f"表{tables:,}"),
        (1, f"箇所{len(parsed.passages):,}"),
        (unread, f"読めないところ{unread:,}"),
    )
    return "、".join(text for count, text in counts if count)
