"""Reads corpus folders: their `manifest.toml`, with every problem and its line, and the files that it does not list."""

import hashlib
import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, get_args

from pydantic import AfterValidator, PlainValidator, StringConstraints, TypeAdapter, ValidationError

from ingest.corpus import (
    DICTIONARY,
    MANIFEST,
    Corpus,
    CorpusEntry,
    CorpusFinding,
    FindingKind,
    content_digest,
    printable_name,
    with_digest,
)
from ingest.documents import Document, DocumentKind, Period
from ingest.errors import ManifestError, UnreadableDocumentError
from ingest.publications import published_on
from ingest.readers import SUFFIXES, unreadable_format
from ingest.readers.faq_file import is_faq_file, read_faq, write_faq
from ingest.readers.text_files import front_matter

REQUIRED = ("file", "id", "title")
_NO_DOCUMENTS = {MANIFEST, DICTIONARY, "sources.toml", "readme.md"}
# Hidden files, and lock files that office programs create for open documents.
_IGNORED_PREFIXES = (".", "~$")
# Characters: ids become file names, which are limited to 255 bytes.
_LONGEST_ID = 80
_LINK_OUTSIDE_TEXT = (
    "文書フォルダーの外を指すリンクなので読みません。読むときは、ファイルそのものをフォルダーに置いてください。"
)


def _inside_folder(file: str) -> str:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts:
        raise ValueError("文書フォルダーの中のファイル名で書いてください（「/」で始まる名前や「..」は使えません）")
    return str(path)


def _parse_day(raw: Any) -> date:
    try:
        return date.fromisoformat(raw if isinstance(raw, str) else raw.isoformat())
    except (ValueError, AttributeError) as error:
        raise ValueError("no date") from error


def _parse_published(raw: Any) -> str:
    text = raw.isoformat() if isinstance(raw, date) else str(raw)
    if text and not re.fullmatch(r"\d{4}(-\d{2}){0,2}", text):
        raise ValueError("YYYY か YYYY-MM か YYYY-MM-DD の形で書いてください")
    _ = text and date.fromisoformat(text + "-01-01"[len(text) - len("YYYY") :])
    return text


def _ordered_period(days: tuple[date, date]) -> Period:
    start, end = days
    if start > end:
        raise ValueError(f"開始日（{start}）が終了日（{end}）より後です。順序を確かめてください")
    return Period(start, end)


_Line = Annotated[str, StringConstraints(strict=True, strip_whitespace=True)]
_Text = Annotated[_Line, StringConstraints(min_length=1)]
_Day = Annotated[date, PlainValidator(_parse_day)]
_TEXT_ADVICE = '空でない文字を「"」で囲んで書いてください'
_LIST_ADVICE = '["…", "…"] の形で書いてください'
# The type of each key, and what to do about another value.
_KEYS: dict[str, tuple[TypeAdapter[Any], str]] = {
    "file": (TypeAdapter(Annotated[_Text, AfterValidator(_inside_folder)]), _TEXT_ADVICE),
    "id": (
        TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]*$")]),
        "半角の英小文字・数字・「.」「-」で書いてください",
    ),
    "title": (TypeAdapter(_Text), _TEXT_ADVICE),
    "kind": (TypeAdapter(DocumentKind), f"{' '.join(get_args(DocumentKind))} のどれかで書いてください"),
    "issuer": (TypeAdapter(_Line), _TEXT_ADVICE),
    "published": (TypeAdapter(Annotated[str, PlainValidator(_parse_published)]), "暦にある日付で書いてください"),
    "period": (
        TypeAdapter(Annotated[tuple[_Day, _Day], AfterValidator(_ordered_period)]),
        '["開始日", "終了日"] の形で、暦にある日付を書いてください（例: ["2026-04-01", "2030-03-31"]）',
    ),
    "supersedes": (TypeAdapter(tuple[_Text, ...]), _LIST_ADVICE),
    "amends": (TypeAdapter(tuple[_Text, ...]), _LIST_ADVICE),
    "aliases": (TypeAdapter(tuple[_Text, ...]), _LIST_ADVICE),
    "url": (
        TypeAdapter(Annotated[_Line, StringConstraints(pattern=r"^https?://[^/\s]")]),
        "http:// か https:// で始まるURLで書いてください",
    ),
}


