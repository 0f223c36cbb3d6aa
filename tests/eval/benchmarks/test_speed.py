"""`python -m eval speed` at small sizes, with the real product."""

import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.benchmarks.speed import chat
from eval.benchmarks.speed.material import gather_material
from eval.benchmarks.speed.source_texts import TitledText, read_sources
from eval.storage.run_folder import read_folder
from tests.bot.fixed_service import StandIn
from tests.bot.server_thread import served
from tests.ingest.pdf_files import lines, page, pdf

SENTENCES = [f"市は令和{n % 9 + 1}年度に第{n}期の計画を作り、{n}人の市民が窓口で相談した。" for n in range(400)]
SOURCES = [
    TitledText(f"第{n}回会議", "".join(SENTENCES[n * 10 : n * 10 + 10]), (f"{n}回目に何人が相談しましたか",))
    for n in range(40)
]
FIGURES = {"passages_per_s", "p50_ms", "p95_ms", "p99_ms", "qps_1", "qps_8", "rss_mb", "start_s"}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    return written_texts(tmp_path)


def written_texts(within: Path) -> Path:
    """Return a folder with a text of a few passages and a set of questions with their passages."""
    folder = within / "texts"
    (folder / "jaquad").mkdir(parents=True)
    (folder / "kaigi.md").write_text("\n".join(SENTENCES[:60]), "utf-8")
    asked = {"context": "".join(SENTENCES[60:70]), "qas": [{"question": "相談したのは何人ですか"}]}
    (folder / "jaquad/sample.json").write_text(
        json.dumps({"data": [{"title": "相談", "paragraphs": [asked]}]}), "utf-8"
    )
    return folder


