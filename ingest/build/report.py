"""Reports what a build did: counts, skipped files and findings, most severe first."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from ingest.build.describe import describe_tables
from ingest.corpus import Finding, FindingKind
from ingest.documents import ParsedDocument
from ingest.index.generation import Generation, SkippedFile
from ingest.readers.unread_parts import is_unread

# Findings of a kind that are told one by one; the others are counted.
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that was left out, and what to do."""

    file: str
    message: str


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did; `changed` is False where the generation in service already held just this.

    `read` counts the documents that were read anew, `embedded` and `reused` count passages; `failed` files are left
    out. `findings` stand in the order of their weight.
    """

    name: str
    documents: int
    passages: int
    read: int
    embedded: int
    reused: int
    findings: tuple[Finding, ...] = ()
    failed: tuple[Failure, ...] = ()
    changed: bool = True

    @classmethod
    def of(
        cls,
        generation: Generation,
        findings: Iterable[Finding],
        left_out: Iterable[SkippedFile],
        *,
        read: int,
        embedded: int,
        changed: bool = True,
    ) -> "BuildReport":
        """Report on a generation that is in service now."""
        passages = generation.passages
        failed = tuple(Failure(one.file, str(one)) for one in left_out)
        files = {failure.file for failure in failed}
        # What has no entry is of no weight where the file itself is left out.
        told = (one for one in findings if one.kind is not FindingKind.UNLISTED or one.file not in files)
        return cls(
            generation.name,
            generation.documents,
            passages,
            read,
            embedded,
            passages - embedded,
            tuple(sort_by_severity(told)),
            failed,
            changed,
        )

    @property
    def warnings(self) -> tuple[str, ...]:
        """The findings as people read them."""
        return tuple(map(str, self.findings))

    def as_json(self) -> dict[str, Any]:
        """Return the report as a program reads it: warnings as texts."""
        told = asdict(self)
        del told["findings"]
        return told | {"warnings": self.warnings}


def sort_by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with the weightiest first, those of a kind in the order in which they came."""
    return sorted(findings, key=lambda finding: finding.kind)


def summarise_findings(findings: Iterable[Finding]) -> list[str]:
    """Return what to tell people of findings: the first of each kind, and how many more there are."""
    told: list[str] = []
    for kind, group in groupby(sort_by_severity(findings), key=lambda finding: finding.kind):
        alike = list(group)
        told += map(str, alike[:_NAMED])
        if len(alike) > _NAMED:
            told.append(f"{kind.plural_label}: ほかに{len(alike) - _NAMED}件（合わせて{len(alike)}件）")
    return told


def summarise_failures(failures: Iterable[Failure]) -> list[str]:
    """Return what to tell people of the files that were left out: of those with the same reason the first, a count."""
    by_reason: dict[str, list[str]] = {}
    for failure in failures:
        name = failure.file.rpartition("/")[2]
        by_reason.setdefault(failure.message.replace(name, ""), []).append(failure.message)
    told = []
    for alike in by_reason.values():
        told += alike[:_NAMED]
        if len(alike) > _NAMED:
            told.append(
                f"同じ理由で読めないファイルが、ほかに{len(alike) - _NAMED}件あります（合わせて{len(alike)}件）"
            )
    return told


def summarise_reading(reading: ParsedDocument) -> str:
    """Return what was found in a document, in a few words: pages, tables, passages, and what stays unread."""
    pages = max((passage.page or 0 for passage in reading.passages), default=0)
    unread = sum(is_unread(dropped.text) for dropped in reading.dropped)
    counts = (
        (pages, f"{pages:,}ページ"),
        (shown := len(describe_tables(reading.passages)), f"表{shown:,}"),
        (1, f"箇所{len(reading.passages):,}"),
        (unread, f"読めないところ{unread:,}"),
    )
    return "、".join(text for count, text in counts if count)
