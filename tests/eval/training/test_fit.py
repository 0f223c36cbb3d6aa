"""Fitting the ranker, from judged sets to a file of weights."""

import json
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest

from bot.retrieval.ranking import Ranker
from bot.service import open_service
from eval.__main__ import main
from eval.benchmarks.judged_sets import load_beir
from eval.benchmarks.search import half_for_id
from eval.training.ranker import PRIOR, RankingExample, collect_ranking_examples, fit_ranker
from ingest.build.build import index_documents
from ingest.configuration.settings import Settings
from tests.eval.benchmarks.test_search import QUERIES, write_beir
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import write_lines

# Judged the same way, an id of each half.
FIT = [f"q{n}" for n in range(40) if half_for_id(f"q{n}") == "fit"]
JUDGE = [f"q{n}" for n in range(40) if half_for_id(f"q{n}") == "judge"]


def write_judged(folder: Path) -> Path:
    beir = write_beir(folder)
    ids = [(half, n, query["text"]) for half in (FIT, JUDGE) for n, query in enumerate(QUERIES[:3])]
    queries = [{"_id": half[n], "text": text} for half, n, text in ids]
    write_lines(beir / "queries.jsonl", *queries)
    right = ("fee", "library", "marriage")
    judged = "".join(f"{half[n]}\t{right[n]}\t1\n" for half, n, _ in ids)
    (beir / "qrels" / "dev.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", "utf-8")
    return beir


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    folder = tmp_path_factory.mktemp("fit")
    beir = write_judged(folder / "set")
    out = folder / "ranker.json"
    return out, evaluate_here("fit", "--beir", beir, "--split", "dev", "--out", out, "--json", folder=folder)


def test_weights_are_printed_and_written(fitted: tuple[Path, CompletedProcess[str]]) -> None:
    out, done = fitted
    assert done.returncode == 0, done.stderr
    output: dict[str, Any] = json.loads(done.stdout)
    assert output["fitted_on"] == {"set": 3}
    assert output["out"] == str(out)
    assert all(weight >= 0 for weight in output["weights"].values())
    assert output["weights"].keys() >= Ranker.load(None).weights_by_key.keys()
    assert Ranker.load(out).weights_by_key == pytest.approx(output["weights"], abs=1e-4)


def test_the_written_file_can_be_used_as_ranker(fitted: tuple[Path, CompletedProcess[str]], tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data", ranker=fitted[0])
    index_documents(settings, load_beir(write_judged(tmp_path / "set"), "dev").readings)
    with open_service(settings) as service:
        assert service.search("粗大ごみの手数料はいくらですか?")[0].passage.doc_id == "fee"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--beir"),
        (["--pdfs", "."], "--questions"),
        (["--beir", "nowhere"], "nowhere"),
        (["--squad", "nowhere.json"], "nowhere.json"),
    ],
    ids=["nothing to fit on", "pages without questions", "no set", "no file"],
)
def test_wrong_use_of_fit_exits_with_2(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["fit", *arguments, "--out", "ranker.json"]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "ranker.json").exists()


def test_a_set_without_questions_in_the_fitting_half_is_an_error(tmp_path: Path) -> None:
    beir = write_beir(tmp_path / "set", [("tram?", "order", 0)])
    done = evaluate_here("fit", "--beir", beir, "--split", "dev", "--out", tmp_path / "ranker.json", folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "判定" in done.stderr


def test_an_example_of_the_fitting_half_contains_the_features_of_the_candidates(tmp_path: Path) -> None:
    judged = load_beir(write_judged(tmp_path / "set"), "dev")
    settings = Settings(_env_file=None, data=tmp_path / "data")
    made = collect_ranking_examples(settings, judged)
    assert len(made) == 3  # of the six questions, those of the fitting half
    assert len(collect_ranking_examples(settings, judged, 1)) == 1
    for example in made:
        assert example.grades.max() == 1
        assert {column.shape for column in example.features.values()} == {example.grades.shape}


def drawn(weights: dict[str, float], questions: int) -> list[RankingExample]:
    """Return questions over 20 candidates each, of which that is right which `weights` score highest."""
    rng = np.random.default_rng(0)
    made = []
    for _ in range(questions):
        features = {name: rng.random(20).astype(np.float32) for name in weights}
        scores = np.sum([weights[name] * column for name, column in features.items()], axis=0)
        made.append(RankingExample(features, (scores == scores.max()).astype(np.float32)))
    return made


def test_a_fit_weights_informative_features() -> None:
    weights = fit_ranker([drawn({"good": 5.0, "better": 10.0, "nothing": 0.0, "against": -5.0}, 100)]).weights
    assert weights["better"] > weights["good"] > 10 * weights["nothing"] >= 0
    assert weights["against"] == 0


def test_a_strong_pull_keeps_the_prior() -> None:
    made = drawn({**dict.fromkeys(PRIOR, 0.0), "good": 5.0}, 20)
    spread = {name: float(np.mean([e.features[name].std() for e in made])) for name in made[0].features}
    weights = fit_ranker([made], pull=1e6).weights
    assert {name: weights[name] * spread[name] for name in spread} == pytest.approx({**PRIOR, "good": 0}, abs=1e-3)


def test_large_tasks_count_more_but_do_not_outweigh_small_ones() -> None:
    few = drawn({"one": 5.0, "other": 0.0}, 6)
    many = drawn({"one": 0.0, "other": 5.0}, 600)
    alone, both, like = (fit_ranker(tasks).weights for tasks in ([many], [few, many], [many[:100], few * 100]))
    assert 1.3 * alone["one"] < both["one"] < both["other"] / 2
    assert like["one"] > both["one"]
