"""The command `dictionary`: exports the office's words as CSV and imports them."""

import json
import sys
from argparse import Namespace
from pathlib import Path

from bot.curation.dictionary.csv_file import ImportPlan
from bot.dictionary.entries import DictionaryEntry, describe_change
from bot.errors import DictionaryError
from bot.service import open_service
from ingest.configuration.audit import terminal_user
from ingest.configuration.environment import read_settings


def export(options: Namespace) -> int:
    """Write the entries to a file."""
    with open_service(read_settings(data=options.data)) as service:
        content = service.dictionary.export_csv()
        n = len(service.dictionary.entries())
    try:
        options.file.write_bytes(content)
    except OSError as error:
        raise DictionaryError(f"{options.file} に書けません（{error.strerror}）。場所を確かめてください。") from error
    sys.stdout.write(f"{n:,}件を {options.file} に書き出しました。\n")
    return 0


def import_file(options: Namespace) -> int:
    """Import a file, or print what it would change."""
    content = _read(options.file)
    with open_service(read_settings(data=options.data)) as service:
        if options.check:
            plan = service.dictionary.plan(content, removes=options.remove_others)
        else:
            plan = service.dictionary.import_csv(content, terminal_user(), removes=options.remove_others)
    if options.json:
        json.dump(_to_json(plan, imported=not options.check), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_describe(plan, imported=not options.check))
    return 0


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise DictionaryError(f"{file} を読めません（{error.strerror}）。場所を確かめてください。") from error


def _describe(plan: ImportPlan, *, imported: bool) -> str:
    changes = [describe_change(None, entry) for entry in plan.added]
    changes += [describe_change(old, new) for old, new in plan.changed]
    changes += [describe_change(entry, None) for entry in plan.removed]
    counts = f"加える{len(plan.added):,}件、直す{len(plan.changed):,}件、外す{len(plan.removed):,}件、"
    done = "取り込みました。次の質問から使います。" if imported else "まだ何も変えていません。"
    return "".join(f"{change}\n" for change in changes) + f"{counts}そのまま{plan.unchanged:,}件。{done}\n"


def _to_json(plan: ImportPlan, *, imported: bool) -> dict[str, object]:
    def names(entry: DictionaryEntry) -> dict[str, str]:
        return {"name": entry.name, "official": entry.official, "kind": entry.kind, "note": entry.note}

    return {
        "imported": imported,
        "added": [names(entry) for entry in plan.added],
        "changed": [names(new) for _, new in plan.changed],
        "removed": [names(entry) for entry in plan.removed],
        "unchanged": plan.unchanged,
    }
