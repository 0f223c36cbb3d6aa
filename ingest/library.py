"""One document at a time: what was added lies in a corpus folder of its own, `added`, in the data folder."""

import json
import os
import shutil
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.build import BuildReport, added_folder, build_locked
from ingest.corpus import MANIFEST, document_of
from ingest.embed import Encoder
from ingest.entry import read_entry
from ingest.errors import IngestError, ManifestError, NoIndexError, UnreadableDocumentError
from ingest.generation import load_generation, load_readings
from ingest.read import read_document
from ingest.reuse import Progress
from ingest.settings import Settings
from ingest.storage import locked, replace_text, storing
from ingest.unlisted import made_id, made_title

Table = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Removal:
    """What `remove` did: `returning` ids belong to corpus folders, and come back with the next full look at those."""

    report: BuildReport
    removed: tuple[str, ...]
    returning: tuple[str, ...]


def add(
    settings: Settings,
    files: Sequence[Path],
    entry: Mapping[str, Any],
    *,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
) -> tuple[BuildReport, tuple[str, ...]]:
    """Take copies of `files` into the index and return the ids; an id that was added before is replaced.

    `entry` holds manifest keys; what it lacks is taken from the entry that is replaced, or from the file. Raises
    IngestError; index and added documents then stay as they were.
    """
    if len(files) > 1 and {"id", "title"} & set(entry):
        raise ManifestError("--id と --title は、ファイルをひとつだけ追加するときに指定できます。")
    with locked(settings.data):
        corpora, removed = _remembered(settings)
        with _undone_on_error(added_folder(settings)) as added:
            ids = tuple(_add_file(file, entry, added) for file in files)
            report = build_locked(settings, corpora, removed=removed, encoder=encoder, progress=progress)
    return report, ids


def remove(
    settings: Settings, ids: Sequence[str], *, encoder: Encoder | None = None, progress: Progress | None = None
) -> Removal:
    """Take documents out of service: added ones are deleted, those of corpus folders are out until the next `build`.

    Raises IngestError, also for an id that is not there; index and added documents then stay as they were.
    """
    ids = tuple(dict.fromkeys(ids))
    with locked(settings.data):
        corpora, removed = _remembered(settings)
        in_service = {reading.document.id for reading in load_readings(settings, load_generation(settings))}
        with _undone_on_error(added_folder(settings)) as added:
            tables = _tables(added)
            _refuse_unknown(set(ids) - in_service - set(tables))
            returning = tuple(doc_id for doc_id in ids if doc_id not in tables)
            files = [added / tables.pop(doc_id)["file"] for doc_id in ids if doc_id in tables]
            _save(added, tables)
            for file in files:
                file.unlink(missing_ok=True)
            removed |= set(returning)
            report = build_locked(settings, corpora, removed=removed, encoder=encoder, progress=progress)
    return Removal(report, ids, returning)


def added_ids(settings: Settings) -> set[str]:
    """Return the ids of the documents that were added one at a time."""
    return set(_tables(added_folder(settings)))


def _refuse_unknown(ids: Collection[str]) -> None:
    if ids:
        missing = "、".join(f"「{doc_id}」" for doc_id in sorted(ids))
        raise IngestError(f"{missing}という文書はありません。id は `python -m ingest list` で確かめられます。")


def _remembered(settings: Settings) -> tuple[list[Path], set[str]]:
    """Return the corpus folders of the index in service and the ids that are out of it; none without an index."""
    try:
        basis = load_generation(settings).basis
    except NoIndexError:
        return [], set()
    return [Path(folder) for folder in basis.corpora], set(basis.removed)


@contextmanager
def _undone_on_error(added: Path) -> Iterator[Path]:
    """Give the folder of added documents, and put it back as it was when something goes wrong.

    The copy holds links, not bytes: files in `added` are replaced, never written into.
    """
    before = added.with_name("added.before")
    with storing(added.parent):
        added.mkdir(exist_ok=True)
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(added, before, copy_function=_link)
        try:
            yield added
        except BaseException:
            kept = {path.name for path in before.iterdir()}
            for path in before.iterdir():
                path.replace(added / path.name)
            for path in added.iterdir():
                if path.name not in kept:
                    path.unlink()
            raise
        finally:
            shutil.rmtree(before, ignore_errors=True)


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # not every file system has links
        shutil.copy2(source, target)


def _add_file(file: Path, entry: Mapping[str, Any], added: Path) -> str:
    """Copy one file into `added` and write its entry; return the document's id."""
    tables = _tables(added)
    doc_id = str(entry.get("id") or made_id(Path(file.name), set()))
    replaced = tables.get(doc_id, {})
    table = _checked(file, {**replaced, **entry, "id": doc_id, "file": f"{doc_id}{file.suffix.lower()}"})
    if replaced:
        (added / replaced["file"]).unlink(missing_ok=True)
    aside = added / f".{table['file']}"
    shutil.copyfile(file, aside)
    aside.replace(added / table["file"])
    _save(added, tables | {doc_id: table})
    return doc_id


def _checked(file: Path, table: Table) -> Table:
    """Return the entry with a title, after a trial reading: nothing that cannot be read is taken in."""
    if not file.is_file():
        raise UnreadableDocumentError(f"ファイル「{file}」がありません。場所と名前を確かめてください。")
    try:
        table.setdefault("title", made_title(file))
        values, problems, _ = read_entry(table)
        if problems:
            raise ManifestError("\n".join(f"--{problem}" for problem in problems.values()))
        read_document(file, document_of(file, values))
    except OSError as error:
        raise UnreadableDocumentError(f"ファイル「{file}」を開けません（{error.strerror}）。") from error
    return table


def _tables(added: Path) -> dict[str, Table]:
    """Return the entries of the added documents by id."""
    manifest = added / MANIFEST
    if not manifest.exists():
        return {}
    try:
        tables: list[Table] = tomllib.loads(manifest.read_text(encoding="utf-8")).get("document", [])
        return {table["id"]: table for table in tables}
    except (ValueError, KeyError) as error:
        raise ManifestError(f"{manifest}: 読めません（{error}）。手で直した箇所を確かめてください。") from error


def _toml(value: Any) -> str:
    """Return a string or a list of strings as TOML has it: as JSON has it, but for one character."""
    return json.dumps(value, ensure_ascii=False, default=str).replace("\x7f", "\\u007f")


def _save(added: Path, tables: Mapping[str, Table]) -> None:
    """Write the manifest of the added documents."""
    lines = []
    for table in tables.values():
        lines += ["[[document]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in table.items()]
        lines += [""]
    replace_text(added / MANIFEST, "\n".join(lines))
