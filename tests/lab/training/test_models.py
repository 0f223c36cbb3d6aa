from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import isnan
from pathlib import Path

import pytest
import torch

from bot.answering.question.follow_up_model import FollowUpModel
from bot.answering.relevance.evidence import RelevanceModel
from bot.answering.relevance.token_model import TokenReader
from bot.answering.token_batches import make_windows, tokenise_text
from eval.dataset.sets import ROOT
from eval.storage.numbered_lines import read_json_lines
from ingest.documents import Passage
from lab.training import follow_ups, questions, relevance, tokens
from lab.training.examples import ReadingExample, collect_examples
from lab.training.questions import TrainingQuestion, TrainingSet, question_by_facts
from lab.training.torch_training import start_training
from tests.bot.answering.retrieval.passages import document
from tests.eval.examples import write_lines
from tests.ingest.small_corpus import make_settings


def test_a_fact_outside_its_source_is_unknown_and_less_than_all_facts_is_less() -> None:
    def grade(place: str, text: str) -> float:
        assert question.grade
        return question.grade(Passage(place, "d", "text", (), text, (1,)))

    question = question_by_facts("?", "g", [["230円"], ["12便", "十二便"]], lambda passage: passage.id == "d#1")
    assert [grade("d#1", "12便 230円"), grade("d#1", "230円"), grade("d#2", "4便")] == [1, 0.5, 0]
    assert isnan(grade("d#2", "230円 十二便"))
    assert isnan(grade("d#1", ""))


def test_articles_of_the_judging_sets_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"support": ["a1"], "question": "見学会はいつ?", "answers": ["6月1日"], "behave": "answer"}
    monkeypatch.setattr(questions, "_QUESTIONS", write_lines(tmp_path / "q" / "pairs-1.jsonl", asked).parent)
    issue = {"issue": "広報6月号", "municipality": "汐見町", "date": "2026.06.01"}
    bodies = {"a1": "見学会は6月1日です。", "kept-out": "観察会は6月8日です。"}
    rows = ({"id": name, "title": name, "body": body, **issue} for name, body in bodies.items())
    articles = write_lines(tmp_path / "bulletins" / "articles.jsonl", *rows)
    speeches = write_lines(tmp_path / "kiryu" / "speeches.jsonl")
    write_lines(tmp_path / "towns" / "support.json", {"kept-out": {}})
    made = questions.bulletin_set(articles, speeches)
    (passage,) = made.readings[0].passages
    assert "見学会" in passage.text
    (question,) = made.questions
    assert question.grade
    assert question.grade(passage) == 1


def test_held_out_files_are_not_used_for_training() -> None:
    unread = {line["file"] for line in read_json_lines(ROOT / "eval" / "pages" / "unread.jsonl")}
    asked = questions.read_written_questions("pages")
    assert not unread & {(line["file"] or line["near"]).split("#")[0] for line in asked}


TEXTS = (
    ("渡し舟", "渡し舟は両岸を結びます。\n・運賃：大人230円\n・運航：毎日7時から18時"),
    ("見晴らし台", "見晴らし台は冬も開いています。\n・入場料：無料\n・休み：12月29日から1月3日"),
    ("釣り大会", "釣り大会を秋に開きます。\n・定員：40人\n・申込み：役場の産業係へ"),
)
ASKED = (("渡し舟の運賃は?", 0, "230円"), ("見晴らし台の休みは?", 1, "12月29日"), ("釣り大会の定員は?", 2, "40人"))


def from_passage(place: int) -> Callable[[Passage], bool]:
    return lambda passage: passage.id == f"d#{place}"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Sequence[ReadingExample]:
    asked = [question_by_facts(text, f"group {n}", [[answer]], from_passage(n)) for text, n, answer in ASKED]
    small = TrainingSet("small", [document("d", *TEXTS)], [*asked, TrainingQuestion("水道料金はいくら", "none", None)])
    settings = make_settings(tmp_path_factory.mktemp("reader"), encoder="shirube-words", adapt=False)
    return collect_examples(settings, [small])


