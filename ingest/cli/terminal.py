"""Prints progress, reports, lists and documents to a terminal of 80 columns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table
from rich.text import Text
from rich.tree import Tree

from ingest.build.build_report import BuildReport, Failure, summarise_failures, summarise_findings
from ingest.configuration.audit import ACTIONS, AuditEvent, event_row
from ingest.corpus import Corpus, CorpusFinding


class BuildProgress:
    """A progress bar per stage; called with (stage, done, total) by builds."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage)
        self._bars.update(self._tasks[stage], completed=done, total=total)


@contextmanager
def build_progress() -> Iterator[BuildProgress]:
    """Show progress on stderr if it is a terminal."""
    console = Console(stderr=True, highlight=False)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        yield BuildProgress(bars)


def show_build(console: Console, report: BuildReport, message: str = "") -> None:
    """Print the warnings of a build on stderr, then a message and the summary."""
    errors = Console(stderr=True, highlight=False)
    for failure in summarise_failures(report.failed):
        errors.print(Text(f"× {failure}", "red"))
    _show_findings(errors, report.findings)
    if report.failed:
        errors.print(Text(f"読めないファイル {len(report.failed)} を除いて取り込みました。", "red"))
    if message:
        console.print(message)
    size = f"文書 {report.documents}、箇所 {report.passages:,}"
    if not report.changed:
        console.print(f"変わった文書はありません。索引 {report.name} のままです（{size}）。")
        return
    console.print(f"索引 {report.name} を使い始めました（{size}）。")
    console.print(
        f"新しく読んだ文書 {report.read}、新しく意味を写した箇所 {report.embedded:,}、前から使う箇所 {report.reused:,}"
    )


def _show_findings(console: Console, findings: Sequence[CorpusFinding]) -> None:
    for warning in summarise_findings(findings):
        console.print(Text(f"注意: {warning}", "yellow"))


def show_findings(console: Console, corpus: Corpus, passages: int) -> None:
    """Print the problems, warnings and size of a corpus, similar warnings summarised."""
    for problem in corpus.problems:
        console.print(Text(f"× {problem}", "red"))
    for failure in summarise_failures(Failure(finding.file, str(finding)) for finding in corpus.unreadable):
        console.print(Text(f"× {failure}", "red"))
    _show_findings(console, corpus.warnings)
    unread = f"、読めないファイル {len(corpus.unreadable)}" if corpus.unreadable else ""
    counts = f"問題 {len(corpus.problems)}{unread}、注意 {len(corpus.warnings)}"
    console.print(f"文書 {len(corpus.entries)}、箇所 {passages:,}、{counts}")


def show_documents(console: Console, documents: Sequence[Mapping[str, Any]]) -> None:
    """Print the documents in service."""
    if not documents:
        console.print("文書はありません。`python -m ingest build` か `python -m ingest add` で取り込んでください。")
        return
    columns = (
        Column("id", no_wrap=True),
        "題名",
        "種類",
        Column("期間", no_wrap=True),
        Column("箇所", justify="right"),
        "置き場所",
    )
    rows = []
    for document in documents:
        out = document["withdrawn"]
        place = f"取り下げ中（{out['reason']}）" if out else "追加" if document["added"] else "フォルダー"
        period = "〜\n".join(document["period"] or [])
        title, kind, passages = document["title"], document["kind"], str(document["passages"])
        rows.append((document["id"], title, kind, period, passages, place))
    console.print(_table(columns, rows))
    for document in documents:
        if notice := document["expiring"]:
            console.print(Text(f"注意: {notice}", "yellow"))


def _table(columns: Sequence[Column | str], rows: Iterable[Iterable[str]], **settings: Any) -> Table:
    heads = (Column(Text(column), overflow="fold") if isinstance(column, str) else column for column in columns)
    table = Table(*heads, **settings)
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def show_events(console: Console, events: Sequence[AuditEvent]) -> None:
    """Print events of the audit log."""
    rows = ((event_row(event) | {"action": ACTIONS[event.action]}).values() for event in events)
    table = _table(("いつ", "誰が", "何を", "文書", "くわしく"), rows)
    console.print(table if events else "記録はまだありません。")


def show_reading(console: Console, description: Mapping[str, Any]) -> None:
    """Print the output of `describe_parsed_document`: entry, headings, tables, dropped lines, passages."""
    for key, value in description["document"].items():
        if value and key != "digest":
            text = "、".join(value) if isinstance(value, (list, tuple)) else str(value)
            console.print(Text.assemble((f"{key}: ", "bold"), text))
    outline = Tree(Text("見出し（数は直下の箇所）", "bold"))
    _add_sections(outline, description["sections"])
    console.print(outline)
    for table in description["tables"]:
        rows = ([row.get(column, "") for column in table["columns"]] for row in table["rows"])
        title, notes = Text(" > ".join(table["path"])), Text("\n".join(table["notes"]))
        console.print(_table(table["columns"], rows, title=title, caption=notes, show_lines=True))
    for dropped in description["dropped"]:
        lines = "、".join(map(str, dropped["lines"]))
        console.print(Text(f"除いた行 {lines}: {dropped['text']}（{dropped['reason']}）", "dim"))
    for passage_id, reason in description["withheld"].items():
        console.print(Text(f"答えに使わない箇所 {passage_id}: {reason}", "yellow"))
    for passage in description.get("passages", ()):
        console.print(Text(f"\n{passage['id']} {' > '.join(passage['path'])}", "bold"))
        console.print(Text(passage["text"]))


def _add_sections(tree: Tree, sections: Sequence[Mapping[str, Any]]) -> None:
    for section in sections:
        count = f" {len(section['passages'])}" if section["passages"] else ""
        _add_sections(tree.add(Text.assemble(section["title"], (count, "cyan"))), section["sections"])
