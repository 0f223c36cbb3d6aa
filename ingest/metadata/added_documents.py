"""Documents added one at a time, in the folder `added` of the data folder, which has a manifest."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ingest.configuration.settings import Settings
from ingest.configuration.storage import read_toml_tables, replace_text, translate_os_errors
from ingest.corpus import MANIFEST
from ingest.errors import ManifestError

Table = dict[str, Any]


def added_folder(settings: Settings) -> Path:
    """Return the folder, which may not exist yet."""
    return settings.data / "added"


def added_ids(settings: Settings) -> set[str]:
    """Return the ids of the added documents."""
    return set(read_added_entries(added_folder(settings)))


@contextmanager
def restore_on_error(added: Path) -> Iterator[Path]:
    """Yield the folder of added documents; restore its contents if the block raises.

    The backup consists of hard links, because files in `added` are replaced and never modified.
    """
    backup = added.with_name("added.before")
    with translate_os_errors(added.parent):
        added.mkdir(exist_ok=True)
        shutil.rmtree(backup, ignore_errors=True)
        shutil.copytree(added, backup, copy_function=_link)
        try:
            yield added
        except BaseException:
            original_names = {path.name for path in backup.iterdir()}
            for path in backup.iterdir():
                path.replace(added / path.name)
            for path in added.iterdir():
                if path.name not in original_names:
                    path.unlink()
            raise
        finally:
            shutil.rmtree(backup, ignore_errors=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # the file system may not support links
        shutil.copy2(source, target)


def read_added_entries(added: Path) -> dict[str, Table]:
    """Return the entries of the added documents by id."""
    manifest = added / MANIFEST
    if not manifest.exists():
        return {}
    return {str(table.get("id")): table for table in read_toml_tables(manifest, "document", ManifestError)}


def to_toml_value(value: Any) -> str:
    """Return a text or a list of texts in TOML, which differs from JSON in one character."""
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def save_added_entries(added: Path, tables: Mapping[str, Table]) -> None:
    """Write the manifest of the added documents."""
    lines = []
    for table in tables.values():
        lines += ["[[document]]"]
        lines += [f"{key} = {to_toml_value(value)}" for key, value in table.items()]
        lines += [""]
    replace_text(added / MANIFEST, "\n".join(lines))
