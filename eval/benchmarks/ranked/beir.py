"""Sets in the format of BEIR (Thakur et al. 2021, arXiv:2104.08663): corpus.jsonl, queries.jsonl, qrels/SPLIT.tsv."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from eval.errors import SetFileError
from eval.storage.numbered_lines import read_models, read_numbered_lines

Grades = Mapping[str, int]
"""Grade by corpus id; grades from 1 are relevant."""

# The head of a file of judgements, which may be missing.
_COLUMNS = ("query-id", "corpus-id", "score")


class BeirEntry(BaseModel):
    """A line of corpus.jsonl or queries.jsonl; `title` is optional, and texts may be empty."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(alias="_id", min_length=1)
    title: str | None = None
    text: str


@dataclass(frozen=True, slots=True)
class BeirSet:
    """A corpus, the queries judged by a split in file order, and the grades by query id."""

    corpus: tuple[BeirEntry, ...]
    queries: tuple[BeirEntry, ...]
    grades: Mapping[str, Grades]


def load_beir(folder: Path, split: str) -> BeirSet:
    """Return the set in `folder` with the judgements of `split`.

    Raises SetFileError, with file and line, for missing, invalid, repeated or unknown entries.
    """
    corpus = _entries(folder / "corpus.jsonl")
    queries = _entries(folder / "queries.jsonl")
    grades = _grades(_qrels(folder, split), queries, corpus)
    return BeirSet(tuple(corpus.values()), tuple(query for query in queries.values() if query.id in grades), grades)


def _entries(file: Path) -> dict[str, BeirEntry]:
    entries: dict[str, BeirEntry] = {}
    for location, entry in read_models(file, BeirEntry, '{"_id": "…", "title": "…", "text": "…"} の JSON '):
        if entry.id in entries:
            raise SetFileError(f"{location}: _id「{entry.id}」は2回目です。別の _id にしてください。")
        entries[entry.id] = entry
    return entries


def _qrels(folder: Path, split: str) -> Path:
    file = folder / "qrels" / f"{split}.tsv"
    if not file.is_file():
        splits = "、".join(sorted(path.stem for path in file.parent.glob("*.tsv"))) or "なし"
        raise SetFileError(f"{file}: ありません。--split に、ある判定の名前を指定してください(ある判定: {splits})。")
    return file


def _grades(file: Path, queries: Collection[str], corpus: Collection[str]) -> dict[str, dict[str, int]]:
    grades: dict[str, dict[str, int]] = {}
    for location, line in read_numbered_lines(file):
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if cells == _COLUMNS:
            continue
        query_id, doc_id, grade = _judgment(location, cells)
        for known_ids, id_, name in ((queries, query_id, "queries.jsonl"), (corpus, doc_id, "corpus.jsonl")):
            if id_ not in known_ids:
                raise SetFileError(f"{location}: id「{id_}」は {name} にありません。どちらかを直してください。")
        if grades.setdefault(query_id, {}).setdefault(doc_id, grade) != grade:
            raise SetFileError(f"{location}: 「{query_id}」と「{doc_id}」に別の判定があります。1つにしてください。")
    if not grades:
        raise SetFileError(f"{file}: 判定が1つもありません。query-id、corpus-id、score の行を書いてください。")
    return grades


def _judgment(location: str, cells: tuple[str, ...]) -> tuple[str, str, int]:
    try:
        query_id, doc_id, grade = cells
        return query_id, doc_id, int(grade)
    except ValueError as error:
        raise SetFileError(f"{location}: query-id、corpus-id、score(整数)をタブで区切って書いてください。") from error
