"""A tiny BEIR set, for tests to modify."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

CORPUS = (
    {"_id": "order", "title": "粗大ごみの申し込み", "text": "粗大ごみは電話で申し込みます。"},
    {"_id": "fee", "title": "粗大ごみの手数料", "text": "粗大ごみの手数料は品目ごとに決まっています。"},
    {"_id": "library", "text": "図書館の本は15日間借りられます。"},
    {"_id": "marriage", "title": "婚姻届", "text": ""},
    {"_id": "empty", "title": "", "text": ""},
)
# The first is about the entry with the lower grade; the fourth has no relevant entry; the last is in another split.
QUERIES = (
    {"_id": "fee?", "text": "粗大ごみの手数料はいくらですか?"},
    {"_id": "library?", "text": "図書館の本は何日借りられますか?"},
    {"_id": "marriage?", "text": "婚姻届を出したい"},
    {"_id": "tram?", "text": "路面電車はありますか?"},
    {"_id": "train?", "text": "電車はありますか?"},
)
QRELS = (("fee?", "fee", 1), ("fee?", "order", 2), ("library?", "library", 1), ("marriage?", "marriage", 2))
NOTHING = ("tram?", "order", 0)


def write_beir(folder: Path, qrels: Iterable[tuple[str, str, int]] = (*QRELS, NOTHING), split: str = "dev") -> Path:
    """Write the set into `folder` and return it."""
    (folder / "qrels").mkdir(parents=True)
    _write(folder / "corpus.jsonl", CORPUS)
    _write(folder / "queries.jsonl", QUERIES)
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, judgment)) for judgment in qrels)]
    (folder / "qrels" / f"{split}.tsv").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return folder


def _write(file: Path, objects: Iterable[Mapping[str, str]]) -> None:
    file.write_text("".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in objects), "utf-8")