def test_each_question_also_has_examples_without_its_answer(examples: Sequence[ReadingExample]) -> None:
    of_first = [example for example in examples if example.question.text == ASKED[0][0]]
    assert [example.complete for example in of_first] == [True, False, False]
    assert [example.answered for example in of_first] == [1, 0, 0]
    assert [example.units.sum() for example in of_first] == [1, 0, 0]
    texts = ["".join("".join(example.unit_texts(n)) for n in range(len(example.hits))) for example in of_first]
    assert ["230円" in text for text in texts] == [True, False, False]
    last = examples[-1]
    assert last.answered == last.passages.sum() == last.units.sum() == 0


@pytest.fixture
def exporter() -> None:
    pytest.importorskip("onnx", reason="make setup-dev installs it")
    start_training(0)


@pytest.mark.usefixtures("exporter")
def test_the_exported_relevance_model_gives_the_trained_probabilities(examples: Sequence[ReadingExample]) -> None:
    model = relevance.train_relevance_model(examples, 0, 2.0)
    platt = [[1.0, 0.0], [0.5, 0.1], [2.0, -1.0]]
    term_size = examples[0].evidence.terms.shape[1]
    served = RelevanceModel(relevance.export_relevance_model(relevance.RelevanceEnsemble([model], platt), term_size))
    for example in examples:
        with torch.no_grad():
            logits = model(*relevance.input_tables(example.evidence).values())
        expected = [torch.sigmoid(a * logit + b).numpy() for logit, (a, b) in zip(logits, platt, strict=True)]
        units, passages, answered = served(example.evidence)
        assert units == pytest.approx(expected[0], abs=1e-2)
        assert passages == pytest.approx(expected[1], abs=1e-2)
        assert answered == pytest.approx(float(expected[2][0]), abs=1e-2)


@pytest.mark.usefixtures("exporter")
def test_the_exported_token_model_gives_the_trained_logits(examples: Sequence[ReadingExample]) -> None:
    schedule = replace(tokens.SMALL, steps=1)
    trained = tokens.train_tokens(examples, schedule, tokens.untrained_tokens(examples), 0)
    model = tokens.TrainableTokenModel(len(trained.parts))
    model.load_state_dict(trained.state)
    units = map(tokenise_text, TEXTS[0][1].split("\n"))
    windows = [*make_windows(("渡し舟",), units), *make_windows((), [tokenise_text("短い文。")])]
    pairs = [(tokenise_text(ASKED[0][0]), window) for window in windows]
    with torch.no_grad():
        *tables, asked, told = tokens.token_inputs(pairs, trained.parts, trained.context).values()
        expected = model.eval()(*tables, model.project(asked), model.project(told))
    weights = dict.fromkeys(("units", "passages", "whole"), (0.0, 1.0, 0.0))
    read = TokenReader(tokens.export_token_reader(trained, weights)).score_windows(pairs)
    for logits, of_model in zip(read, expected, strict=True):
        assert logits == pytest.approx(of_model.numpy(), abs=1e-2)


def test_annotated_parts_occur_in_their_conversation() -> None:
    for conversation in (line for file in follow_ups.CONVERSATIONS.glob("*.jsonl") for line in read_json_lines(file)):
        for before, turn in pairwise(conversation["turns"]):
            assert all(run in before["whole"] for run in (*turn.get("carried", ()), turn.get("replaced", "")))
            assert turn.get("by", "") in turn["text"]


@pytest.mark.usefixtures("exporter")
def test_the_exported_follow_up_model_gives_the_trained_logits() -> None:
    samples = follow_ups.load_conversations(next(follow_ups.CONVERSATIONS.glob("*-1.jsonl")))[:8]
    standalone = [
        (f"{n // 2}", f"{text}の{what}はいくらですか") for n, (text, what) in enumerate([("舟", "運賃"), ("舟", "券")])
    ]
    state, parts = follow_ups.train_follow_ups(samples, [], standalone, replace(follow_ups.SMALL, steps=2), 0)
    model = follow_ups.TrainableFollowUpModel(len(parts))
    model.load_state_dict(state)
    text, before = samples[0].text, samples[0].before
    with torch.no_grad():
        pairs = [(tokenise_text(text), tokenise_text(before))]
        kinds, of_before, of_text = model.eval()(*follow_ups.follow_up_inputs(pairs, parts).values())
    read = FollowUpModel(follow_ups.export_follow_up_model(state, parts)).logits(text, before)
    for logits, of_model in zip(read, (kinds[0], of_before[0, 1:], of_text[0]), strict=True):
        assert logits == pytest.approx(of_model.numpy(), abs=1e-2)
