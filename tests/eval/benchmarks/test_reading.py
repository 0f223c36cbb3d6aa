"""SQuAD sets: loading, exact answers, and `python -m eval reading` from a file to figures."""

import json
from datetime import date
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from bot.question.query_parser import QueryParser
from bot.state import Hit, ScoredPassage, Unit
from eval.benchmarks.ranked import load_ranked
from eval.benchmarks.reading import (
    SquadContext,
    SquadQuestion,
    extract_exact_answer,
    load_squad,
    reading_metrics,
    sample_evenly,
)
from eval.errors import SetFileError
from ingest.documents import Passage
from tests.eval.eval_command import evaluate_here


def question(name: str, text: str, *answers: str) -> dict[str, Any]:
    found = [{"text": answer, "answer_start": 0} for answer in answers]
    return {"id": name, "question": text, "answers": found, "is_impossible": not answers}


def article(title: str, *paragraphs: tuple[str, list[dict[str, Any]]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": context, "qas": asked} for context, asked in paragraphs]}


def write(folder: Path, *articles: dict[str, Any]) -> Path:
    file = folder / "set.json"
    file.write_text(json.dumps({"version": "1.1", "data": articles}, ensure_ascii=False), "utf-8")
    return file


def test_a_context_has_the_title_of_its_article_or_its_own(tmp_path: Path) -> None:
    asked = [question("1", "いつ?", "1923年")]
    file = write(tmp_path, article("船", ("渡し船 [SEP] 1923年から。", asked), ("1950年まで。", [])))
    assert load_squad(file).contexts == (SquadContext("渡し船", "1923年から。"), SquadContext("船", "1950年まで。"))


def test_equal_contexts_are_merged(tmp_path: Path) -> None:
    same = "1923年から1950年まで。"
    one = [question("1", "いつから?", "1923年")]
    two = [question("2", "いつまで?", "1950年")]
    squad = load_squad(write(tmp_path, article("船", (same, one), ("橋。", []), (same, two))))
    assert len(squad.contexts) == 2
    assert [asked.context for asked in squad.questions] == [0, 0]


def test_a_question_without_an_answer_is_left_out(tmp_path: Path) -> None:
    asked = [question("1", "いつ?", "1923年", "1923年頃"), question("2", "誰?")]
    squad = load_squad(write(tmp_path, article("船", ("1923年から。", asked))))
    assert [(q.id, q.answers) for q in squad.questions] == [("1", ("1923年", "1923年頃"))]


@pytest.mark.parametrize(("most", "ids"), [(None, "01234"), (9, "01234"), (2, "02"), (3, "013"), (1, "0")])
def test_a_sample_is_spread_over_the_file(tmp_path: Path, most: int | None, ids: str) -> None:
    asked = [question(str(i), "いつ?", "1923年") for i in range(5)]
    questions = load_squad(write(tmp_path, article("船", ("1923年から。", asked)))).questions
    assert "".join(q.id for q in sample_evenly(questions, most)) == ids


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "JSON として読めません"),
        ('{"data": [{"paragraphs": [{"context": "船。"}]}]}', "data.0.paragraphs.0.qas が足りない"),
        ('{"data": []}', "答えのある問いが1つもありません"),
    ],
)
def test_the_error_for_a_file_in_another_format_says_what_to_do(tmp_path: Path, content: str, expected: str) -> None:
    file = tmp_path / "set.json"
    file.write_text(content, "utf-8")
    with pytest.raises(SetFileError, match=expected) as error:
        load_squad(file)
    assert str(file) in str(error.value)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetFileError, match="--squad に SQuAD 形式の JSON を指定してください"):
        load_squad(tmp_path / "none.json")


