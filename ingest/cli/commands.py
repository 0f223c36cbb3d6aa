"""The commands of `python -m ingest`."""

# Commands import lazily, so that `--help` and wrong use are reported at once.
# ruff: noqa: PLC0415

import sys
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ingest.cli.command_line import CommandLine, Output, option, path_option, terminal_user
from ingest.documents import DocumentKind
from ingest.errors import IngestError

if TYPE_CHECKING:
    from ingest.configuration.settings import Settings
    from ingest.metadata.document_table import SourceState

DONE = 0
INCOMPLETE = 1
BAD_INPUT = 2
line = CommandLine("python -m ingest", "自治体の計画や会議の資料を読み、質問に答えるための索引にします。")
_IDS = "文書の id"
_CORPORA = path_option(
    "--corpus",
    "フォルダー",
    "文書と manifest.toml のあるフォルダー。繰り返し指定できる（既定: SHIRUBE_CORPUS か corpus）",
    action="append",
)
_BY = option("--by", default=terminal_user(), metavar="名前", help="記録に残す名前（既定: この端末の利用者）")


@line.command(
    "build",
    "文書フォルダーを索引にする（変わった文書だけを読み直す）",
    option("--full", action="store_true", help="変わっていない文書も、すべて読み直して作る"),
    _CORPORA,
)
def build(settings: "Settings", *, full: bool, corpus: Sequence[Path] | None) -> Output:
    """Index corpus folders."""
    from ingest.build.build import build as build_index
    from ingest.cli.terminal import build_progress, show_build
    from ingest.configuration.audit import record_event

    with build_progress() as progress:
        report = build_index(settings, corpus or [settings.corpus], full=full, progress=progress)
    if report.changed:
        record_event(settings, terminal_user(), "build", (), f"索引 {report.name}、文書 {report.documents}")
    return Output(report.as_json(), partial(show_build, report=report), int(bool(report.failed)))


@line.command(
    "add",
    "文書をひとつずつ追加する（同じ id なら置き換える）",
    option("files", type=Path, nargs="+", metavar="ファイル", help="追加する文書"),
    option("--id", metavar="ID", help="文書の id。英小文字・数字・「.」「-」（既定: ファイル名から）"),
    option("--title", metavar="題名", help="文書の題名（既定: 最初の見出しかファイル名）"),
    option("--kind", choices=get_args(DocumentKind), metavar="種類", help=" ".join(get_args(DocumentKind))),
    option("--issuer", metavar="名前", help="発行者"),
    option("--published", metavar="年月日", help="発行した年、年月、または日（例: 2026-01）"),
    option("--period", nargs=2, metavar=("開始日", "終了日"), help="効力のある期間（例: 2026-04-01 2030-03-31）"),
    option("--supersedes", action="append", metavar="ID", help="これが置き換える文書の id。繰り返せる"),
    option("--amends", action="append", metavar="ID", help="これが一部を改正する文書の id。繰り返せる"),
    option("--alias", action="append", dest="aliases", metavar="呼び名", help="別の呼び名。繰り返せる"),
    option("--url", metavar="URL", help="公開されている場所"),
)
def add(settings: "Settings", files: Sequence[Path], **entry: Any) -> Output:
    """Add files, or replace documents with the same id."""
    from ingest.cli.terminal import build_progress, show_build
    from ingest.lifecycle.library import add_documents

    given = {key: value for key, value in entry.items() if value is not None}
    with build_progress() as progress:
        report, ids = add_documents(settings, files, given, by=terminal_user(), progress=progress)
    message = f"追加しました: {'、'.join(ids)}"
    return Output({**report.as_json(), "added": ids}, partial(show_build, report=report, message=message))


@line.command("remove", "文書を索引から外す", option("ids", nargs="+", metavar="ID", help="外す文書の id"))
def remove(settings: "Settings", ids: Sequence[str]) -> Output:
    """Remove documents from the index."""
    from ingest.cli.terminal import build_progress, show_build
    from ingest.lifecycle.library import remove_documents

    with build_progress() as progress:
        report, returning = remove_documents(settings, ids, by=terminal_user(), progress=progress)
    message = f"外しました: {'、'.join(ids)}"
    if returning:
        message += (
            f"\n{'、'.join(returning)} は文書フォルダーにあるため、次の `python -m ingest build` で戻ります。"
            "戻さないときは、フォルダーと manifest.toml からも消してください。"
        )
    value = {**report.as_json(), "removed": ids, "returning": returning}
    return Output(value, partial(show_build, report=report, message=message))


