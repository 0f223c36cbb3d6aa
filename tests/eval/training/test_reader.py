"""Training examples and export of the relevance model."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.relevance.relevance_model import RelevanceModel
from eval.training.examples import ReadingExample, collect_reading_examples, reader_figures
from eval.training.tasks import ReaderTask, TrainingQuestion
from ingest.documents import Passage
from tests.bot.retrieval.passages import document
from tests.ingest.small_corpus import make_settings

# PyTorch takes a second to import, which every worker would pay that collects the tests.
# ruff: noqa: PLC0415

TEXTS = (
    ("渡し舟", "渡し舟は両岸を結びます。\n・運賃：大人230円\n・運航：毎日7時から18時"),
    ("見晴らし台", "見晴らし台は冬も開いています。\n・入場料：無料\n・休み：12月29日から1月3日"),
    ("釣り大会", "釣り大会を秋に開きます。\n・定員：40人\n・申込み：役場の産業係へ"),
)
ASKED = (("渡し舟の運賃は?", 0, "230円"), ("見晴らし台の休みは?", 1, "12月29日"), ("釣り大会の定員は?", 2, "40人"))


def question(text: str, place: int, answer: str) -> TrainingQuestion:
    def grade(passage: Passage) -> float:
        return float(passage.id == f"d#{place}")

    return TrainingQuestion(text, f"group {place}", grade, lambda unit: answer in unit, ((answer,),))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Sequence[ReadingExample]:
    asked = [*(question(*each) for each in ASKED), TrainingQuestion("水道料金はいくらですか", "none", None)]
    settings = make_settings(tmp_path_factory.mktemp("reader"), encoder="use-multilingual", adapt=False)
    return collect_reading_examples(settings, ReaderTask("small", lambda _: asked, readings=[document("d", *TEXTS)]))


def scaled_by(weights: Mapping[str, NDArray[np.float32]], example: ReadingExample) -> ReadingExample:
    from eval.training.relevance_model import standardise

    passages = standardise(example.evidence.passages, weights["passages"])
    units = standardise(example.evidence.units, weights["units"])
    return replace(example, evidence=replace(example.evidence, passages=passages, units=units))


def test_each_question_also_has_examples_without_its_answer(made: Sequence[ReadingExample]) -> None:
    of_first = [example for example in made if example.question.text == ASKED[0][0]]
    assert [example.complete for example in of_first] == [True, False, False]
    assert [example.answered for example in of_first] == [1, 0, 0]
    assert [example.units.sum() for example in of_first] == [1, 0, 0]
    assert "230円" in "".join(hit.passage.text for hit in of_first[0].hits)
    assert all("230円" not in hit.passage.text for example in of_first[1:] for hit in example.hits)


def test_an_unanswerable_question_has_no_right_passage(made: Sequence[ReadingExample]) -> None:
    last = made[-1]
    assert last.answered == 0
    assert last.passages.sum() == 0
    assert last.units.sum() == 0
    assert not any(isnan(grade) for grade in last.units)


def test_the_exported_model_gives_the_trained_probabilities(made: Sequence[ReadingExample]) -> None:
    import torch

    from eval.training.relevance_model import TrainableRelevanceModel, batch_examples, export_relevance_model
    from eval.training.relevance_training import train_models

    weights = train_models(made, 1, epochs=20.0)
    first = made[0].evidence
    net = TrainableRelevanceModel(first.passages.shape[1], first.units.shape[1], first.terms.shape[1])
    net.load_state_dict({n.removeprefix("0/"): torch.from_numpy(v) for n, v in weights.items() if "/" in n})
    net.eval()
    ready = [scaled_by(weights, example) for example in made]
    model = RelevanceModel(export_relevance_model(weights))
    with torch.no_grad():
        together = [torch.sigmoid(part).numpy() for part in net(batch_examples(ready))]
    alone = [model(example.evidence) for example in made]
    for part, joined in enumerate(together):
        assert np.concatenate([np.atleast_1d(each[part]) for each in alone]) == pytest.approx(joined, abs=1e-4)


def test_predictions_for_a_group_come_from_models_trained_without_it(made: Sequence[ReadingExample]) -> None:
    from eval.training.relevance_training import cross_validated_readings

    predictions, platt = cross_validated_readings(made, 2, epochs=20.0)
    assert len(predictions) == len(made)
    assert platt.shape == (3, 2)
    output = reader_figures(made, predictions)
    assert output["n"] == 3
    assert output["unanswerable"] == 1
    assert output["500 characters"] == (1.0, 0.0)
