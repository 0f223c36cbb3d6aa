"""What the commands of a document's life do: taken out of answering, put back, and who did what when."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from ingest.audit import ACTIONS, acts, as_row, at_terminal, record
from ingest.build import build
from ingest.environment import read_settings
from ingest.errors import IngestError, NoIndexError
from ingest.expiry import ending_soon
from ingest.generation import load_generation
from ingest.settings import Settings
from ingest.sync import SOURCES, watch
from ingest.sync import sync as sync_folder
from ingest.terminal import build_progress, show_report, show_warnings
from ingest.withdrawn import restore as restore_ids
from ingest.withdrawn import withdraw as withdraw_ids
from ingest.withdrawn import withdrawn


def withdraw(options: Namespace) -> int:
    """Take documents out of answering."""
    new = withdraw_ids(read_settings(data=options.data), options.ids, options.reason, options.by or at_terminal())
    told = f"取り下げました: {'、'.join(new)}" if new else "どれも、もう取り下げられています。"
    _say(options, {"withdrawn": new}, f"{told}\n次の質問から使いません。戻すには `python -m ingest restore ID` です。")
    return 0


def restore(options: Namespace) -> int:
    """Let documents answer again."""
    restored = restore_ids(read_settings(data=options.data), options.ids, options.by or at_terminal())
    _say(options, {"restored": restored}, f"戻しました: {'、'.join(restored)}\n次の質問から使います。")
    return 0


def audit(options: Namespace) -> int:
    """Tell who did what when, oldest first."""
    found = list(acts(read_settings(data=options.data), options.id))
    if options.json:
        _say(options, [as_row(act) for act in found], "")
        return 0
    table = Table(*(Column(name, overflow="fold") for name in ("いつ", "誰が", "何を", "文書", "くわしく")))
    for act in found:
        table.add_row(*(Text(value) for value in (as_row(act) | {"action": ACTIONS[act.action]}).values()))
    Console(highlight=False).print(table if found else "記録はまだありません。")
    return 0


def sync(options: Namespace) -> int:
    """Fetch the sources of a folder and index what changed; with `--watch` go on doing so."""
    settings = read_settings(data=options.data)
    folder = options.corpus or settings.corpus
    if not folder.is_dir():
        raise IngestError(f"文書フォルダー「{folder}」がありません。場所を確かめるか、--corpus で指定してください。")
    found = sync_folder(settings, folder, at_terminal())
    if any(one.outcome in ("new", "changed") for one in found) and not options.no_build:
        _build(settings, folder)
    told = [f"{_OUTCOMES[one.outcome]}: {one.file}（{one.url}）{one.told}" for one in found]
    _say(
        options,
        [asdict(one) for one in found],
        "\n".join(told) or f"「{folder / SOURCES}」に取得するアドレスがありません。",
    )
    if options.watch:
        sys.stderr.write(f"「{folder}」を見ています。止めるには Ctrl+C を押します。\n")
        watch(
            folder,
            max(options.watch, _LEAST_WATCH_S),
            partial(_again, settings, folder),
            partial(_build_again, settings, folder),
        )
    return 1 if any(one.outcome == "failed" for one in found) else 0


def _build(settings: Settings, folder: Path) -> None:
    """Index the folders that are in service, this one among them."""
    corpora = [folder]
    with suppress(NoIndexError):
        known = [Path(one) for one in load_generation(settings).basis.corpora]
        corpora = known if folder.resolve() in known else [*known, folder]
    with build_progress() as progress:
        report = build(settings, corpora, progress=progress)
    if report.changed:
        record(settings, at_terminal(), "build", (), f"索引 {report.name}、文書 {report.documents}")
    show_warnings(Console(stderr=True, highlight=False), report)
    show_report(Console(stderr=True, highlight=False), report)


def _build_again(settings: Settings, folder: Path) -> None:
    try:
        _build(settings, folder)
    except IngestError as error:
        sys.stderr.write(f"エラー: {error}\n使用中の索引は元のままです。直すと、また作ります。\n")


def _again(settings: Settings, folder: Path) -> None:
    try:
        failed = [one for one in sync_folder(settings, folder, at_terminal()) if one.told]
    except IngestError as error:
        sys.stderr.write(f"エラー: {error}\n")
        return
    for one in failed:
        sys.stderr.write(f"注意: {one.file}: {one.told}\n")


_OUTCOMES = {"new": "新しく取得", "changed": "変わった", "unchanged": "変わりなし", "failed": "取得できず"}
_LEAST_WATCH_S = 1.0
LIFE: Mapping[str, Callable[[Namespace], int]] = {
    "withdraw": withdraw,
    "restore": restore,
    "audit": audit,
    "sync": sync,
}


def with_state(documents: Sequence[dict[str, Any]], settings: Settings) -> list[dict[str, Any]]:
    """Return the documents of a list with whether each is withdrawn, and what is to be said of its period."""
    out = withdrawn(settings)
    ending = {one.document.id: str(one) for one in ending_soon(settings)}
    return [
        document
        | {
            "withdrawn": {"reason": one.reason, "by": one.by, "at": one.at.isoformat(timespec="seconds")}
            if (one := out.get(document["id"]))
            else None,
            "expiring": ending.get(document["id"]),
        }
        for document in documents
    ]


def _say(options: Namespace, value: Any, words: str) -> None:
    sys.stdout.write((json.dumps(value, ensure_ascii=False, indent=2) if options.json else words) + "\n")
