"""BEIR sets: loading, errors in invalid ones, and `python -m eval retrieval` from a set to its figures."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from eval.__main__ import main
from eval.benchmarks.ranked import half_for_id, load_ranked
from eval.benchmarks.retrieval import load_beir, retrieval_metrics
from eval.errors import SetFileError
from tests.eval.eval_command import evaluate_here

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


def test_a_split_selects_the_queries_that_it_judges(tmp_path: Path) -> None:
    beir = load_beir(write_beir(tmp_path / "set"), "dev")
    assert [query.id for query in beir.queries] == ["fee?", "library?", "marriage?", "tram?"]
    assert beir.grades["fee?"] == {"fee": 1, "order": 2}
    assert [entry.id for entry in beir.corpus] == ["order", "fee", "library", "marriage", "empty"]


def test_qrels_may_lack_a_header_and_have_windows_line_ends(tmp_path: Path) -> None:
    folder = write_beir(tmp_path / "set")
    (folder / "qrels" / "dev.tsv").write_bytes("\ufefffee?\tfee\t1\r\n\r\nlibrary?\tlibrary\t2\r\n".encode())
    assert load_beir(folder, "dev").grades == {"fee?": {"fee": 1}, "library?": {"library": 2}}


def test_a_unicode_line_separator_does_not_end_a_line(tmp_path: Path) -> None:
    folder = write_beir(tmp_path / "set")
    corpus = folder / "corpus.jsonl"
    corpus.write_text(corpus.read_text("utf-8").replace("電話で", "電話\u2028で"), "utf-8")
    assert load_beir(folder, "dev").corpus[0].text == "粗大ごみは電話\u2028で申し込みます。"


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("corpus.jsonl", '{"_id": "x", "te', r"corpus\.jsonl:6: .* JSON として読めません（Invalid JSON"),
        ("corpus.jsonl", '["x"]', r"corpus\.jsonl:6: .* JSON として読めません"),
        ("corpus.jsonl", '{"_id": "x"}', r"corpus\.jsonl:6: .*（text: "),
        ("corpus.jsonl", '{"_id": 7, "text": ""}', r"corpus\.jsonl:6: .*（_id: "),
        ("corpus.jsonl", '{"_id": "fee", "text": ""}', r"corpus\.jsonl:6: _id「fee」は2回目"),
        ("queries.jsonl", '{"text": "?"}', r"queries\.jsonl:6: .*（_id: "),
        ("qrels/dev.tsv", "fee?\tmissing\t1", r"dev\.tsv:7: id「missing」は corpus\.jsonl にありません"),
        ("qrels/dev.tsv", "missing?\tfee\t1", r"dev\.tsv:7: id「missing\?」は queries\.jsonl にありません"),
        ("qrels/dev.tsv", "fee?\tlibrary\thigh", r"dev\.tsv:7: .*整数"),
        ("qrels/dev.tsv", "fee? library 1", r"dev\.tsv:7: .*タブ"),
        ("qrels/dev.tsv", "fee?\tfee\t2", r"dev\.tsv:7: 「fee\?」と「fee」に別の判定"),
    ],
)
def test_the_error_for_an_invalid_line_names_file_and_line(tmp_path: Path, name: str, line: str, expected: str) -> None:
    folder = write_beir(tmp_path / "set")
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(SetFileError, match=expected):
        load_beir(folder, "dev")


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_a_missing_file_is_reported_and_exits_with_2(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_beir(tmp_path / "set")
    (folder / name).unlink()
    assert main(["retrieval", "--beir", str(folder), "--split", "dev", "--json"]) == 2
    output = capsys.readouterr()
    assert output.err.startswith(f"エラー: {folder / name}: ")
    assert output.out == ""


def test_the_error_for_an_unknown_split_lists_the_splits(tmp_path: Path) -> None:
    with pytest.raises(SetFileError, match=r"qrels/test\.tsv.*ある判定: dev"):
        load_beir(write_beir(tmp_path / "set"), "test")


def test_a_split_without_judgements_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetFileError, match=r"dev\.tsv: 判定が1つもありません"):
        load_beir(write_beir(tmp_path / "set", qrels=()), "dev")


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """Measure the tiny set once; return the folder it was done in and the ended command."""
    folder = tmp_path_factory.mktemp("retrieval")
    beir = write_beir(folder / "set")
    return folder, evaluate_here(
        "retrieval", "--beir", beir, "--split", "dev", "--out", folder / "run", "--json", folder=folder
    )


@pytest.fixture
def figures(measured: tuple[Path, CompletedProcess[str]]) -> dict[str, Any]:
    """Return what was output on stdout, which is one JSON value."""
    assert measured[1].returncode == 0, measured[1].stderr
    output: dict[str, Any] = json.loads(measured[1].stdout)
    return output


def test_the_figures_are_those_of_the_judged_queries(figures: dict[str, Any]) -> None:
    assert figures["n"] == 3
    assert figures["recall@1"] == pytest.approx(2.5 / 3)
    assert figures["recall@5"] == 1
    assert figures["recall@10"] == 1
    assert figures["mrr@10"] == 1
    assert figures["ndcg@10"] == pytest.approx((0.859719 + 2) / 3, abs=1e-6)
    assert figures["recall@1_se"] == pytest.approx(1 / 6)
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]


def test_figures_are_reported_for_both_halves_too(figures: dict[str, Any]) -> None:
    wanted = [half_for_id(query_id) for query_id in ("fee?", "library?", "marriage?")]
    assert {half: output["n"] for half, output in figures["halves"].items()} == {
        "fit": wanted.count("fit"),
        "judge": wanted.count("judge"),
    }


def test_the_saved_run_lists_the_hits_of_each_query(
    measured: tuple[Path, CompletedProcess[str]], figures: dict[str, Any]
) -> None:
    run = load_ranked(measured[0] / "run")
    first, *_, nothing = run.rows
    ranked = [found["id"] for found in first.details["ranked"]]
    scores = [found["score"] for found in first.details["ranked"]]
    assert ranked[:2] == ["fee", "order"]
    assert scores == sorted(scores, reverse=True)
    assert first.details["grades"] == {"fee": 1, "order": 2}
    assert first.metrics == retrieval_metrics(ranked, {"fee": 1, "order": 2})
    assert first.latency_ms is not None
    assert nothing.id == "tram?"
    assert nothing.metrics == {}
    assert run.figures == {name: value for name, value in figures.items() if name != "out"}
    assert run.config["command"] == "retrieval"
    assert run.config["split"] == "dev"
    assert run.config["half"] == "all"
    assert {"version", "date", "settings", "beir", "limit"} <= run.config.keys()


def test_an_entry_without_title_or_text_is_found_by_the_other(
    measured: tuple[Path, CompletedProcess[str]],
) -> None:
    rows = {row.id: [found["id"] for found in row.details["ranked"]] for row in load_ranked(measured[0] / "run").rows}
    assert rows["library?"][0] == "library"
    assert rows["marriage?"][0] == "marriage"
    assert all("empty" not in ranked for ranked in rows.values())


def test_a_measurement_leaves_no_files(measured: tuple[Path, CompletedProcess[str]]) -> None:
    assert sorted(path.name for path in measured[0].iterdir()) == ["run", "set"]


def test_the_selected_half_is_measured_up_to_the_limit(tmp_path: Path) -> None:
    beir = write_beir(tmp_path / "set")
    half = half_for_id("fee?")
    chosen = "--half", half, "--limit", "1", "--out", tmp_path / "run"
    ended = evaluate_here("retrieval", "--beir", beir, "--split", "dev", *chosen, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "ndcg@10" in ended.stdout
    run = load_ranked(tmp_path / "run")
    assert [row.id for row in run.rows] == ["fee?"]
    assert "halves" not in run.figures


def test_a_half_without_queries_is_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    beir = write_beir(tmp_path / "set", qrels=[NOTHING])
    other = {"fit": "judge", "judge": "fit"}[half_for_id("tram?")]
    assert main(["retrieval", "--beir", str(beir), "--split", "dev", "--half", other]) == 2
    assert "--half all" in capsys.readouterr().err


@pytest.mark.parametrize("wrong", [["--limit", "0"], ["--limit", "x"], ["--half", "third"], ["--split"]])
def test_wrong_use_exits_with_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["retrieval", "--beir", "none", "--split", "dev", *wrong])
    assert exit_.value.code == 2
