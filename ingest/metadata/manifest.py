"""Reads the `manifest.toml` of corpus folders and reports every problem with file and line."""

import re
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingest.corpus import MANIFEST, Corpus, CorpusEntry, CorpusFinding, content_digest, printable_name, with_digest
from ingest.documents import Document
from ingest.errors import ManifestError
from ingest.metadata.lineage import find_broken_relations, find_duplicate_files, find_unknown_amended
from ingest.metadata.manifest_entry import read_entry
from ingest.metadata.unlisted_files import add_unlisted_files, file_problem
from ingest.readers.zip_archive import resolve_path


def read_corpus(*folders: Path, added: Path | None = None) -> Corpus:
    """Return the documents of `folders` with warnings; raises ManifestError with every problem.

    Documents of `added`, a folder that may not exist, replace those of the same id.
    """
    corpus = examine(*folders, added=added)
    if corpus.problems:
        raise ManifestError("\n".join(map(str, corpus.problems)))
    return corpus


def examine(*folders: Path, added: Path | None = None) -> Corpus:
    """Return the readable documents of `folders` and `added`, with every problem and warning."""
    corpus = Corpus()
    listed = {path for folder in folders for path in _read_listed(folder, corpus)}
    used_ids = {document.id for document in corpus.documents}
    for folder in folders:
        add_unlisted_files(folder, listed, used_ids, corpus)
    if added and added.is_dir():
        _replace_by_added(corpus, added, used_ids)
    corpus.problems += find_broken_relations(corpus.entries)
    corpus.warnings += [*find_duplicate_files(corpus.entries), *find_unknown_amended(corpus.entries)]
    return corpus


def _replace_by_added(corpus: Corpus, added: Path, used_ids: set[str]) -> None:
    earlier = len(corpus.entries)
    listed = set(_read_listed(added, corpus))
    add_unlisted_files(added, listed, used_ids, corpus)
    replacing = {entry.document.id for entry in corpus.entries[earlier:]}
    for entry in corpus.entries[:earlier]:
        if entry.document.id in replacing:
            text = (
                f"「{entry.document.id}」は、職員の画面か `python -m ingest add` で差し替えた文書を使います。"
                f"このファイルに戻すには `python -m ingest remove {entry.document.id}` のあと build します。"
            )
            corpus.warnings.append(entry.finding(text))
    remaining = [entry for entry in corpus.entries[:earlier] if entry.document.id not in replacing]
    corpus.entries = [*remaining, *corpus.entries[earlier:]]


def _read_listed(folder: Path, corpus: Corpus) -> Iterator[Path]:
    manifest = folder / MANIFEST
    text = _manifest_text(folder, corpus)
    lines = text.splitlines()
    tables = _parse_tables(text, manifest, corpus)
    starts = _entry_lines(lines)
    starts += [1] * (len(tables) - len(starts)) + [len(lines) + 1]
    for table, start, end in zip(tables, starts, starts[1:], strict=False):
        values, problems, warnings = read_entry(table)
        if "file" in values:
            path = resolve_path(folder / values["file"])
            yield path
            problems |= _missing_file(path)
        unreadable = {} if problems else _unreadable_file(folder, path)
        for messages, target in (
            (problems, corpus.problems),
            (unreadable, corpus.unreadable),
            (warnings, corpus.warnings),
        ):
            target += [
                CorpusFinding(str(manifest), text, _key_line(lines, start, end, key)) for key, text in messages.items()
            ]
        if not problems and not unreadable:
            content = content_digest(path)
            document = with_digest(Document(**values), content)
            corpus.entries.append(CorpusEntry(document, path, str(manifest), start, content=content))


def manifest_tables(folder: Path, corpus: Corpus) -> list[dict[str, Any]]:
    """Return the raw entries of a folder's manifest; its problems are added to `corpus`."""
    return _parse_tables(_manifest_text(folder, corpus), folder / MANIFEST, corpus)


def _manifest_text(folder: Path, corpus: Corpus) -> str:
    manifest = folder / MANIFEST
    try:
        if not folder.is_dir():
            problem = "文書フォルダーがありません。場所を確かめるか、--corpus で指定してください。"
            corpus.problems.append(CorpusFinding(str(folder), problem))
            return ""
        return manifest.read_text(encoding="utf-8-sig") if manifest.exists() else ""
    except UnicodeDecodeError:
        corpus.problems.append(CorpusFinding(str(manifest), "UTF-8 で書かれていません。UTF-8 で保存し直してください。"))
    except OSError as error:
        corpus.problems.append(
            CorpusFinding(str(manifest), f"読めません（{error.strerror}）。権限を確かめてください。")
        )
    return ""


def _parse_tables(text: str, manifest: Path, corpus: Corpus) -> list[dict[str, Any]]:
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        problem = f"TOML として読めません（{error}）。引用符や括弧の閉じ忘れを確かめてください。"
        corpus.problems.append(CorpusFinding(str(manifest), problem, int(line[1]) if line else len(text.splitlines())))
        return []
    tables = content.pop("document", [])
    for key in content:
        warning = f"{key} という項目はありません。文書は [[document]] の下に書いてください。"
        corpus.warnings.append(CorpusFinding(str(manifest), warning))
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        corpus.problems.append(CorpusFinding(str(manifest), "文書は [[document]] の下に書いてください。"))
        return []
    return tables


def _entry_lines(lines: list[str]) -> list[int]:
    return [number for number, line in enumerate(lines, start=1) if re.match(r"\s*\[\[\s*document\s*\]\]", line)]


def _key_line(lines: list[str], start: int, end: int, key: str) -> int:
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    return next((number for number in range(start, end) if pattern.match(lines[number - 1])), start)


def _missing_file(path: Path) -> dict[str, str]:
    with suppress(OSError):  # a name that is too long or a forbidden folder does not prove that the file is missing
        if not path.exists():
            return {"file": f"ファイル「{printable_name(path)}」がありません。置くか、この項目を消してください。"}
    return {}


def _unreadable_file(folder: Path, path: Path) -> dict[str, str]:
    problem = file_problem(folder, path)
    return {"file": problem} if problem else {}
