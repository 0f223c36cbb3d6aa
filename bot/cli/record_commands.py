"""The commands of `python -m bot records`."""

import json
import sys
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.errors import RecordsCopyError
from bot.storage.copying import CopiedTable, copy_records
from bot.storage.database import database_url, sqlite_url
from ingest.cli.terminal import build_progress
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings

# Names the database of the settings, so that no password is on a command line, which other users can see.
_CONFIGURED = "SHIRUBE_DATABASE_URL"
# Shown of a digest: enough to compare by eye.
_DIGEST_CHARS = 12
_INTERRUPTED = 130


def copy(options: Namespace) -> int:
    """Copy all records from one database to another."""
    settings = read_settings(data=options.data)
    source, target = (_resolve(place, settings) for place in (options.source, options.target))
    try:
        with build_progress() as progress:
            copied = copy_records(source, target, progress)
    except KeyboardInterrupt:
        sys.stderr.write("中断しました。同じ命令をもう一度実行すると、続きから写します。\n")
        return _INTERRUPTED
    if options.json:
        json.dump([asdict(table) for table in copied], sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        _show_copied(Console(), copied)
    return 0


def _resolve(place: str, settings: Settings) -> str:
    if place == _CONFIGURED and not settings.database_url:
        raise RecordsCopyError(f"{_CONFIGURED} が設定されていません。環境変数か .env に書いてください。")
    if place == _CONFIGURED:
        return database_url(settings)
    return place if "://" in place else sqlite_url(Path(place))


def _show_copied(console: Console, copied: list[CopiedTable]) -> None:
    table = Table("表", box=None, pad_edge=False)
    for name in ("行", "今回写した行"):
        table.add_column(name, justify="right")
    table.add_column("照合値（SHA-256 の先頭）")
    for entry in copied:
        table.add_row(entry.name, f"{entry.rows:,}", f"{entry.written:,}", entry.digest[:_DIGEST_CHARS])
    console.print(table)
    console.print(Text(f"{len(copied)}個の表が、行の数も内容も両方で一致しています。", "bold"))
    console.print(Text("元のデータベースはそのままです。使うデータベースは SHIRUBE_DATABASE_URL で決まります。"))