@line.command("list", "索引にある文書の一覧を示す")
def list_documents(settings: "Settings") -> Output:
    """List the documents in service, with their withdrawals and notices about the ends of their periods."""
    from ingest.build.build_report import describe_document
    from ingest.cli.terminal import show_documents
    from ingest.metadata.document_states import list_documents as listed_documents

    documents = []
    for listed in listed_documents(settings):
        row, withdrawn = listed.row, None
        if row.is_withdrawn:
            withdrawn = {"reason": row.reason, "by": row.by, "at": row.at.isoformat(timespec="seconds")}
        states = {"added": bool(row.file), "withdrawn": withdrawn, "expiring": listed.ending or None}
        description = describe_document(listed.document) | {"passages": listed.passage_count}
        documents.append(description | states)
    return Output(documents, partial(show_documents, documents=documents))


@line.command(
    "show",
    "文書から読み取った見出し・表・箇所を示す",
    option("doc_id", metavar="ID", help=_IDS),
    option("--passages", action="store_true", help="箇所の本文も示す"),
)
def show(settings: "Settings", doc_id: str, *, passages: bool) -> Output:
    """Show how a document was parsed."""
    from ingest.build.build_report import describe_parsed_document
    from ingest.cli.terminal import show_reading
    from ingest.metadata.document_states import load_edited_documents, refuse_unknown

    store = load_edited_documents(settings)
    refuse_unknown([doc_id], [document.id for document in store.documents])
    reading = store.load(doc_id)
    description = describe_parsed_document(reading, passages=passages)
    return Output(description, partial(show_reading, description=description))


@line.command("check", "文書フォルダーの問題を、索引にせずにすべて挙げる", _CORPORA)
def check(settings: "Settings", corpus: Sequence[Path] | None) -> Output:
    """Report every problem of corpus folders."""
    from ingest.build.build_report import sort_by_severity
    from ingest.build.corpus_reading import check_corpora
    from ingest.cli.terminal import build_progress, show_findings

    with build_progress() as progress:
        found, passages = check_corpora(settings, corpus or [settings.corpus], progress)

    report = {
        "documents": len(found.entries),
        "passages": passages,
        "problems": [asdict(finding) for finding in (*found.problems, *found.unreadable)],
        "warnings": [asdict(finding) for finding in sort_by_severity(found.warnings)],
    }
    show_found = partial(show_findings, corpus=found, passages=passages)
    return Output(report, show_found, BAD_INPUT if found.problems else INCOMPLETE if found.unreadable else DONE)


@line.command(
    "manifest",
    "manifest.toml にない文書から題名・日付・発行者を読み取り、項目の案を示す",
    path_option("folder", "フォルダー", "文書フォルダー（既定: SHIRUBE_CORPUS か corpus）", nargs="?"),
    option(
        "--write", action="store_true", help="manifest.toml に書き加える（書いてあることは変えない。既定: 示すだけ）"
    ),
)
def manifest(settings: "Settings", folder: Path | None, *, write: bool) -> Output:
    """Propose entries for the files that the manifest lacks; `write` adds them."""
    from ingest.build.sandboxed_reading import reading_limits
    from ingest.cli.terminal import build_progress
    from ingest.corpus import MANIFEST
    from ingest.metadata.proposed_manifest import propose, to_toml, write_manifest

    folder = folder or settings.corpus
    with build_progress() as progress:
        proposals = propose(folder, reading_limits(), partial(progress, "文書を見る"))
    if write:
        write_manifest(folder, proposals)
    unread = [proposal.file for proposal in proposals if not proposal.readable]
    for file in unread:
        sys.stderr.write(f"注意: {file}: 中身を読めません。`python -m ingest check` で直し方が分かります。\n")
    message = f"{folder / MANIFEST} に書きました。" if write else to_toml(proposals).strip("\n")
    return Output([asdict(proposal) for proposal in proposals], message, INCOMPLETE if unread else DONE)


@line.command(
    "withdraw",
    "文書を、次の質問からすぐに答えに使わないようにする",
    option("ids", nargs="+", metavar="ID", help="取り下げる文書の id"),
    option("--reason", required=True, metavar="理由", help="取り下げる理由（一覧と記録に残る）"),
    _BY,
)
def withdraw(settings: "Settings", ids: Sequence[str], reason: str, by: str) -> Output:
    """Exclude documents from answers."""
    from ingest.metadata.document_states import withdraw as withdraw_documents

    new = withdraw_documents(settings, ids, reason, by)
    message = f"取り下げました: {'、'.join(new)}" if new else "どれも、もう取り下げられています。"
    return Output(
        {"withdrawn": new}, f"{message}\n次の質問から使いません。戻すには `python -m ingest restore ID` です。"
    )