@dataclass(frozen=True)
class Run:
    """A run over `texts` at two sizes: its output, its saved run, and its indexes."""

    texts: Path
    output: dict[str, Any]
    out: Path
    kept: Path


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Measure; the settings name a data folder that nobody makes."""
    folder = tmp_path_factory.mktemp("speed")
    texts = written_texts(folder)
    out = folder / "run"
    kept = folder / "kept"
    command = ["speed", "--texts", str(texts), "--passages", "4,30", "--queries", "6", "--keep", str(kept)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as output:
        patch.setenv("SHIRUBE_DATA", str(folder / "untouched"))
        assert main([*command, "--out", str(out), "--json"]) == 0
    assert not (folder / "untouched").exists()
    return Run(texts, json.loads(output.getvalue()), out, kept)


def test_figures_of_each_size_are_printed_and_saved(run: Run) -> None:
    small, large = run.output["sizes"]
    assert small["passages"] == 4
    assert small["real"] == 4
    assert large["passages"] == 30
    assert 0 < large["real"] < 30
    assert all(size[name] > 0 for size in (small, large) for name in FIGURES)
    assert small["p50_ms"] <= small["p95_ms"] <= small["p99_ms"]
    assert {name: run.output[name] for name in FIGURES} == {name: large[name] for name in FIGURES}
    config, rows, figures = read_folder(run.out)
    assert config["command"] == "speed"
    assert {row["passages"] for row in rows} == {4, 30}
    assert all(row["ms"]["ours"] > 0 for row in rows)
    assert figures["sizes"] == run.output["sizes"]


def test_a_kept_index_is_measured_again(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "_run_server", lambda *_: served(StandIn(), pages=(), requests_per_minute=100_000))
    command = ["speed", "--chat", "--texts", str(tmp_path), "--passages", "4", "--keep", str(run.kept)]
    assert main([*command, "--out", str(tmp_path / "again")]) == 0
    _, rows, again = read_folder(tmp_path / "again")
    _, before, _ = read_folder(run.out)
    assert [row["query"] for row in rows] == [row["query"] for row in before if row["passages"] == 4]
    assert again["build_s"] == run.output["sizes"][0]["build_s"]
    assert again["chat_n"] == again["n"] > 0
    assert 0 < again["chat_p50_ms"] <= again["chat_p95_ms"] <= again["chat_max_ms"]


def test_adding_a_file_is_timed_by_stages(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--added", "--texts", str(texts), "--passages", "40", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["passages"] > 20
    assert output["build_s"] > 0 < output["added_s"]
    assert "言葉の意味を学ぶ" in output["stages"]["build"]


def test_building_a_folder_is_timed_by_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    papers.joinpath("a.pdf").write_bytes(pdf(*[page(*lines(SENTENCES[n])) for n in range(3)]))
    assert main(["speed", "--documents", str(papers), "--out", str(tmp_path / "run")]) == 0
    assert "read_pages_per_s" in capsys.readouterr().out
    _, _, output = read_folder(tmp_path / "run")
    assert output["documents"] == 1
    assert output["pages"] == 3
    assert output["failed"] == 0
    assert output["read_pages_per_s"] > output["pages_per_s"] > 0


CHAT = {"chat_p50_ms", "chat_p95_ms", "chat_max_ms"}


@pytest.mark.server
def test_without_texts_a_server_over_the_corpus_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--chat", "--queries", "12", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert set(output) == {*CHAT, "chat_n"}
    assert output["chat_n"] == 12


@pytest.mark.skipif(bool(find_spec("rank_bm25")), reason="the stock way's libraries are installed")
def test_without_langchain_the_error_says_what_to_install(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--stock", "--texts", str(texts), "--passages", "4"]) == 2
    assert "make setup-bench" in capsys.readouterr().err


@pytest.mark.skipif(not find_spec("rank_bm25"), reason="`make setup-bench` was not run")
def test_langchain_is_measured_next_to_the_product(texts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["speed", "--stock", "--stock-passages", "10", "--texts", str(texts), "--passages", "20", "--json"]
    assert main([*command, "--queries", "4"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert output["stock"]["passages"] == 10
    assert output["ratio"]["p50_ms"] == pytest.approx(output["stock"]["p50_ms"] / output["p50_ms"])


def test_recombined_texts_are_added_only_after_the_real_ones() -> None:
    few = gather_material(SOURCES, 20, 10)
    many = gather_material(SOURCES, 500, 10)
    assert len(few.texts) == 20
    assert few.real == 20
    assert len(many.texts) == 500
    assert 40 < many.real < 500
    sources = "".join(source.text for source in SOURCES)
    assert all(text in sources for text in many.texts[: many.real])
    assert {f"{sentence}。" for text in many.texts for sentence in text.split("。") if sentence} <= set(SENTENCES)
    assert len({passage.id for reading in many.readings for passage in reading.passages}) == 500


def test_queries_are_not_sentences_of_the_index() -> None:
    material = gather_material(SOURCES, 300, 60)
    indexed = "".join(material.texts)
    assert len(set(material.queries)) == len(material.queries) > 20
    assert not [query for query in material.queries if query.endswith("。") and query in indexed]


def test_queries_contain_more_than_punctuation() -> None:
    material = gather_material([TitledText("☆★☆", "☆☆☆。※。" + source.text) for source in SOURCES], 100, 200)
    assert material.queries
    assert [query for query in material.queries if not any(map(str.isalnum, query))] == []


def test_the_same_texts_give_the_same_material() -> None:
    assert gather_material(SOURCES, 200, 30) == gather_material(SOURCES, 200, 30)


def test_the_error_for_a_folder_without_texts_lists_the_formats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["speed", "--texts", str(tmp_path), "--passages", "4"]) == 2
    assert "bulletins/articles.jsonl" in capsys.readouterr().err


def test_the_error_for_an_invalid_line_names_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bulletins").mkdir()
    (tmp_path / "bulletins/articles.jsonl").write_text('{"title": "広報", "body": "本文。"}\n{"title": 1}\n', "utf-8")
    assert main(["speed", "--texts", str(tmp_path), "--passages", "4"]) == 2
    assert "articles.jsonl:2" in capsys.readouterr().err


def test_plain_files_are_read_as_texts(texts: Path) -> None:
    assert [(source.title, source.questions) for source in read_sources(texts)] == [
        ("相談", ("相談したのは何人ですか",)),
        ("kaigi", ()),
    ]


@pytest.mark.parametrize("sizes", ["0", "ten", ""])
def test_sizes_must_be_numbers(sizes: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["speed", "--passages", sizes])
    assert ended.value.code == 2
    assert "--passages" in capsys.readouterr().err
