"""Training: questions and examples from documents, samples, and that each exported model gives the trained scores."""

import json
from collections.abc import Callable, Sequence
from math import isnan
from pathlib import Path

import numpy as np
import pytest

from bot.relevance.evidence import RelevanceModel
from eval.dataset.sets import ROOT
from eval.storage.numbered_lines import read_json_lines
from eval.training.examples import ReadingExample, collect_reading_examples
from eval.training.questions import (
    TrainingQuestion,
    TrainingSet,
    bulletin_set,
    question_by_facts,
    read_written_questions,
)
from ingest.documents import Passage
from tests.bot.retrieval.passages import document
from tests.eval.eval_command import evaluate_here
from tests.eval.examples import write_lines
from tests.ingest.small_corpus import make_settings

# PyTorch takes a second to import, which every worker would pay that collects the tests.
# ruff: noqa: PLC0415


def test_a_fact_outside_its_source_is_unknown_and_less_than_all_facts_is_less() -> None:
    def grade(place: str, text: str) -> float:
        assert question.grade
        return question.grade(Passage(place, "d", "text", (), text, (1,)))

    question = question_by_facts("?", "g", [["230円"], ["12便", "十二便"]], lambda passage: passage.id == "d#1")
    assert [grade("d#1", "12便 230円"), grade("d#1", "230円"), grade("d#2", "4便")] == [1, 0.5, 0]
    assert isnan(grade("d#2", "230円 十二便"))
    assert isnan(grade("d#1", ""))


def test_articles_and_speeches_of_the_judging_sets_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"support": ["a1"], "question": "見学会はいつ?", "answers": ["6月1日"], "behave": "answer"}
    monkeypatch.setattr(
        "eval.training.questions._QUESTIONS", write_lines(tmp_path / "q" / "pairs-1.jsonl", asked).parent
    )
    issue = {"issue": "広報6月号", "municipality": "汐見町", "date": "2026.06.01"}
    bodies = {"a1": "見学会は6月1日です。", "kept-out": "観察会は6月8日です。"}
    articles = ({"id": name, "title": name, "body": body, **issue} for name, body in bodies.items())
    write_lines(tmp_path / "bulletins" / "articles.jsonl", *articles)
    write_lines(tmp_path / "kiryu" / "speeches.jsonl")
    write_lines(tmp_path / "towns" / "support.json", {"kept-out": {}})
    made = bulletin_set(tmp_path)
    (passage,) = made.readings[0].passages
    assert "見学会" in passage.text
    (question,) = made.questions
    assert question.grade
    assert question.grade(passage) == 1


def test_held_out_files_are_not_used_for_training() -> None:
    unread = {line["file"] for line in read_json_lines(ROOT / "eval" / "pages" / "unread.jsonl")}
    assert not unread & {(line["file"] or line["near"]).split("#")[0] for line in read_written_questions("pages")}


TEXTS = (
    ("渡し舟", "渡し舟は両岸を結びます。\n・運賃：大人230円\n・運航：毎日7時から18時"),
    ("見晴らし台", "見晴らし台は冬も開いています。\n・入場料：無料\n・休み：12月29日から1月3日"),
    ("釣り大会", "釣り大会を秋に開きます。\n・定員：40人\n・申込み：役場の産業係へ"),
)
ASKED = (("渡し舟の運賃は?", 0, "230円"), ("見晴らし台の休みは?", 1, "12月29日"), ("釣り大会の定員は?", 2, "40人"))


def from_passage(place: int) -> Callable[[Passage], bool]:
    return lambda passage: passage.id == f"d#{place}"


SMALL = TrainingSet(
    "small",
    [document("d", *TEXTS)],
    [
        *(question_by_facts(text, f"group {n}", [[answer]], from_passage(n)) for text, n, answer in ASKED),
        TrainingQuestion("水道料金はいくらですか", "none", None),
    ],
)


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Sequence[ReadingExample]:
    settings = make_settings(tmp_path_factory.mktemp("reader"), encoder="use-multilingual", adapt=False)
    return collect_reading_examples(settings, SMALL)


def test_each_question_also_has_examples_without_its_answer(examples: Sequence[ReadingExample]) -> None:
    of_first = [example for example in examples if example.question.text == ASKED[0][0]]
    assert [example.complete for example in of_first] == [True, False, False]
    assert [example.answered for example in of_first] == [1, 0, 0]
    assert [example.units.sum() for example in of_first] == [1, 0, 0]
    assert "230円" in "".join(hit.passage.text for hit in of_first[0].hits)
    for example in of_first[1:]:
        units = zip(example.evidence.owners, example.evidence.bounds, strict=True)
        assert all("230円" not in example.hits[owner].passage.text[start:end] for owner, (start, end) in units)
    last = examples[-1]
    assert last.answered == last.passages.sum() == last.units.sum() == 0


def test_the_exported_relevance_model_gives_the_trained_probabilities(examples: Sequence[ReadingExample]) -> None:
    import torch

    from eval.training.examples import relevance_figures
    from eval.training.relevance_model import (
        batch_evidence,
        cross_validated_scores,
        export_relevance_model,
        train_relevance_models,
    )

    scores, platt = cross_validated_scores(examples, 2, epochs=8.0)
    figures = relevance_figures(examples, scores)
    assert (figures["n"], figures["answered_n"]) == (4, 3)
    assert {"area", "right_passage_first_se", "right_unit_first"} <= figures.keys()
    ensemble = train_relevance_models(examples, 1, epochs=8.0)
    ensemble.platt = platt
    served = RelevanceModel(export_relevance_model(ensemble))
    with torch.no_grad():
        logits = ensemble.models[0](batch_evidence([example.evidence for example in examples], ensemble.scales))
    alone = [served(example.evidence) for example in examples]
    for part, (slope, shift) in enumerate(platt):
        expected = torch.sigmoid(slope * logits[part] + shift).numpy()
        assert np.concatenate([np.atleast_1d(each[part]) for each in alone]) == pytest.approx(expected, abs=1e-2)


def test_one_command_trains_the_shipped_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eval.training.questions.load_training_sets", lambda _shared: [SMALL])
    arguments = ("train", "--shared", tmp_path, "--out", tmp_path / "made.onnx", "--json")
    ended = evaluate_here(*arguments, folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["n"] == 4
    assert RelevanceModel((tmp_path / "made.onnx").read_bytes())