def test_a_repeated_id_is_an_error(tmp_path: Path) -> None:
    asked = [question("1", "いつ?", "1923年"), question("1", "誰?", "町")]
    with pytest.raises(SetFileError, match="id「1」は2回目です"):
        load_squad(write(tmp_path, article("船", ("1923年に町が。", asked))))


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("渡し舟の運賃はいくらですか", "・運賃：大人230円", "230円"),
        ("釣り大会の定員は何人ですか", "・定員：40人", "40人"),
        ("渡し舟は何時まで運航していますか", "・運航：毎日7時から18時", ""),
        ("渡し舟の連絡先はどこですか", "・連絡先：港湾係", ""),
        ("40人が定員の釣り大会の定員は何人ですか", "・定員：40人", ""),
    ],
    ids=["a sum", "a figure with the asked counter", "two hours", "no such token", "the question's own"],
)
def test_an_exact_answer_is_the_only_candidate_of_its_type(question: str, text: str, answer: str) -> None:
    query = QueryParser((), lambda _word: 1.0)(question, date(2026, 1, 1))
    passage = Passage("p", "d", "text", ("案内",), f"1日3円。{text}", (1,))
    units = (Unit(0, 5, 0.1), Unit(5, 5 + len(text), 0.9))
    assert extract_exact_answer(query, ScoredPassage(Hit(passage, 1.0), 0.9, units)) == answer


FERRY = "渡し船は1923年6月に町が始めた。初代の船長は山田太郎である。"
LIBRARY = "図書館は1987年に開館した。蔵書は12万冊で、館長は鈴木花子が務める。"
QUESTIONS = (
    question("started", "渡し船が始まったのはいつですか。", "1923年6月", "1923年"),
    question("captain", "渡し船の初代の船長は誰ですか。", "山田太郎"),
    question("books", "図書館の蔵書は何冊ですか。", "12万冊"),
    question("wrong", "図書館の館長は誰ですか。", "佐藤次郎"),
)


def write_set(folder: Path) -> Path:
    return write(folder, article("船", (FERRY, list(QUESTIONS[:2]))), article("本", (LIBRARY, list(QUESTIONS[2:]))))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CompletedProcess[str]]:
    """Measure the tiny set once; return the saved run and the ended command."""
    folder = tmp_path_factory.mktemp("reading")
    out = folder / "run"
    return out, evaluate_here("reading", "--squad", write_set(folder), "--out", out, "--json", folder=folder)


def test_the_figures_have_the_names_of_the_contract(measured: tuple[Path, CompletedProcess[str]]) -> None:
    assert measured[1].returncode == 0, measured[1].stderr
    output = json.loads(measured[1].stdout)
    assert output["n"] == 4
    assert output["passage_hit@1"] == 1
    assert output["passage_hit@5"] == 1
    assert output["contained"] == 0.75
    assert 0 <= output["em"] <= output["f1"] <= output["contained"]
    assert output["contained_se"] == pytest.approx(0.25)
    assert {"em_se", "f1_se"} <= output.keys()
    assert 0 < output["p50_ms"] <= output["p95_ms"]
    assert sum(half["n"] for half in output["halves"].values()) == 4


def test_the_saved_run_lists_each_answer_with_the_true_ones(measured: tuple[Path, CompletedProcess[str]]) -> None:
    run = load_ranked(measured[0])
    assert run.command == "reading"
    row = next(row for row in run.rows if row.id == "started")
    assert "1923年6月" in row.details["span"]
    assert row.details["span"] in row.details["answer"]
    assert len(row.details["answer"]) <= 120
    assert row.details["true"] == ["1923年6月", "1923年"]
    assert row.details["found"][0] == "0"


def test_a_half_and_a_number_of_questions_can_be_selected(tmp_path: Path) -> None:
    ended = evaluate_here(
        "reading", "--squad", write_set(tmp_path), "--limit", "1", "--half", "fit", "--json", folder=tmp_path
    )
    output = json.loads(ended.stdout)
    assert output["n"] == 1
    assert "halves" not in output


def test_an_invalid_file_exits_with_2(tmp_path: Path) -> None:
    (tmp_path / "set.json").write_text("[]", "utf-8")
    ended = evaluate_here("reading", "--squad", tmp_path / "set.json", folder=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("エラー:")
    assert ended.stdout == ""


def test_the_right_passage_counts_by_its_rank() -> None:
    asked = SquadQuestion("1", "いつ?", ("1923年",), 3)
    values = reading_metrics(["7", "3"], "3", "船は1923年から。", "1923年から", asked)
    assert values == {
        "passage_hit@1": 0,
        "passage_hit@5": 1,
        "contained": 1,
        "em": 0,
        "f1": pytest.approx(2 * 5 / 12),
    }
    assert reading_metrics(["1", "2", "4", "5", "6", "3"], "3", "", "", asked)["passage_hit@5"] == 0