def read_entry(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str], dict[str, str]]:
    """Return the values of a `[[document]]` for `Document`, and its problems and warnings by key."""
    values: dict[str, Any] = {}
    problems = {key: f"{key} がありません。書き加えてください。" for key in REQUIRED if key not in table}
    warnings = {}
    for key, raw in table.items():
        if key not in _KEYS:
            similar = get_close_matches(key, _KEYS, 1)
            hint = f"{similar[0]} の書き誤りではありませんか。" if similar else f"書ける項目は {' '.join(_KEYS)} です。"
            warnings[key] = f"{key} という項目はありません。{hint}"
            continue
        adapter, advice = _KEYS[key]
        try:
            values[key] = adapter.validate_python(raw)
        except ValidationError as error:
            found = str(error.errors()[0].get("ctx", {}).get("error", ""))
            problems[key] = f"{key} は{advice if found.isascii() else found}（いまは「{raw}」）。"
    return values, problems, warnings


def read_corpus(*folders: Path, added: Sequence[CorpusEntry] = ()) -> Corpus:
    """Return the documents of `folders` with warnings; raises ManifestError with every problem.

    Those in `added` replace those of the same id.
    """
    corpus = examine(*folders, added=added)
    if corpus.problems:
        raise ManifestError("\n".join(map(str, corpus.problems)))
    return corpus


def examine(*folders: Path, added: Sequence[CorpusEntry] = ()) -> Corpus:
    """Return the readable documents of `folders` and `added`, with every problem and warning."""
    corpus = Corpus()
    listed = {path for folder in folders for path in _read_listed(folder, corpus)}
    used_ids = {document.id for document in corpus.documents}
    for folder in folders:
        for path in sorted(_walk_files(folder, corpus)):
            name = path.relative_to(folder)
            if path not in listed and is_document(path, name):
                _add_file(folder, name, path, used_ids, corpus)
    replacing = {entry.document.id for entry in added}
    corpus.warnings += [
        entry.finding(
            f"「{entry.document.id}」は、職員の画面か `python -m ingest add` で差し替えた文書を使います。"
            f"このファイルに戻すには `python -m ingest remove {entry.document.id}` のあと build します。"
        )
        for entry in corpus.entries
        if entry.document.id in replacing
    ]
    corpus.entries = [entry for entry in corpus.entries if entry.document.id not in replacing] + list(added)
    corpus.entries = [found for entry in corpus.entries if (found := _with_front_matter(entry, corpus))]
    _find_duplicates(corpus)
    corpus.entries = [one for entry in corpus.entries for one in _split_rows(entry, corpus)]
    corpus.unreadable += _find_same_questions(corpus)
    for relation, advice in _RELATIONS.items():
        corpus.problems += _find_cycle(corpus.entries, relation, advice)
    known_ids = {document.id for document in corpus.documents}
    corpus.warnings += [
        entry.finding(f"amends の「{doc_id}」という文書はありません。id を確かめるか、その文書も置いてください。")
        for entry in corpus.entries
        for doc_id in entry.document.amends
        if doc_id not in known_ids
    ]
    return corpus


def _split_rows(entry: CorpusEntry, corpus: Corpus) -> Iterator[CorpusEntry]:
    if not is_faq_file(entry.path, entry.document):
        yield entry
        return
    try:
        rows = read_faq(entry.path)
    except (UnreadableDocumentError, OSError) as error:
        corpus.warnings.append(entry.finding(f"{error}それまでは、ふつうの表として読みます。"))
        yield entry
        return
    for row in rows:
        place = f"{printable_name(entry.path.name)} {row.line}行目"
        if problems := list(row.problems()):
            corpus.unreadable.append(entry.finding(f"{place}: {''.join(problems)}この行からは答えません。"))
        else:
            content = write_faq([row])
            document = with_digest(row.document(entry.document), hashlib.sha256(content).hexdigest())
            yield replace(entry, document=document, has_title=True, blocks=row.blocks(), row=content)


def _find_same_questions(corpus: Corpus) -> list[CorpusFinding]:
    first: dict[str, CorpusEntry] = {}
    findings = []
    for entry in corpus.entries:
        key = f"{entry.document.issuer}{entry.document.id[-8:]}" if entry.blocks else f"{entry.path}"
        other = first.setdefault(key, entry)
        if entry.blocks and other is not entry:
            place = printable_name(other.path.name)
            text = f"「{entry.blocks[0].text}」という質問の行が2つあります。「{place}」の先の行から答えます。"
            findings.append(entry.finding(f"{printable_name(entry.path.name)}: {text}どちらかを消してください。"))
    corpus.entries = list(first.values())
    return findings


