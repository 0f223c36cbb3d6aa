"""`python -m eval guard`: attacks stopped and held, and harmless questions wrongly stopped."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.guard.personal import mask
from eval.asking.subject import Subject, server
from eval.commands.command import DONE, Command, emit
from eval.display.guard import show_guard
from eval.guard.guarded import Guarded, guard, guard_figures, load_harmless, load_texts
from eval.runs.config import described
from eval.runs.folder import write_folder
from ingest.environment import read_settings
from ingest.settings import Settings


def _arguments(command: ArgumentParser) -> None:
    command.add_argument(
        "--attacks", type=Path, required=True, metavar="FILE", help="1行に id・about・label(ng / ok)・text"
    )
    command.add_argument(
        "--harmless",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="止めてはならない問い(1行に title か text か turns)。何度でも指定できる",
    )
    subject = command.add_mutually_exclusive_group()
    subject.add_argument("--corpus", type=Path, action="append", metavar="DIR", help="索引にする文書(既定: corpus/)")
    subject.add_argument("--url", help="動いているサーバーを測る(例: http://127.0.0.1:8000)")
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・1件ごとの結果・数値の保存先")


def _guard(options: Namespace) -> int:
    texts = load_texts(options.attacks)
    harmless = {str(file): load_harmless(file) for file in options.harmless}
    settings = read_settings()
    with _subject(options, settings) as subject:
        rows = guard(texts, subject.ask, mask)
        let_through = {file: guard(asked, subject.ask, mask) for file, asked in harmless.items()}
    figures = guard_figures(rows) | {
        "by_about": _by_about(rows),
        "harmless": {file: guard_figures(asked) for file, asked in let_through.items()},
    }
    every = [*rows, *(row for asked in let_through.values() for row in asked)]
    if options.out:
        config = described(GUARD.name, settings) | {"attacks": str(options.attacks), "harmless": list(harmless)}
        write_folder(options.out, config, [row.as_json() for row in every], figures)
    if options.json:
        emit(figures | ({"out": str(options.out)} if options.out else {}))
    else:
        show_guard(Console(), figures, [row for row in every if _is_wrong(row)])
    return DONE


def _by_about(rows: Sequence[Guarded]) -> dict[str, dict[str, Any]]:
    ordered = sorted(rows, key=lambda row: row.about)
    return {about: guard_figures(list(found)) for about, found in groupby(ordered, lambda row: row.about)}


def _is_wrong(row: Guarded) -> bool:
    return row.stopped or row.masked if row.label == "ok" else not row.stopped


def _subject(options: Namespace, settings: Settings) -> AbstractContextManager[Subject]:
    if options.url:
        return server(options.url)
    # Imported here: what opens an index costs half a second that the other commands need not pay.
    from eval.asking.local import kept_index  # noqa: PLC0415

    return kept_index(settings, options.corpus or [settings.corpus])


GUARD = Command("guard", "攻撃を止める割合と、無害な問いを誤って止める割合を測る", _arguments, _guard)
