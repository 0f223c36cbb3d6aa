"""Training: questions and examples from documents, samples, and that each exported model gives the trained scores."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from bot.question.follow_up_model import FollowUpModel
from bot.relevance.evidence import RelevanceModel
from bot.relevance.token_model import TokenReader
from bot.token_batches import make_windows, tokenise_text
from eval.dataset.sets import ROOT
from eval.errors import SetFileError
from eval.storage.numbered_lines import read_json_lines
from eval.training.examples import ReadingExample, collect_reading_examples
from eval.training.questions import (
    TrainingQuestion,
    TrainingSet,
    bulletin_set,
    label_questions,
    name_documents,
    question_by_facts,
    read_written_questions,
    row_questions,
)
from ingest.documents import Cell, Passage
from tests.bot.retrieval.passages import document
from tests.eval.examples import write_lines
from tests.ingest.small_corpus import make_settings

# PyTorch takes a second to import, which every worker would pay that collects the tests.
# ruff: noqa: PLC0415


def row(number: int, caption: str, *cells: tuple[str, str]) -> Passage:
    text = "\n".join(f"{column}: {value}" for column, value in cells)
    output = tuple(Cell(column, value) for column, value in cells)
    return Passage(f"d#{number}", "d", "row", (caption,), text, (number,), page=1, cells=output)


ROWS = [
    row(1, "渡し舟の便", ("航路", "入り江線"), ("便数", "12便"), ("運賃", "230円")),
    row(2, "渡し舟の便", ("航路", "岬めぐり線"), ("便数", "4便"), ("運賃", "560円")),
    row(3, "集会所の広さ", ("集会所", "南の丘会館"), ("定員", "40人"), ("面積", "12平方メートル")),
]


def test_row_questions_are_answered_by_their_row_or_ask_for_a_column_that_it_lacks() -> None:
    made = list(row_questions(ROWS))
    answered = [question for question in made if question.grade]
    assert len(answered) == len(ROWS)
    for question in answered:
        (right,) = [passage for passage in ROWS if question.grade and question.grade(passage) == 1]
        assert question.text.startswith(right.cells[0].value)
        assert question.answers
        assert question.answers(right.text)
    declined = [question.text for question in made if question.grade is None]
    assert declined
    assert not any(
        p.cells[0].value in text and any(c.column in text for c in p.cells[1:]) for text in declined for p in ROWS
    )


def test_label_questions_are_answered_by_their_line_or_ask_for_a_label_that_is_missing() -> None:
    passages = [Passage("d#1", "d", "text", ("広報", "灯台の見学会"), "日時：6月1日\n会場：港", (1,))]
    right, absent = label_questions(passages)
    assert right.text.startswith("灯台の見学会")
    assert right.grade
    assert right.grade(passages[0]) == 1
    assert absent.grade is None


def test_half_of_the_questions_name_their_document() -> None:
    made = list(row_questions(ROWS * 8))
    named = list(name_documents(made, {"pages-d": "渡し舟の手引き"}))
    changed = [one.text != other.text for one, other in zip(named, made, strict=True)]
    assert 0 < sum(changed) < len(changed)
    assert all(one.text.endswith(other.text) for one, other in zip(named, made, strict=True))
    assert list(name_documents(made, {})) == made


def test_a_fact_outside_its_source_is_unknown_and_less_than_all_facts_is_less() -> None:
    question = question_by_facts("?", "g", [["230円"], ["12便", "十二便"]], lambda passage: passage.id == "d#1")
    assert question.grade
    both = replace(ROWS[2], text="230円 十二便")
    grades = [question.grade(passage) for passage in (ROWS[0], replace(ROWS[0], text="230円"), ROWS[1], both)]
    assert grades[:3] == [1, 0.5, 0]
    assert isnan(grades[3])
    assert isnan(question.grade(replace(ROWS[0], text="")))


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
    (question,) = made.questions([passage])
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


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Sequence[ReadingExample]:
    def from_passage(place: int) -> Callable[[Passage], bool]:
        return lambda passage: passage.id == f"d#{place}"

    asked = [question_by_facts(text, f"group {n}", [[answer]], from_passage(n)) for text, n, answer in ASKED]
    asked.append(TrainingQuestion("水道料金はいくらですか", "none", None))
    settings = make_settings(tmp_path_factory.mktemp("reader"), encoder="use-multilingual", adapt=False)
    return collect_reading_examples(settings, TrainingSet("small", [document("d", *TEXTS)], lambda _: asked))


def test_each_question_also_has_examples_without_its_answer(examples: Sequence[ReadingExample]) -> None:
    of_first = [example for example in examples if example.question.text == ASKED[0][0]]
    assert [example.complete for example in of_first] == [True, False, False]
    assert [example.answered for example in of_first] == [1, 0, 0]
    assert [example.units.sum() for example in of_first] == [1, 0, 0]
    assert "230円" in "".join(hit.passage.text for hit in of_first[0].hits)
    assert all("230円" not in hit.passage.text for example in of_first[1:] for hit in example.hits)
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

    scores, platt = cross_validated_scores(examples, 2, epochs=20.0)
    figures = relevance_figures(examples, scores)
    assert (figures["n"], figures["answered_n"]) == (4, 3)
    assert {"area", "right_passage_first_se", "right_unit_first"} <= figures.keys()
    ensemble = train_relevance_models(examples, 1, epochs=20.0)
    ensemble.platt = platt
    served = RelevanceModel(export_relevance_model(ensemble))
    with torch.no_grad():
        logits = ensemble.models[0](batch_evidence([example.evidence for example in examples], ensemble.scales))
    alone = [served(example.evidence) for example in examples]
    for part, (slope, shift) in enumerate(platt):
        expected = torch.sigmoid(slope * logits[part] + shift).numpy()
        assert np.concatenate([np.atleast_1d(each[part]) for each in alone]) == pytest.approx(expected, abs=1e-3)


ARTICLE = (
    "灯台は港の入口に立ち、明治25年に建てられた。白い塔の高さは18メートルである。"
    "灯台守は一人で、三十年のあいだ灯をともした。今は誰も住まない。"
)
SQUAD = (("灯台はいつ建てられた?", "明治25年"), ("塔の高さは?", "18メートル"), ("灯台守は何年灯をともした?", "三十年"))


@pytest.fixture(scope="module")
def squad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    qas = [{"id": str(n), "question": q, "answers": [{"text": a}]} for n, (q, a) in enumerate(SQUAD)]
    other = "港には市場があり、朝五時に開く。灯台の絵がはがきになった。"
    paragraphs = [{"context": ARTICLE, "qas": qas}, {"context": other, "qas": []}]
    return write_lines(
        tmp_path_factory.mktemp("squad") / "squad.json", {"data": [{"title": "灯台", "paragraphs": paragraphs}]}
    )


def test_negative_samples_lack_the_answer_and_positive_ones_have_it(squad: Path) -> None:
    from eval.training.token_training import load_answered_questions, make_question_samples

    random = np.random.default_rng(0)
    seen = set()
    for asked in load_answered_questions(squad) * 40:
        answer = [token.runs for token in tokenise_text(asked.answer)]
        for sample in make_question_samples(asked, random):
            runs = [token.runs for text in sample.window.texts for token in text]
            held = any(runs[i : i + len(answer)] == answer for i in range(len(runs)))
            assert held == bool(sample.answers) == bool(max(sample.units))
            if sample.span:
                assert runs[sample.span[0] : sample.span[1] + 1] == answer
            seen.add((sample.answers, len(runs)))
    assert len(seen) > 8


def test_the_exported_token_model_gives_the_trained_logits(squad: Path, examples: Sequence[ReadingExample]) -> None:
    import torch

    from eval.training.relevance_model import cross_validated_scores
    from eval.training.token_model import TrainableTokenModel, export_token_reader, make_token_inputs
    from eval.training.token_training import (
        FINE_TUNING,
        PRETRAINING,
        cross_validated_combination,
        fine_tune,
        load_answered_questions,
        pretrain,
    )

    start = pretrain(load_answered_questions(squad), replace(PRETRAINING, steps=2))
    short = replace(FINE_TUNING, steps=2)
    scores, _ = cross_validated_scores(examples, 2, epochs=1.0)
    combined, weights = cross_validated_combination(examples, scores, start, 2, short)
    assert len(combined) == len(examples)
    assert {name: len(values) for name, values in weights.items()} == {"units": 3, "passages": 3, "whole": 3}
    trained = fine_tune(examples, start, short)
    model = TrainableTokenModel(len(trained.parts), 0.0)
    model.load_state_dict(trained.state)
    windows = [*make_windows(("灯台",), ARTICLE.split("。")), *make_windows((), ["短い文。"])]
    pairs = [(tokenise_text(SQUAD[0][0]), window) for window in windows]
    with torch.no_grad():
        read = model.eval()(*make_token_inputs(pairs, trained.parts, trained.context))
    units, passages = TokenReader(export_token_reader(trained, weights)).score_windows(pairs)
    assert units == pytest.approx(read.units.numpy(), abs=1e-2)
    assert passages == pytest.approx(read.windows.numpy(), abs=1e-2)


CONVERSATION: dict[str, Any] = {
    "id": "c1",
    "turns": [
        {"text": "灯台の見学会はいつですか", "whole": "灯台の見学会はいつですか", "kind": "first"},
        {
            "text": "いくらかかりますか",
            "whole": "灯台の見学会はいくらかかりますか",
            "kind": "about",
            "carried": ["灯台の見学会"],
        },
        {
            "text": "潮だまり観察会だと?",
            "whole": "潮だまり観察会はいくらかかりますか",
            "kind": "swap",
            "replaced": "灯台の見学会",
            "by": "潮だまり観察会",
        },
        {"text": "港の朝市は何時からですか", "whole": "港の朝市は何時からですか", "kind": "alone"},
    ],
}
STANDALONE = [
    ("a", "灯台の見学会の参加費はいくらですか"),
    ("a", "灯台の見学会の集合は何時ですか"),
    ("b", "観察会の参加費は大人はいくらですか"),
    ("b", "観察会の参加費は中学生はいくらですか"),
]


def test_follow_ups_are_generated_from_questions_with_a_common_start() -> None:
    from eval.training.follow_up_training import about_sample, make_follow_ups, swap_sample

    made = list(make_follow_ups(STANDALONE, ["だと?"], Random(0)))
    previous, standalone = STANDALONE[0][1], STANDALONE[1][1]
    assert about_sample("集合は何時ですか", previous, standalone, ["灯台の見学会"]) in made
    assert swap_sample("中学生だと?", STANDALONE[2][1], "大人", "中学生") in made


def test_annotated_parts_occur_in_their_conversation() -> None:
    from eval.training.follow_up_training import WRITTEN, load_conversations

    for file in WRITTEN:
        for conversation in read_json_lines(file):
            for before, turn in zip(conversation["turns"], conversation["turns"][1:], strict=False):
                assert all(run in before["whole"] for run in (*turn.get("carried", ()), turn.get("replaced", "")))
                assert turn.get("by", "") in turn["text"]
    assert len(load_conversations(WRITTEN).samples) > 1800


def test_the_exported_follow_up_model_gives_the_trained_logits(tmp_path: Path) -> None:
    import torch

    from eval.training.follow_up_model import TrainableFollowUpModel, export_followup_model, make_followup_inputs
    from eval.training.follow_up_training import SCHEDULE, load_conversations, pack_samples, train_followup_model

    conversations = load_conversations([write_lines(tmp_path / "one.jsonl", CONVERSATION)])
    state, parts = train_followup_model(conversations, [], STANDALONE, replace(SCHEDULE, steps=2))
    model = TrainableFollowUpModel(len(parts), 0.0)
    model.load_state_dict(state)
    with torch.no_grad():
        kinds, of_before, of_text = model.eval()(*make_followup_inputs(pack_samples(conversations.samples[1:2], parts)))
    _, about, swap, _ = CONVERSATION["turns"]
    output = FollowUpModel(export_followup_model(state, parts)).logits(swap["text"], about["whole"])
    assert output[0] == pytest.approx(kinds[0].numpy(), abs=1e-2)
    assert output[1] == pytest.approx(of_before[0, 1:].numpy(), abs=1e-2)
    assert output[2] == pytest.approx(of_text[0].numpy(), abs=1e-2)


@pytest.mark.parametrize(
    "turns", [None, [{}, {}], [CONVERSATION["turns"][0], {**CONVERSATION["turns"][1], "kind": "x"}]]
)
def test_an_invalid_conversation_is_an_error(tmp_path: Path, turns: Any) -> None:
    from eval.training.follow_up_training import load_conversations

    file = write_lines(tmp_path / "broken.jsonl", {"id": "c1", "turns": turns})
    with pytest.raises(SetFileError, match="会話"):
        load_conversations([file])