def _with_front_matter(entry: CorpusEntry, corpus: Corpus) -> CorpusEntry | None:
    front: dict[str, str] = {}
    with suppress(UnreadableDocumentError, OSError):  # reading the document reports it
        front = front_matter(entry.path)
    if front.get("draft", "").lower() in {"true", "yes"}:
        corpus.warnings = [warning for warning in corpus.warnings if warning.file != entry.location]
        corpus.warnings.append(entry.finding(DRAFT_MESSAGE, FindingKind.DRAFT))
        return None
    document = entry.document
    for key, given in (("published", front.get("published") or front.get("date")), ("expires", front.get("expires"))):
        try:
            day = given and date.fromisoformat(given[: len("YYYY-MM-DD")])
        except ValueError:
            text = f"文書の先頭の {key} は、YYYY-MM-DD の形で書いてください（いまは「{given}」）。"
            corpus.warnings.append(entry.finding(text))
            continue
        if day and key == "published" and not document.published:
            document = replace(document, published=day.isoformat())
        elif day and key == "expires" and not document.period:
            document = replace(document, period=Period(min(published_on(document) or _LONG_AGO, day), day))
    return replace(entry, document=with_digest(document, entry.content))


def _read_listed(folder: Path, corpus: Corpus) -> Iterator[Path]:
    manifest = folder / MANIFEST
    text, tables = _read_manifest(folder, corpus)
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines, start=1) if re.match(r"\s*\[\[\s*document\s*\]\]", line)]
    starts += [1] * (len(tables) - len(starts)) + [len(lines) + 1]
    for table, start, end in zip(tables, starts, starts[1:], strict=False):
        written = {
            lines[number - 1].partition("=")[0].strip(" \t\"'"): number for number in range(end - 1, start - 1, -1)
        }
        values, problems, warnings = read_entry(table)
        if "file" in values:
            path = folder / values["file"]
            yield path
            with suppress(OSError):  # a name that is too long or a forbidden folder does not prove that it is missing
                if not path.exists():
                    name = printable_name(path)
                    problems["file"] = f"ファイル「{name}」がありません。置くか、この項目を消してください。"
        problem = "" if problems else _file_problem(folder, path)
        unreadable = {"file": problem} if problem else {}
        for messages, target in (
            (problems, corpus.problems),
            (unreadable, corpus.unreadable),
            (warnings, corpus.warnings),
        ):
            target += [CorpusFinding(str(manifest), text, written.get(key, start)) for key, text in messages.items()]
        if not problems and not unreadable:
            content = content_digest(path)
            document = with_digest(Document(**values), content)
            corpus.entries.append(CorpusEntry(document, path, str(manifest), start, content=content))


def listed_ids(folder: Path) -> dict[str, str]:
    """Return the ids in a folder's manifest by file."""
    _, tables = _read_manifest(folder, Corpus())
    return {str(table["file"]): str(table["id"]) for table in tables if {"file", "id"} <= table.keys()}


def _read_manifest(folder: Path, corpus: Corpus) -> tuple[str, list[dict[str, Any]]]:
    manifest = folder / MANIFEST
    text, line = "", None
    try:
        text = manifest.read_text(encoding="utf-8-sig") if manifest.exists() else ""
        content = tomllib.loads(text)
    except UnicodeDecodeError:
        problem = "UTF-8 で書かれていません。UTF-8 で保存し直してください。"
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"at line (\d+)", str(error))
        line = int(match[1]) if match else len(text.splitlines())
        problem = f"TOML として読めません（{error}）。引用符や括弧の閉じ忘れを確かめてください。"
    except OSError as error:
        problem = f"読めません（{error.strerror}）。権限を確かめてください。"
    else:
        tables = content.pop("document", [])
        for key in content:
            warning = f"{key} という項目はありません。文書は [[document]] の下に書いてください。"
            corpus.warnings.append(CorpusFinding(str(manifest), warning))
        if isinstance(tables, list) and all(isinstance(table, dict) for table in tables) and folder.is_dir():
            return text, tables
        problem = "文書は [[document]] の下に書いてください。"
    if not folder.is_dir():
        manifest, problem = folder, "文書フォルダーがありません。場所を確かめるか、--corpus で指定してください。"
    corpus.problems.append(CorpusFinding(str(manifest), problem, line))
    return text, []


# Relations that must not form a cycle, each with what to check.
_RELATIONS = {"supersedes": "どれが新しいか", "amends": "どれがどれを改正するか"}
DRAFT_MESSAGE = "下書き（draft: true）なので入れません。公開するときは、文書の先頭の draft を消してください。"
"""What to do about a Markdown file whose front matter says that it is a draft."""
# The beginning of a period of which only the end is stated.
_LONG_AGO = date(2000, 1, 1)
_EMPTY = hashlib.sha256().hexdigest()


