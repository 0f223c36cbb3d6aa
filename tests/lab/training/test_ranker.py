from pathlib import Path

import numpy as np

from bot.answering.screening.recognition import classifier_features, likely_situations, searched_form
from bot.running.service.service import open_service
from ingest.build.build import index_documents
from ingest.configuration.settings import Settings
from lab.__main__ import main
from lab.benchmarks.judged_sets import load_beir
from lab.benchmarks.search import half_for_id
from lab.training.emergencies import Example, fit_classifier, load_examples
from lab.training.ranker import RankingExample, collect_ranking_examples, fit_ranker
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


def test_weights_fitted_to_own_questions_can_be_used(tmp_path: Path) -> None:
    beir, out = write_judged(tmp_path / "set"), tmp_path / "ranker.json"
    assert main(["train", "ranker", "--beir", str(beir), "--out", str(out)]) == 0
    settings = Settings(_env_file=None, data=tmp_path / "data", ranker=out)
    index_documents(settings, load_beir(beir, "dev").readings)
    with open_service(settings) as service:
        assert service.search("粗大ごみの手数料はいくらですか?")[0].passage.doc_id == "fee"


def test_an_example_of_the_fitting_half_contains_the_features_of_the_candidates(tmp_path: Path) -> None:
    judged = load_beir(write_judged(tmp_path / "set"), "dev")
    settings = Settings(_env_file=None, data=tmp_path / "data")
    made = collect_ranking_examples(settings, judged, 10, 0)
    assert len(made) == 3  # of the six questions, those of the fitting half
    assert len(collect_ranking_examples(settings, judged, 1, 5)) == 1
    for example in made:
        assert example.grades.max() == 1
        assert {column.shape for column in example.features.values()} == {example.grades.shape}


def drawn(weights: dict[str, float], questions: int) -> list[RankingExample]:
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


def test_a_feature_that_is_the_same_everywhere_gets_no_great_weight() -> None:
    examples = [
        RankingExample(
            {**one.features, "constant": np.ones(20, np.float32)}, (one.features["good"] > 0.6).astype(np.float32)
        )
        for one in drawn({"good": 5.0}, 50)
    ]
    assert fit_ranker([examples]).weights["constant"] < 1


def test_a_line_stands_for_its_alternatives() -> None:
    examples = load_examples()
    texts = {(one.text, one.label) for one in examples}
    assert {("父が倒れた", "fire_ambulance"), ("母が倒れた", "fire_ambulance")} <= texts
    assert {one.label for one in examples} > {"harmless", "bereavement", "help"}


def test_what_is_learned_tells_messages_apart() -> None:
    labels = {"ごみの日を知りたい": "harmless", "祖母が亡くなりました": "bereavement", "泥棒がいる": "police"}
    columns = {"ごみ": 0, "=どろ": 1}
    features = classifier_features([searched_form(text) for text in labels] * 9, columns)
    found = fit_classifier([Example(text, label, 1, "") for text, label in labels.items()] * 9, columns, features)
    shown = [likely_situations(found.situation_chances(text)) for text in labels]
    assert shown == [[], [], ["police"]]
