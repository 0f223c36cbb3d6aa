"""What the commands of a document's life do: taken out of answering, put back, and who did what when."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ingest.audit import acts, as_row, at_terminal
from ingest.expiry import Expiring, expiring, today
from ingest.generation import load_generation, load_readings
from ingest.settings import Settings, read_settings
from ingest.withdrawn import restore as restore_ids
from ingest.withdrawn import withdraw as withdraw_ids
from ingest.withdrawn import withdrawn

_ACTIONS = {
    "build": "索引を作った",
    "add": "追加した",
    "replace": "置き換えた",
    "remove": "外した",
    "withdraw": "取り下げた",
    "restore": "戻した",
    "fetch": "取得した",
}


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
    rows = [as_row(act) for act in acts(read_settings(data=options.data), options.id)]
    if options.json:
        _say(options, rows, "")
        return 0
    table = Table("いつ", "誰が", "何を", "文書", "くわしく")
    for row in rows:
        table.add_row(*(Text(value) for value in (row | {"action": _ACTIONS[row["action"]]}).values()))
    Console(highlight=False).print(table if rows else "記録はまだありません。")
    return 0


LIFE: Mapping[str, Callable[[Namespace], int]] = {"withdraw": withdraw, "restore": restore, "audit": audit}


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


def ending_soon(settings: Settings) -> list[Expiring]:
    """Return the documents in service whose period ends soon, or has ended. Raises NoIndexError."""
    out = withdrawn(settings)
    readings = load_readings(settings, load_generation(settings))
    documents = [reading.document for reading in readings if reading.document.id not in out]
    return expiring(documents, today(), settings.expiry_notice_days)


def _say(options: Namespace, value: Any, words: str) -> None:
    sys.stdout.write((json.dumps(value, ensure_ascii=False, indent=2) if options.json else words) + "\n")
