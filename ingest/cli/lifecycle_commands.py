"""Commands of the document life cycle: withdraw, restore, purge, audit and sync."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from ingest.cli.terminal import build_progress, show_report, show_warnings
from ingest.configuration.audit import ACTIONS, event_row, read_events, terminal_user
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.errors import IngestError
from ingest.lifecycle.expiry import documents_ending_soon
from ingest.lifecycle.purge import purge as purge_document
from ingest.lifecycle.sources import SOURCES, STATES, SyncResult, confirm, index_folder, watch
from ingest.lifecycle.sources import sync as sync_folder
from ingest.lifecycle.withdrawals import read_withdrawals
from ingest.lifecycle.withdrawals import restore as restore_ids
from ingest.lifecycle.withdrawals import withdraw as withdraw_ids


def withdraw(options: Namespace) -> int:
    """Exclude documents from answers."""
    new = withdraw_ids(read_settings(data=options.data), options.ids, options.reason, options.by or terminal_user())
    message = f"取り下げました: {'、'.join(new)}" if new else "どれも、もう取り下げられています。"
    _print(
        options, {"withdrawn": new}, f"{message}\n次の質問から使いません。戻すには `python -m ingest restore ID` です。"
    )
    return 0


def restore(options: Namespace) -> int:
    """Include withdrawn documents again."""
    restored = restore_ids(read_settings(data=options.data), options.ids, options.by or terminal_user())
    _print(options, {"restored": restored}, f"戻しました: {'、'.join(restored)}\n次の質問から使います。")
    return 0


def purge(options: Namespace) -> int:
    """Remove earlier versions of a document's file for good."""
    removed = purge_document(
        read_settings(data=options.data),
        options.id,
        options.reason,
        options.by or terminal_user(),
        options.version or "",
    )
    _print(
        options,
        {"purged": removed},
        f"消し去りました: {'、'.join(removed)}\n記録は `python -m ingest audit` で見られます。",
    )
    return 0


def audit(options: Namespace) -> int:
    """Print the audit log, oldest first."""
    events = list(read_events(read_settings(data=options.data), options.id))
    if options.json:
        _print(options, [event_row(act) for act in events], "")
        return 0
    table = Table(*(Column(name, overflow="fold") for name in ("いつ", "誰が", "何を", "文書", "くわしく")))
    for act in events:
        table.add_row(*(Text(value) for value in (event_row(act) | {"action": ACTIONS[act.action]}).values()))
    Console(highlight=False).print(table if events else "記録はまだありません。")
    return 0


def sync(options: Namespace) -> int:
    """Fetch the sources of a folder and index changes; repeatedly with `--watch`."""
    settings = read_settings(data=options.data)
    folder = options.corpus or settings.corpus
    if not folder.is_dir():
        raise IngestError(f"文書フォルダー「{folder}」がありません。場所を確かめるか、--corpus で指定してください。")
    if options.confirm:
        return _confirm(settings, folder, options)
    results = sync_folder(settings, folder, terminal_user())
    if any(result.is_replaced for result in results) and not options.no_build:
        _build(settings, folder)
    lines = map(_describe, results)
    _print(
        options,
        [asdict(result) for result in results],
        "\n".join(lines) or f"「{folder / SOURCES}」に取得するアドレスがありません。",
    )
    if options.watch:
        sys.stderr.write(f"「{folder}」を見ています。止めるには Ctrl+C を押します。\n")
        watch(
            folder,
            max(options.watch, _LEAST_WATCH_S),
            partial(_sync_or_report, settings, folder),
            partial(_build_or_report, settings, folder),
        )
    return 1 if any(result.outcome in _UNDONE for result in results) else 0


def _confirm(settings: Settings, folder: Path, options: Namespace) -> int:
    confirmed = [confirm(settings, name, terminal_user())[0] for name in options.confirm]
    if not options.no_build:
        _build(settings, folder)
    names = "、".join(state.name for state in confirmed)
    _print(options, [asdict(state) for state in confirmed], f"置き換えました: {names}")
    return 0


def _describe(result: SyncResult) -> str:
    advice = ""
    if result.outcome == "suspicious":
        advice = " 元のファイルはそのままです。"
        advice += _CONFIRM.format(result.file) if result.is_confirmable else "アドレスを確かめてください。"
    return f"{_OUTCOMES[result.outcome]}: {result.file}（{result.url}）{result.reason}{advice}"


def _build(settings: Settings, folder: Path) -> None:
    with build_progress() as progress:
        report = index_folder(settings, folder, terminal_user(), progress)
    show_warnings(Console(stderr=True, highlight=False), report)
    show_report(Console(stderr=True, highlight=False), report)


def _build_or_report(settings: Settings, folder: Path) -> None:
    try:
        _build(settings, folder)
    except IngestError as error:
        sys.stderr.write(f"エラー: {error}\n使用中の索引は元のままです。直すと、また作ります。\n")


def _sync_or_report(settings: Settings, folder: Path) -> None:
    try:
        notable = [result for result in sync_folder(settings, folder, terminal_user()) if result.reason]
    except IngestError as error:
        sys.stderr.write(f"エラー: {error}\n")
        return
    for result in notable:
        sys.stderr.write(f"注意: {_describe(result)}\n")


_OUTCOMES: Mapping[str, str] = {**STATES, "new": "新しく取得", "failed": "取得できず"}
# Outcomes that a person has to look at; the command then exits with 1.
_UNDONE = ("failed", "suspicious", "gone")
_CONFIRM = "中身を確かめ、正しければ `python -m ingest sync --confirm {}` で置き換えてください。"
_LEAST_WATCH_S = 1.0
LIFE: Mapping[str, Callable[[Namespace], int]] = {
    "withdraw": withdraw,
    "restore": restore,
    "purge": purge,
    "audit": audit,
    "sync": sync,
}


def with_state(documents: Sequence[dict[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """Add to each document its withdrawal and a notice about the end of its period."""
    out = read_withdrawals(settings)
    ending = {document.document.id: str(document) for document in documents_ending_soon(settings)}
    return [
        document
        | {
            "withdrawn": {
                "reason": withdrawal.reason,
                "by": withdrawal.by,
                "at": withdrawal.at.isoformat(timespec="seconds"),
            }
            if (withdrawal := out.get(document["id"]))
            else None,
            "expiring": ending.get(document["id"]),
        }
        for document in documents
    ]


def _print(options: Namespace, value: Any, words: str) -> None:
    sys.stdout.write((json.dumps(value, ensure_ascii=False, indent=2) if options.json else words) + "\n")
