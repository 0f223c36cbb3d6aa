"""Fitting the ranker, from judged sets to a file of weights."""

from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest

from bot.service import open_service
from ingest.build.build import index_documents
from ingest.configuration.settings import Settings
from lab.benchmarks.judged_sets import load_beir
from lab.benchmarks.search import half_for_id
from lab.training.ranker import RankingExample, collect_ranking_examples, fit_ranker
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import write_lines
from tests.lab.benchmarks.test_search import QUERIES, write_beir

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


def test_the_written_file_can_be_used_as_ranker(fitted: tuple[Path, CompletedProcess[str]], tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path / "data", ranker=fitted[0])
    index_documents(settings, load_beir(write_judged(tmp_path / "set"), "dev").readings)
    with open_service(settings) as service:
        assert service.search("粗大ごみの手数料はいくらですか?")[0].passage.doc_id == "fee"


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
