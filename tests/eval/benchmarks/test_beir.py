"""BEIR sets: loading, and errors in invalid ones."""

from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.retrieval import load_beir
from eval.errors import SetFileError
from tests.eval.beir_files import write_beir


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
