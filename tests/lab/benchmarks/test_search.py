import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from eval.storage.run_folder import read_folder
from lab.benchmarks.search import (
    half_for_id,
    retrieval_metrics,
)
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import write_lines
from tests.ingest.pdf_files import PICTURE, lines, page, pdf

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
    write_lines(folder / "corpus.jsonl", *CORPUS)
    write_lines(folder / "queries.jsonl", *QUERIES)
    judgments = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, judgment)) for judgment in qrels)]
    write_lines(folder / "qrels" / f"{split}.tsv", *judgments)
    return folder


def test_retrieval_measures_the_judged_queries_and_saves_their_hits(tmp_path: Path) -> None:
    beir = write_beir(tmp_path / "set")
    arguments = ("--beir", beir, "--split", "dev", "--out", tmp_path / "run", "--json")
    done = evaluate_here("retrieval", *arguments, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["n"] == 3
    assert figures["recall@1"] == pytest.approx(2.5 / 3)
    assert figures["recall@5"] == figures["recall@10"] == figures["mrr@10"] == 1
    assert figures["ndcg@10"] == pytest.approx((0.859719 + 2) / 3, abs=1e-6)
    assert figures["recall@1_se"] == pytest.approx(1 / 6)
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]
    halves = [half_for_id(query_id) for query_id in ("fee?", "library?", "marriage?")]
    assert {half: of["n"] for half, of in figures["halves"].items()} == {h: halves.count(h) for h in ("fit", "judge")}
    first, *_, nothing = read_folder(tmp_path / "run")[1]
    assert first["details"]["ranked"][:2] == ["fee", "order"]
    assert first["details"]["grades"] == {"fee": 1, "order": 2}
    assert first["metrics"] == retrieval_metrics(first["details"]["ranked"], {"fee": 1, "order": 2})
    assert (nothing["id"], nothing["metrics"]) == ("tram?", {})


def question(name: str, text: str, *answers: str) -> dict[str, Any]:
    return {"id": name, "question": text, "answers": [{"text": answer, "answer_start": 0} for answer in answers]}


def article(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": context, "qas": asked} for context, asked in paragraphs]}


def write_squad(folder: Path, *articles: dict[str, Any]) -> Path:
    return write_lines(folder / "set.json", {"version": "1.1", "data": articles})


FERRY = "渡し船は1923年6月に町が始めた。初代の船長は山田太郎である。"
LIBRARY = "図書館は1987年に開館した。蔵書は12万冊で、館長は鈴木花子が務める。"
READ = (
    question("started", "渡し船が始まったのはいつですか。", "1923年6月", "1923年"),
    question("captain", "渡し船の初代の船長は誰ですか。", "山田太郎"),
    question("books", "図書館の蔵書は何冊ですか。", "12万冊"),
    question("wrong", "図書館の館長は誰ですか。", "佐藤次郎"),
)


def test_reading_measures_passages_and_answers_and_saves_them(tmp_path: Path) -> None:
    squad = write_squad(tmp_path, article("船", (FERRY, list(READ[:2]))), article("本", (LIBRARY, list(READ[2:]))))
    done = evaluate_here("reading", "--squad", squad, "--out", tmp_path / "run", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout)
    assert output["n"] == 4
    assert output["passage_hit@1"] == output["passage_hit@5"] == 1
    assert output["contained"] == 0.75
    assert 0 <= output["em"] <= output["f1"] <= output["contained"]
    assert output["contained_se"] == pytest.approx(0.25)
    assert {"em_se", "f1_se"} <= output.keys()
    assert sum(half["n"] for half in output["halves"].values()) == 4
    row = next(row for row in read_folder(tmp_path / "run")[1] if row["id"] == "started")
    assert "1923年6月" in row["details"]["span"]
    assert row["details"]["span"] in row["details"]["answer"]
    assert len(row["details"]["answer"]) <= 120
    assert row["details"]["answers"] == ["1923年6月", "1923年"]
    selected = evaluate_here("reading", "--squad", squad, "--limit", "1", "--json", folder=tmp_path)
    assert json.loads(selected.stdout)["n"] == 1


ABOUT_PAGES: tuple[dict[str, Any], ...] = (
    {"id": "fee", "question": "証明書の手数料はいくらですか。", "file": "fees.pdf", "page": 2, "answer": None},
    {"id": "open", "question": "図書館の開館時間は何時ですか。", "file": "places/library.pdf", "page": 1},
    {"id": "weather", "question": "明日の天気を教えてください。", "file": None, "page": None},
)


def write_pages(folder: Path, *questions: dict[str, Any]) -> list[str | Path]:
    (folder / "pdfs" / "places").mkdir(parents=True)
    fees = pdf(page(*lines("窓口の受付は九時からです。")), page(*lines("証明書の手数料は三百円です。")))
    (folder / "pdfs" / "fees.pdf").write_bytes(fees)
    (folder / "pdfs" / "places" / "library.pdf").write_bytes(pdf(page(*lines("図書館の開館時間は九時から七時です。"))))
    (folder / "pdfs" / "scan.pdf").write_bytes(pdf(PICTURE))
    return ["pages", "--pdfs", folder / "pdfs", "--questions", write_lines(folder / "questions.jsonl", *questions)]


def test_pages_measures_the_questions_with_a_page_and_names_unreadable_files(tmp_path: Path) -> None:
    arguments = write_pages(tmp_path, *ABOUT_PAGES)
    done = evaluate_here(*arguments, "--out", tmp_path / "run", "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "scan.pdf: 文字を読み取れるページがありません" in done.stderr
    output = json.loads(done.stdout)
    counts = {name: output[name] for name in ("n", "no_answer", "files", "unread")}
    assert counts == {"n": 2, "no_answer": 1, "files": 2, "unread": 1}
    assert output["hit@1"] == output["hit@5"] == output["mrr"] == output["file_hit@1"] == 1
    assert output["hit@1_se"] == 0
    rows = read_folder(tmp_path / "run")[1]
    assert [(row["id"], row["details"]["ranked"][0]) for row in rows] == [
        ("fee", "fees.pdf#2"),
        ("open", "places/library.pdf#1"),
    ]
