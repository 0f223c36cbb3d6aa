from pathlib import Path

import pytest
from openpyxl import load_workbook

from eval.dataset.case import Case, load_cases
from eval.dataset.case_tables import read_cases, write_cases
from eval.dataset.sets import project_sets
from eval.errors import SetFileError
from eval.workbench.case_upload import read_upload, save_upload
from ingest.configuration.settings import Settings
from tests.conftest import ROOT
from tests.eval.examples import make_case

ODD = {
    "turns": ["一行目\n二行目", "=1+1"],
    "must": [["a | b", "c"], ["10,000件", "1万件"]],
    "note": "'=x",
    "tags": ["講座"],
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus")


def own(case_id: str = "office-1", **changes: object) -> Case:
    return make_case(id=case_id, turns=[f"{case_id}の受講者の目標は?"], **changes)


def save(settings: Settings, *cases: Case, removes: bool = False) -> tuple[Case, ...]:
    save_upload(read_upload(write_cases(cases, ".jsonl"), settings, removes=removes), settings)
    files = sorted((settings.data / "cases").glob("*.jsonl"))
    return load_cases(files) if files else ()


@pytest.mark.parametrize("suffix", [".xlsx", ".jsonl"])
@pytest.mark.parametrize("case", [own(), make_case(**ODD, as_of="2026-04-01", priority=1), own(behave="abstain")])
def test_a_case_survives_a_table(case: Case, suffix: str) -> None:
    assert [row.case for row in read_cases(write_cases([case], suffix), suffix)] == [case]


def test_a_text_in_a_sheet_is_never_a_formula(tmp_path: Path) -> None:
    file = tmp_path / "cases.xlsx"
    file.write_bytes(write_cases([make_case(turns=["=1+1"])], ".xlsx"))
    types = {cell.data_type for row in load_workbook(file).worksheets[0].iter_rows() for cell in row}
    assert "f" not in types


def test_cases_are_added_replaced_and_kept(settings: Settings) -> None:
    assert save(settings, own("a"), own("b")) == (own("a"), own("b"))
    assert save(settings, own("b", note="直した"), own("c")) == (own("a"), own("b", note="直した"), own("c"))


def test_cases_that_a_table_lacks_are_removed_only_on_request(settings: Settings) -> None:
    save(settings, own("a"), own("b"))
    assert save(settings, own("a"), removes=True) == (own("a"),)
    assert save(settings, own("c"), removes=True) == (own("c"),)


def test_a_concurrent_change_is_not_overwritten(settings: Settings) -> None:
    late = read_upload(write_cases([own("a", note="後の人")], ".jsonl"), settings, removes=False)
    save(settings, own("a", note="先の人"))
    with pytest.raises(SetFileError, match="ほかの人が問いを変えました"):
        save_upload(late, settings)


def test_each_problem_names_its_row_and_nothing_is_saved(settings: Settings) -> None:
    of_product = next(case for one in project_sets() if one.name == "kanazawa" for case in one.read_cases())
    lines = [own("a").model_dump_json(), own("a").model_dump_json(), "{", '{"id": "x"}']
    lines.append(of_product.model_copy(update={"note": "変えた"}).model_dump_json())
    upload = read_upload("\n".join(lines).encode(), settings, removes=False)
    assert {number: text[:12] for number, text in upload.errors.items()} == {
        2: "id「a」は1行目にもあ",
        3: "JSON として読めませ",
        4: "種類（kind）がありま",
        5: "製品に付いてくる問いは書",
    }
    with pytest.raises(SetFileError, match="保存できる変更がありません"):
        save_upload(upload, settings)


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xff\xfe", write_cases([], ".xlsx")[:200]])
def test_a_file_that_is_no_table_is_refused(content: bytes, settings: Settings) -> None:
    with pytest.raises(SetFileError):
        read_upload(content, settings, removes=False)
