"""Retrieval on a set in the format of BEIR (Thakur et al. 2021, arXiv:2104.08663)."""

from argparse import Namespace
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from pydantic import BaseModel, ConfigDict, Field

from eval.benchmarks.ranked import (
    HALF,
    MeasuredQuery,
    choose_half,
    ranked_measurement,
)
from eval.benchmarks.temporary_index import SearchableIndex, open_temporary_index, single_passage_document
from eval.command import OUT, Measurement, command, option, path_option
from eval.errors import SetFileError
from eval.metrics.ranking import ndcg, recall, reciprocal_rank
from eval.storage.numbered_lines import read_models, read_numbered_lines
from eval.storage.progress import with_progress_bar
from ingest.cli.command_line import integer_between
from ingest.configuration.environment import read_settings
from ingest.documents import ParsedDocument

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


DEPTH = 10


def entry_readings(corpus: Iterable[BeirEntry]) -> list[ParsedDocument]:
    """Return each entry as a document of one passage with its title as heading."""
    return [single_passage_document(entry.id, entry.title or "", entry.text) for entry in corpus]


def measure_retrieval(
    beir: BeirSet, queries: Sequence[BeirEntry], indexed: SearchableIndex
) -> tuple[MeasuredQuery, ...]:
    """Search for each of `queries`, with a progress bar.

    A query without relevant entries has no metrics, because recall and nDCG are undefined.
    """
    # Warm up, so that loading the dictionary and Chroma's index is not measured.
    indexed.search("しるべ", DEPTH)
    return tuple(
        _measure_query(query, beir.grades[query.id], indexed) for query in with_progress_bar(queries, "検索しています")
    )


def retrieval_metrics(ranked: Sequence[str], grades: Grades) -> dict[str, float]:
    """Return recall@1, @5 and @10, ndcg@10 and mrr@10 of ranked ids; empty if none is relevant."""
    if not any(grade >= 1 for grade in grades.values()):
        return {}
    recalls = {f"recall@{k}": recall(ranked, grades, k) for k in (1, 5, DEPTH)}
    return recalls | {
        f"ndcg@{DEPTH}": ndcg(ranked, grades, DEPTH),
        f"mrr@{DEPTH}": reciprocal_rank(ranked, grades, DEPTH),
    }


def _measure_query(query: BeirEntry, grades: Grades, indexed: SearchableIndex) -> MeasuredQuery:
    started = perf_counter()
    hits = indexed.search(query.text, DEPTH)
    latency_ms = (perf_counter() - started) * 1000
    ranked = [{"id": hit.passage.doc_id, "score": hit.score} for hit in hits]
    details = {"ranked": ranked, "grades": dict(grades)}
    return MeasuredQuery(
        query.id, query.text, retrieval_metrics([hit.passage.doc_id for hit in hits], grades), latency_ms, details
    )


@command(
    "retrieval",
    "BEIR の形の問いと判定で、検索の質と速さを測る",
    path_option("--beir", "DIR", "corpus.jsonl、queries.jsonl、qrels/ のあるフォルダー", required=True),
    option("--split", required=True, metavar="NAME", help="判定の名前(qrels/NAME.tsv)"),
    HALF,
    option("--limit", type=integer_between(1, 10**9), metavar="N", help="先頭から N 問だけ測る"),
    OUT,
)
def retrieval(options: Namespace) -> Measurement:
    """Measure recall, nDCG, MRR and latency of the search."""
    beir = load_beir(options.beir, options.split)
    queries = choose_half(beir.queries, options.half, options.beir)[: options.limit]
    with open_temporary_index(read_settings(), entry_readings(beir.corpus)) as indexed:
        rows = measure_retrieval(beir, queries, indexed)
    inputs = {"beir": str(options.beir), "split": options.split, "limit": options.limit}
    return ranked_measurement(options, rows, inputs)
