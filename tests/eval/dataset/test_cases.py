"""Cases and their files."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from eval.dataset.case import load_cases
from eval.dataset.sets import CASES as CASES_FOLDER
from eval.dataset.sets import CaseSet, project_sets
from eval.errors import SetFileError

FILES = sorted({file for one in project_sets() if one.is_in_our_format for file in one.files})
CASES = load_cases(FILES)


@pytest.mark.parametrize("asked", [one for one in project_sets() if one.is_in_our_format], ids=lambda one: one.name)
def test_each_set_has_answerable_and_unanswerable_questions(asked: CaseSet) -> None:
    behaves = Counter(case.behave for case in load_cases(asked.files) if case.kind != "several")
    assert behaves["answer"] > behaves["abstain"] >= behaves["answer"] / 4


def test_every_kind_has_five_cases_or_more() -> None:
    assert min(Counter(case.kind for case in CASES).values()) >= 5


def test_half_of_250_questions_are_by_independent_writers() -> None:
    by_others = [case for file in FILES if file.parent != CASES_FOLDER for case in load_cases([file])]
    assert len(CASES) >= 250
    assert len(by_others) >= 125


GOOD = {
    "id": "a",
    "kind": "fact",
    "turns": ["いつまで?"],
    "must": [["4か年"]],
    "cite": ["plan#期間"],
    "behave": "answer",
}


def write(folder: Path, *lines: dict[str, Any] | str) -> Path:
    file = folder / "cases.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines]
    file.write_text("\n".join(texts), "utf-8")
    return file


def test_a_case_is_loaded_with_all_its_fields(tmp_path: Path) -> None:
    output = {"must_not": ["3か年"], "as_of": "2024-06-01", "style": "easy", "audience": "staff"}
    origin = {"tags": ["期間"], "priority": 1, "provenance": "from-feedback"}
    given = GOOD | output | origin
    full, short = load_cases([write(tmp_path, given, GOOD | {"id": "b"})])
    assert json.loads(full.model_dump_json(exclude_defaults=True)) == given
    assert (short.audience, short.tags, short.priority, short.provenance) == ("citizen", (), 2, "written")


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    cases = load_cases([write(tmp_path, GOOD, "", GOOD | {"id": "b"}, " ")])
    assert [case.id for case in cases] == ["a", "b"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "b",', "JSON として読めません"),
        ("[1]", "形が違います"),
        ({k: v for k, v in GOOD.items() if k != "turns"}, "発言（turns）がありません"),
        (GOOD | {"turns": []}, "発言（turns）が空です"),
        (GOOD | {"must": [[]]}, "必要な言葉（must） 0 が空です"),
        (GOOD | {"must": ["4か年"]}, "必要な言葉（must） 0 は配列にしてください"),
        (GOOD | {"behave": "refuse"}, "ふるまい（behave）の値は決められた言葉"),
        (GOOD | {"musts": []}, "musts という項目は知りません"),
        (GOOD | {"cite": ["期間"]}, "出典（cite） 0 は「文書ID#節」"),
        (GOOD | {"as_of": "2024-13-01"}, "いつの時点か（as_of）は YYYY-MM-DD"),
        (GOOD | {"priority": 4}, "優先度（priority）の値は決められた言葉"),
        (GOOD | {"provenance": "somewhere"}, "どこから来たか（provenance）の値は決められた言葉"),
        (GOOD | {"tags": "期間"}, "タグ（tags）は配列にしてください"),
        (GOOD | {"must": []}, "必要な言葉（must）と出典（cite）が要ります"),
        (
            GOOD | {"behave": "abstain"},
            "ふるまい（behave）が「答えない」の問いには、必要な言葉（must）と出典（cite）は書けません",
        ),
    ],
)
def test_the_error_for_an_invalid_case_names_file_and_line(
    tmp_path: Path, line: dict[str, Any] | str, says: str
) -> None:
    file = write(tmp_path, GOOD, line)
    with pytest.raises(SetFileError) as error:
        load_cases([file])
    assert str(error.value).startswith(f"{file}:2: ")
    assert says in str(error.value)


def test_an_id_may_occur_once_over_all_files(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with pytest.raises(SetFileError, match=r"other/cases\.jsonl:1: id「a」は2回目"):
        load_cases([write(tmp_path, GOOD), write(other, GOOD)])


def test_no_case_at_all_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SetFileError, match="1つもありません"):
        load_cases([write(tmp_path, "")])


def test_the_error_for_an_unreadable_case_file_names_it(tmp_path: Path) -> None:
    shift_jis = tmp_path / "sjis.jsonl"
    shift_jis.write_bytes("質問".encode("shift_jis"))
    for file in (tmp_path / "none.jsonl", shift_jis):
        with pytest.raises(SetFileError, match=rf"{file.name}: 読めません.*UTF-8"):
            load_cases([file])
