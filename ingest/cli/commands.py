"""The commands of `python -m ingest`; each returns its exit status."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from ingest.amendments.compilation import Consolidations, consolidate_documents, may_amend_or_be_amended
from ingest.amendments.description import describe_consolidation, find_problems
from ingest.amendments.document_lines import DocumentLine, document_lines
from ingest.build.build import build as build_index
from ingest.build.build_report import (
    BuildReport,
    describe_coverage,
    describe_document,
    describe_parsed_document,
    sort_by_severity,
)
from ingest.build.corpus_reading import READ, OnRead, read_entries, unread_part_findings
from ingest.build.embedding import Progress
from ingest.build.sandboxed_reading import reading_limits
from ingest.chunking.table_data import table_to_json
from ingest.chunking.table_reading import split_tables
from ingest.cli.lifecycle_commands import LIFE, with_state
from ingest.cli.terminal import (
    build_progress,
    show_consolidation,
    show_coverage,
    show_documents,
    show_findings,
    show_reading,
    show_report,
    show_tables,
    show_warnings,
)
from ingest.configuration.audit import record_event, terminal_user
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.configuration.tenants import read_tenants
from ingest.corpus import MANIFEST, Corpus, FindingKind, missing_issuers
from ingest.documents import Coverage, Document, ParsedDocument
from ingest.errors import IngestError, SettingsError
from ingest.index.document_edits import apply_edits, load_edited_documents, read_edits
from ingest.index.generation import generation_folder, load_generation
from ingest.japanese.today import today
from ingest.lifecycle.library import add_documents, remove_documents
from ingest.metadata.added_documents import added_ids
from ingest.metadata.manifest import examine
from ingest.metadata.proposed_manifest import propose, to_toml, write_manifest


class CheckedCorpus(NamedTuple):
    """A corpus with its problems, the number of its passages, and the coverage of each file that was read."""

    corpus: Corpus
    passages: int
    coverage: Mapping[str, Coverage]


def check_corpora(
    settings: Settings, folders: Sequence[Path], progress: Progress | None = None, on_read: OnRead | None = None
) -> CheckedCorpus:
    """Return the corpus of `folders` with all problems and unreadable files, its size and coverage.

    `on_read` is called with each file, `progress` with their number.
    """
    corpus = examine(*folders)
    edits = read_edits(settings)
    corpus.warnings += missing_issuers(corpus.entries, [apply_edits(document, edits) for document in corpus.documents])
    passages = 0
    documents: dict[str, Document] = {}
    lines: dict[str, list[DocumentLine]] = {}
    coverage: dict[str, Coverage] = {}
    for done, (entry, result) in enumerate(read_entries(settings, corpus.entries), start=1):
        if isinstance(result, ParsedDocument):
            passages += len(result.passages)
            coverage[entry.location] = result.coverage
            if may_amend_or_be_amended(result.document):
                lines[result.document.id] = document_lines(result.passages, result.dropped)
                documents[result.document.id] = result.document
            corpus.warnings += unread_part_findings(entry, result)
        else:
            corpus.unreadable.append(entry.finding(result))
        if on_read:
            on_read(entry, result)
        if progress:
            progress(READ, done, len(corpus.entries))
    entries = {entry.document.id: entry for entry in corpus.entries}
    corpus.warnings += [
        entries[doc_id].finding(text, FindingKind.AMENDMENT)
        for consolidation in consolidate_documents(list(documents.values()), lines.__getitem__)
        for doc_id, text in find_problems(consolidation, documents[consolidation.doc_id].title)
    ]
    unread = {finding.file for finding in corpus.unreadable}
    corpus.warnings = [
        warning for warning in corpus.warnings if warning.kind is not FindingKind.UNLISTED or warning.file not in unread
    ]
    return CheckedCorpus(corpus, passages, coverage)


DONE = 0
INCOMPLETE = 1
BAD_INPUT = 2


def build(options: Namespace) -> int:
    """Index corpus folders; in a service for many offices those of every office, unless one is named."""
    settings = read_settings(data=options.data)
    if settings.tenants and not settings.tenant:
        return _build_offices(options, settings)
    report = _build(options, settings)
    _show_build(options, report, {}, lambda console: show_report(console, report))
    return INCOMPLETE if report.failed else DONE


def _build_offices(options: Namespace, settings: Settings) -> int:
    if options.corpus:
        raise SettingsError(
            "--corpus は、ひとつの役所を SHIRUBE_TENANT で選んだときに使えます。"
            "役所の文書の場所は tenants.toml の corpus に書きます。"
        )
    status = DONE
    reports = {}
    for tenant in read_tenants(settings):
        sys.stderr.write(f"役所「{tenant.id}」\n")
        try:
            report = _build(options, tenant.settings)
        except IngestError as error:
            sys.stderr.write(f"エラー: {error}\n")
            status = BAD_INPUT
            reports[tenant.id] = {"error": str(error)}
            continue
        status = max(status, INCOMPLETE if report.failed else DONE)
        reports[tenant.id] = report.as_json()
        if not options.json:
            _show_build(options, report, {}, partial(show_report, report=report))
    if options.json:
        _show(options, reports, lambda _console: None)
    return status


def _build(options: Namespace, settings: Settings) -> BuildReport:
    with build_progress() as progress:
        corpora = _corpora(options, settings)
        report = build_index(settings, corpora, full=options.full, progress=progress, on_read=progress.read)
    if report.changed:
        record_event(settings, terminal_user(), "build", (), f"索引 {report.name}、文書 {report.documents}")
    return report


def add(options: Namespace) -> int:
    """Add files, or replace documents with the same id."""
    settings = read_settings(data=options.data)
    entry = {key: value for key in ENTRY_OPTIONS if (value := getattr(options, key)) is not None}
    with build_progress() as progress:
        report, ids = add_documents(settings, options.files, entry, progress=progress)

    def show(console: Console) -> None:
        console.print(f"追加しました: {'、'.join(ids)}")
        show_report(console, report)

    _show_build(options, report, {"added": ids}, show)
    return DONE


ENTRY_OPTIONS = ("id", "title", "kind", "issuer", "published", "period", "supersedes", "amends", "aliases", "url")


def remove(options: Namespace) -> int:
    """Remove documents from the index."""
    with build_progress() as progress:
        removal = remove_documents(read_settings(data=options.data), options.ids, progress=progress)

    def show(console: Console) -> None:
        console.print(f"外しました: {'、'.join(removal.removed)}")
        if removal.returning:
            returning = "、".join(removal.returning)
            console.print(
                f"{returning} は文書フォルダーにあるため、次の `python -m ingest build` で戻ります。"
                "戻さないときは、フォルダーと manifest.toml からも消してください。"
            )
        show_report(console, removal.report)

    _show_build(options, removal.report, {"removed": removal.removed, "returning": removal.returning}, show)
    return DONE


def list_documents(options: Namespace) -> int:
    """List the documents in service."""
    settings = read_settings(data=options.data)
    added = added_ids(settings)
    documents = [
        describe_document(document.document)
        | {"passages": document.passage_count, "added": document.document.id in added}
        for document in load_edited_documents(settings).items
    ]
    documents = with_state(documents, settings)
    _show(options, documents, lambda console: show_documents(console, documents))
    return DONE


def show(options: Namespace) -> int:
    """Show how a document was parsed."""
    settings = read_settings(data=options.data)
    documents = load_edited_documents(settings)
    reading = documents.load(options.id)
    if reading is None:
        raise IngestError(f"「{options.id}」という文書はありません。id は `python -m ingest list` で確かめられます。")
    if options.tables:
        tables = split_tables(reading.passages)
        _show(options, [table_to_json(table) for table in tables], lambda console: show_tables(console, tables))
        return DONE
    description = describe_parsed_document(reading, passages=options.passages)
    titles = {document.id: document.title for document in documents.documents}
    folder = generation_folder(settings.data, load_generation(settings).name)
    consolidation = Consolidations(folder, titles).find(options.id)
    consolidated = describe_consolidation(consolidation, today(), titles) if consolidation else None
    if consolidated:
        description["consolidated"] = consolidated

    def show_document(console: Console) -> None:
        show_reading(console, description)
        if consolidated:
            show_consolidation(console, consolidated)

    _show(options, description, show_document)
    return DONE


def check(options: Namespace) -> int:
    """Report every problem of corpus folders."""
    settings = read_settings(data=options.data)
    with build_progress() as progress:
        corpus, passages, coverage = check_corpora(settings, _corpora(options, settings), progress, progress.read)
    report = {
        "documents": len(corpus.entries),
        "passages": passages,
        "problems": [asdict(finding) for finding in (*corpus.problems, *corpus.unreadable)],
        "warnings": [asdict(finding) for finding in sort_by_severity(corpus.warnings)],
        "coverage": {file: describe_coverage(coverage_of_file) for file, coverage_of_file in coverage.items()},
    }

    def show_found(console: Console) -> None:
        show_coverage(console, coverage)
        show_findings(console, corpus, passages)

    _show(options, report, show_found)
    if corpus.problems:
        return BAD_INPUT
    return INCOMPLETE if corpus.unreadable else DONE


def manifest(options: Namespace) -> int:
    """Propose a manifest; `--write` adds the entries that the existing one lacks."""
    settings = read_settings(data=options.data)
    folder = options.folder or settings.corpus
    with build_progress() as progress:
        proposals = propose(folder, reading_limits(settings), partial(progress, "文書を見る"))
    if options.write:
        write_manifest(folder, proposals)
    for proposal in proposals:
        for note in proposal.notes:
            sys.stderr.write(f"注意: {proposal.file}: {note}\n")
    if options.json:
        sys.stdout.write(
            json.dumps([asdict(proposal) for proposal in proposals], ensure_ascii=False, indent=2, default=str) + "\n"
        )
    else:
        sys.stdout.write(f"{folder / MANIFEST} に書きました。\n" if options.write else to_toml(proposals))
    return DONE if all(proposal.readable for proposal in proposals) else INCOMPLETE


COMMANDS: Mapping[str, Callable[[Namespace], int]] = {
    **LIFE,
    "build": build,
    "add": add,
    "remove": remove,
    "list": list_documents,
    "show": show,
    "check": check,
    "manifest": manifest,
}


def _corpora(options: Namespace, settings: Settings) -> Sequence[Path]:
    return options.corpus or [settings.corpus]


def _show_build(
    options: Namespace, report: BuildReport, more: Mapping[str, Any], human: Callable[[Console], None]
) -> None:
    if not options.json:
        show_warnings(Console(stderr=True, highlight=False), report)
    _show(options, {**report.as_json(), **more}, human)


def _show(options: Namespace, value: Any, human: Callable[[Console], None]) -> None:
    if options.json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
    else:
        human(Console(highlight=False))
