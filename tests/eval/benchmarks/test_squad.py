"""Loading of sets in SQuAD format."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.benchmarks.reading import SquadContext, load_squad, sample_evenly
from eval.errors import SetFileError


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
