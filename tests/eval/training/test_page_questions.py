"""Training questions from tables and pages, and their right passages."""

from typing import Any

import pytest

from eval.dataset.sets import ROOT
from eval.storage.numbered_lines import read_json_lines
from eval.training.pdf_tasks import document_names, name_documents, row_questions, written_questions
from eval.training.tasks import TrainingQuestion, read_written_questions
from ingest.documents import Cell, Passage


def row(number: int, caption: str, *cells: tuple[str, str]) -> Passage:
    text = "\n".join(f"{column}: {value}" for column, value in cells)
    output = tuple(Cell(column, value) for column, value in cells)
    return Passage(f"d#{number}", "d", "row", (caption,), text, (number,), page=1, cells=output)


FERRIES = [
    row(1, "渡し舟の便", ("航路", "入り江線"), ("便数", "12便"), ("運賃", "230円")),
    row(2, "渡し舟の便", ("航路", "岬めぐり線"), ("便数", "4便"), ("運賃", "560円")),
]
HALLS = [
    row(3, "集会所の広さ", ("集会所", "南の丘会館"), ("定員", "40人"), ("面積", "12平方メートル")),
    row(4, "集会所の広さ", ("集会所", "北の丘会館"), ("定員", "60人"), ("面積", "85平方メートル")),
]


@pytest.fixture(scope="module")
def made() -> list[TrainingQuestion]:
    return list(row_questions([*FERRIES, *HALLS]))


def test_only_the_requested_row_is_right(made: list[TrainingQuestion]) -> None:
    asked = [question for question in made if question.grade]
    assert len(asked) > 1
    for question in asked:
        right = [passage for passage in (*FERRIES, *HALLS) if question.grade and question.grade(passage) == 1]
        assert len(right) == 1
        assert question.must[0][0] in right[0].text
        assert question.answers
        assert question.answers(right[0].text)


def test_a_label_with_a_foreign_column_is_unanswerable(made: list[TrainingQuestion]) -> None:
    declined = [question.text for question in made if question.grade is None]
    assert declined
    for text in declined:
        assert not any(passage.cells[0].value in text and any(c.column in text for c in passage.cells[1:])
                       for passage in (*FERRIES, *HALLS))  # fmt: skip


def test_a_written_question_is_answered_by_its_source_row() -> None:
    lines: list[dict[str, Any]] = [
        {"id": "1", "file": "f.pdf", "page": 1, "question": "南の丘会館の面積は?", "answers": ["12"],
         "sentence": "南の丘会館 | 12平方メートル", "behave": "answer"},
        {"id": "2", "file": None, "page": None, "near": "f.pdf#1", "question": "南の丘会館の使用料は?", "answers": [],
         "sentence": "", "behave": "abstain"},
    ]  # fmt: skip
    asked, declined = written_questions(lines, {"f.pdf": "d"}, [*FERRIES, *HALLS])
    assert asked.grade
    assert [asked.grade(passage) == 1 for passage in (*FERRIES, *HALLS)] == [False, False, True, False]
    assert declined.grade is None
    assert declined.group == asked.group


def test_half_of_the_questions_name_their_document(made: list[TrainingQuestion]) -> None:
    titles = {question.group: "渡し舟と集会所に関する手引き（案）" for question in made}
    output = list(name_documents(made, titles))
    named = [one.text != other.text for one, other in zip(output, made, strict=True)]
    assert 0 < sum(named) < len(named)
    assert [one.text for one in name_documents(made, titles)] == [one.text for one in output]
    assert all(one.text.endswith(other.text) for one, other in zip(output, made, strict=True))
    assert [one.grade for one in output] == [other.grade for other in made]
    assert list(name_documents(made, {})) == made


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("渡し舟の安全に関する手引書（案）", ("渡し舟の安全に関する手引書", "渡し舟の安全")),
        ("集会所調査 結果の概要", ("集会所調査",)),
        ("見晴らし台の利用について", ("見晴らし台の利用",)),
        ("", ()),
    ],
)
def test_parts_of_a_title_name_the_document(title: str, names: tuple[str, ...]) -> None:
    assert document_names(title) == names


def test_held_out_files_are_not_used_for_training() -> None:
    unread = {line["file"] for line in read_json_lines(ROOT / "eval" / "pages" / "unread.jsonl")}
    assert not unread & {(line["file"] or line["near"]).split("#")[0] for line in read_written_questions("pages")}