def _find_duplicates(corpus: Corpus) -> None:
    first: dict[str, CorpusEntry] = {}
    for entry in corpus.entries:
        for label in (f"id「{entry.document.id}」", f"ファイル「{entry.path}」"):
            other = first.setdefault(label, entry)
            if other is not entry:
                text = f"{label}が二つあります（もう一つは {other.finding('').location}）。どちらかを直してください。"
                corpus.problems.append(entry.finding(text))
        other = first.setdefault(entry.content, entry)
        if other.path != entry.path and entry.content != _EMPTY:
            name, other_name = printable_name(entry.path.name), printable_name(other.path.name)
            text = f"{name}: 「{other_name}」と同じ中身です。どちらかを消してください。"
            corpus.warnings.append(entry.finding(text, FindingKind.DOUBLE))


def _find_cycle(entries: Sequence[CorpusEntry], relation: str, advice: str) -> Iterator[CorpusFinding]:
    try:
        TopologicalSorter({entry.document.id: getattr(entry.document, relation) for entry in entries}).prepare()
    except CycleError as error:
        _, *chain = error.args[1][::-1]
        first = next(entry for entry in entries if entry.document.id in chain)
        start = chain.index(first.document.id)
        text = " → ".join((*chain[start:], *chain[:start], first.document.id))
        yield first.finding(f"{relation} が輪になっています（{text}）。{advice}を確かめてください。")


def _add_file(folder: Path, name: Path, path: Path, used_ids: set[str], corpus: Corpus) -> None:
    if problem := _file_problem(folder, path):
        corpus.unreadable.append(CorpusFinding(printable_name(path), problem))
        return
    try:
        content = content_digest(path)
    except OSError as error:
        corpus.unreadable.append(CorpusFinding(printable_name(path), _open_error_text(error)))
        return
    doc_id = make_id(name, used_ids)
    document = Document(id=doc_id, title=printable_name(path.stem), file=printable_name(name))
    entry = CorpusEntry(with_digest(document, content), path, str(folder / MANIFEST), has_title=False, content=content)
    used_ids.add(doc_id)
    corpus.entries.append(entry)
    text = (
        f"{MANIFEST} に書かれていません。id「{doc_id}」、題名はファイルから読んだものとして扱います。"
        "`python -m ingest list` で確かめてください。"
    )
    corpus.warnings.append(entry.finding(text, FindingKind.UNLISTED))


def is_document(path: Path, name: Path) -> bool:
    """Whether the file at `path`, named `name` in its folder, may be a document: not hidden, not a manifest."""
    hidden = any(part.startswith(_IGNORED_PREFIXES) for part in name.parts)
    return not hidden and name.name.lower() not in _NO_DOCUMENTS and path.is_file()


def _walk_files(folder: Path, corpus: Corpus) -> Iterator[Path]:
    def report(error: OSError) -> None:
        corpus.unreadable.append(CorpusFinding(printable_name(str(error.filename)), _open_error_text(error)))

    for root, folders, files in os.walk(folder, onerror=report):
        folders[:] = [name for name in folders if not name.startswith(_IGNORED_PREFIXES)]
        for path in (Path(root, name) for name in (*folders, *files) if not name.startswith(_IGNORED_PREFIXES)):
            if path.is_symlink() and _is_outside(folder, path):
                corpus.unreadable.append(CorpusFinding(printable_name(path), _LINK_OUTSIDE_TEXT))
            elif path.is_file():
                yield path


def _is_outside(folder: Path, path: Path) -> bool:
    try:
        return not path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a broken or circular link
        return True


def _open_error_text(error: OSError) -> str:
    return f"開けません（{error.strerror}）。置き場所と権限を確かめてください。"


def _file_problem(folder: Path, path: Path) -> str:
    # Special files, such as pipes, are not opened, because that could block.
    try:
        if _is_outside(folder, path):
            return _LINK_OUTSIDE_TEXT
        if not path.is_file():
            return f"「{printable_name(path.name)}」はファイルではありません。文書のファイルを置いてください。"
        if path.suffix.lower() not in SUFFIXES:
            return f"「{printable_name(path.name)}」: {unreadable_format(path.name)}"
        path.open("rb").close()
    except OSError as error:
        return f"ファイル「{printable_name(path.name)}」を{_open_error_text(error)}"
    return ""


def make_id(name: Path, used_ids: set[str]) -> str:
    """Return an id from a file name; a digest is appended if characters were lost or the id is in `used_ids`."""
    stem = unicodedata.normalize("NFKC", printable_name(name.with_suffix("")))
    id_ = re.sub(r"[^a-z0-9.]+", "-", stem.lower()).strip("-.")
    if id_ and id_ not in used_ids and stem.isascii() and len(id_) <= _LONGEST_ID:
        return id_
    digest = hashlib.sha256(os.fsencode(name.as_posix())).hexdigest()[:8]
    id_ = id_[: _LONGEST_ID - len(digest) - 1].strip("-.")
    return f"{id_}-{digest}" if id_ else f"doc-{digest}"