@line.command(
    "restore",
    "取り下げた文書を、また答えに使う",
    option("ids", nargs="+", metavar="ID", help="戻す文書の id"),
    _BY,
)
def restore(settings: "Settings", ids: Sequence[str], by: str) -> Output:
    """Include withdrawn documents again."""
    from ingest.metadata.document_states import restore as restore_documents

    restored = restore_documents(settings, ids, by)
    return Output({"restored": restored}, f"戻しました: {'、'.join(restored)}\n次の質問から使います。")


@line.command(
    "purge",
    "残してはいけない前の版の原本を、消し去る（記録に残る）",
    option("doc_id", metavar="ID", help=_IDS),
    option("--version", default="", metavar="版", help="この版だけを消す（既定: 前の版すべて）"),
    option("--reason", required=True, metavar="理由", help="消し去る理由（記録に残る）"),
    _BY,
)
def purge(settings: "Settings", doc_id: str, version: str, reason: str, by: str) -> Output:
    """Remove earlier versions of a document's file for good."""
    from ingest.lifecycle.library import purge as purge_document

    removed = purge_document(settings, doc_id, reason, by, version)
    message = f"消し去りました: {'、'.join(removed)}\n記録は `python -m ingest audit` で見られます。"
    return Output({"purged": removed}, message)


@line.command(
    "audit",
    "誰がいつ何をしたか（文書・アカウント・鍵・回答・課と窓口など）を示す",
    option("doc_id", nargs="?", metavar="ID", help="この文書についてだけ示す"),
)
def audit(settings: "Settings", doc_id: str | None) -> Output:
    """Print the audit log, oldest first."""
    from ingest.cli.terminal import show_events
    from ingest.configuration.audit import event_row, read_events

    events = list(read_events(settings, doc_id))
    return Output([event_row(event) for event in events], partial(show_events, events=events))


_CONFIRM = "中身を確かめ、正しければ `python -m ingest sync --confirm {}` で置き換えてください。"


@line.command(
    "sync",
    "sources.toml のアドレスから文書を取得し直し、変わったものを索引にする",
    path_option("--corpus", "フォルダー", "sources.toml のあるフォルダー（既定: SHIRUBE_CORPUS か corpus）"),
    option("--no-build", action="store_true", help="取得だけをして、索引は作らない"),
    option(
        "--confirm",
        action="append",
        metavar="ID",
        help="取得せずに、この id の文書を、疑わしいとして分けておいた内容で置き換える",
    ),
)
def sync(settings: "Settings", corpus: Path | None, *, no_build: bool, confirm: Sequence[str] | None) -> Output:
    """Fetch the sources of a folder and index changes."""
    from ingest.lifecycle import synchronise

    folder = corpus or settings.corpus
    if not folder.is_dir():
        raise IngestError(f"文書フォルダー「{folder}」がありません。場所を確かめるか、--corpus で指定してください。")
    if confirm:
        for doc_id in confirm:
            synchronise.confirm(settings, doc_id, terminal_user())
        if not no_build:
            _index_folder(settings, folder)
        return Output(confirm, f"置き換えました: {'、'.join(confirm)}")
    states = synchronise.sync(settings, folder, terminal_user())
    if any(state.state in {"new", "changed"} for state in states.values()) and not no_build:
        _index_folder(settings, folder)
    nothing = f"「{folder / synchronise.SOURCES}」に取得するアドレスがありません。"
    message = "\n".join(_describe_source(doc_id, state) for doc_id, state in states.items()) or nothing
    value = [{"id": doc_id, "outcome": state.state, **asdict(state)} for doc_id, state in states.items()]
    # A person has to look at these.
    return Output(value, message, int(any(state.needs_attention for state in states.values())))


def _describe_source(doc_id: str, state: "SourceState") -> str:
    from ingest.metadata.document_table import SYNC_STATES

    advice = ""
    if state.state == "suspicious":
        advice = " 元のファイルはそのままです。"
        advice += _CONFIRM.format(doc_id) if state.held_text else "アドレスを確かめてください。"
    return f"{SYNC_STATES[state.state]}: {state.file}（{state.url}）{state.reason}{advice}"


def _index_folder(settings: "Settings", folder: Path) -> None:
    from rich.console import Console

    from ingest.cli.terminal import build_progress, show_build
    from ingest.lifecycle.synchronise import index_folder

    with build_progress() as progress:
        report = index_folder(settings, folder, terminal_user(), progress)
    show_build(Console(stderr=True, highlight=False), report)
