"""The command `bot queue`: waiting questions, their outcome, and curated answers as regression cases."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.curation.queue_records import STATE_NAMES, AnsweredShare, Group
from bot.curation.staff_desk import StaffDesk
from ingest.configuration.environment import read_settings
from ingest.japanese.today import to_japan_date


def waiting(options: Namespace) -> int:
    """List the groups of questions that wait for staff."""
    with _open_desk(options) as desk:
        groups = desk.groups()
    if options.json:
        _emit([asdict(group) for group in groups])
    else:
        _show(Console(), list(groups))
    return 0


def answered(options: Namespace) -> int:
    """Ask the unanswered questions of a month again and print the outcomes."""
    with _open_desk(options) as desk:
        share = desk.answered_share(options.month)
    if options.json:
        _emit(asdict(share))
    else:
        sys.stdout.write(_format_answered_share(share))
    return 0


def cases(options: Namespace) -> int:
    """Print each served answer as a line of a case file."""
    with _open_desk(options) as desk:
        served = [status.curated.id for status in desk.curated() if status.state == "served"]
        for curated_id in served:
            sys.stdout.write(json.dumps(desk.case(curated_id), ensure_ascii=False) + "\n")
    return 0


@contextmanager
def _open_desk(options: Namespace) -> Iterator[StaffDesk]:
    from bot.service import open_service  # noqa: PLC0415 -- Chroma and the encoder take a second to import

    with open_service(read_settings(data=options.data)) as service:
        yield service.desk


def _show(console: Console, groups: list[Group]) -> None:
    if not groups:
        console.print("待っている質問はありません。")
        return
    table = Table(box=None, padding=(0, 1), header_style="bold")
    for name in ("件数", "状態", "最後", "質問"):
        table.add_column(name, overflow="fold", justify="right" if name == "件数" else "left")
    for group in groups:
        last = f"{to_japan_date(group.last)}" if group.last else ""
        table.add_row(
            str(group.size), STATE_NAMES[group.state], last, Text.assemble(group.question, _describe_group(group))
        )
    console.print(table)


def _describe_group(group: Group) -> tuple[str, str]:
    details = [
        f"職員 {group.staff}" if group.staff else "",
        f"低い評価 {group.disliked}" if group.disliked else "",
        group.note,
    ]
    return "".join(f"\n{detail}" for detail in details if detail), "dim"


def _format_answered_share(share: AnsweredShare) -> str:
    if not share.n:
        return f"{share.first} から {share.last} までに、答えられなかった質問はありません。\n"
    now = share.by_curated + share.by_documents
    return (
        f"{share.first} から {share.last} までに答えられなかった質問 {share.n} 件のうち、"
        f"いま答えられるもの {now} 件（{now / share.n:.0%}）\n"
        f"  職員の回答で {share.by_curated} 件、文書から {share.by_documents} 件\n"
        f"  まだ答えられないもの {share.open} 件、対応しないとしたもの {share.dismissed} 件\n"
    )


def _emit(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
