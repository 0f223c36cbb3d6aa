"""The office's own cases on disk."""

from pathlib import Path

import pytest

from eval.dataset.case import Case, load_cases
from eval.errors import CaseFileError
from eval.workbench.case_files import CaseFiles
from ingest.configuration.settings import Settings
from ingest.lifecycle.library import add_documents
from ingest.lifecycle.withdrawals import withdraw
from tests.conftest import ROOT, without_records
from tests.eval.examples import make_case


@pytest.fixture
def files(tmp_path: Path) -> CaseFiles:
    return CaseFiles(Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus"))


def own(**changes: object) -> Case:
    """Return a case that the office may write."""
    return make_case(id="office-1", turns=["受講者の目標は?"], **changes)


def test_a_new_case_is_a_line_that_the_runs_read(files: CaseFiles) -> None:
    """What was saved is what is loaded, and nothing of the installed package is touched."""
    file = files.save(own(tags=("講座",)), based_on="")
    assert load_cases([file]) == (own(tags=("講座",)),)
    found = files.find("office-1")
    assert found is not None
    assert (found.set, files.writes("office-1")) == ("office", True)


def test_a_changed_case_takes_the_place_of_its_line(files: CaseFiles) -> None:
    """Other lines stay as they are, to the letter."""
    file = files.save(own(), based_on="")
    by_hand = '{"id": "by-hand",  "kind": "not_there", "turns": ["予算は?"], "behave": "abstain"}'
    file.write_text(f"{by_hand}\n{file.read_text('utf-8')}", "utf-8")
    before = files.find("office-1")
    assert before is not None
    files.save(own(note="直した"), before.version)
    first, second = file.read_text("utf-8").splitlines()
    assert first == by_hand
    assert "直した" in second


def test_a_case_that_somebody_else_has_changed_is_not_typed_over(files: CaseFiles) -> None:
    """The second of two who opened the same case is told, and the first one's words stay."""
    files.save(own(), based_on="")
    opened = files.find("office-1")
    assert opened is not None
    files.save(own(note="先の人"), opened.version)
    with pytest.raises(CaseFileError, match="ほかの人が変えました"):
        files.save(own(note="後の人"), opened.version)
    kept = files.find("office-1")
    assert kept is not None
    assert kept.case.note == "先の人"


def test_an_id_that_is_taken_is_refused(files: CaseFiles) -> None:
    """Also where it is one of the product's own."""
    files.save(own(), based_on="")
    with pytest.raises(CaseFileError, match="もう使われています"):
        files.save(own(), based_on="")
    with pytest.raises(CaseFileError, match="もう使われています"):
        files.save(make_case(id="fact-measures-count"), based_on="")


def test_a_case_of_the_product_cannot_be_written(files: CaseFiles) -> None:
    """An installation may be replaced at any time."""
    found = files.find("fact-measures-count")
    assert found is not None
    assert not files.writes("fact-measures-count")
    with pytest.raises(CaseFileError, match="製品に付いてくる"):
        files.save(found.case, found.version)


def test_the_check_tells_what_is_wrong_before_anything_is_asked(corpus_data: Path) -> None:
    """A source that does not exist in the index in service, whatever the corpus folder holds."""
    files = CaseFiles(Settings(_env_file=None, data=corpus_data, corpus=ROOT / "tests" / "documents" / "minato"))
    problems = files.problems(own(cite=["dx-kaigi-r4-4#無い節"]), based_on="")
    assert any("無い節" in problem for problem in problems)
    right = make_case(id="office-2", kind="list", turns=["電子申請講座の受講者の目標値を教えて"])
    assert files.problems(right, based_on="") == []


def test_documents_are_those_in_service(corpus_data: Path, tmp_path: Path) -> None:
    """A document that was handed in may be cited; one that was withdrawn may not."""
    settings = Settings(_env_file=None, data=without_records(corpus_data, tmp_path / "data"), corpus=ROOT / "corpus")
    handed_in = tmp_path / "kaikan.md"
    handed_in.write_text("# 会館の利用案内\n\n## 休館日\n\n会館の休館日は毎週火曜日です。\n", "utf-8")
    add_documents(settings, [handed_in], {"id": "kaikan"})
    files, case = CaseFiles(settings), own(must=[["火曜日"]], cite=["kaikan#休館日"])
    assert files.problems(case, based_on="") == []
    withdraw(settings, ["kaikan"], "誤り", "安奈")
    assert any("kaikan" in problem for problem in files.problems(case, based_on=""))


def test_without_an_index_a_case_is_checked_alone(files: CaseFiles) -> None:
    """What needs no document to be seen is told all the same."""
    assert files.problems(own(), based_on="") == []
    assert files.problems(own(kind="fakt"), based_on="") != []


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b"])
def test_a_line_break_of_another_script_leaves_all_cases_whole(files: CaseFiles, mark: str) -> None:
    """Only a line feed ends a case; what else some programs take for the end of a line may stand in its words."""
    first = own(note=f"前{mark}後")
    file = files.save(first, based_on="")
    files.save(make_case(id="office-2", turns=["予算は?"]), based_on="")
    assert load_cases([file])[0] == first
    assert len(load_cases([file])) == 2


def test_the_file_is_readable_to_others_and_nothing_lies_beside_it(files: CaseFiles) -> None:
    """Whoever may read what the office writes by hand may read what the workbench writes."""
    file = files.save(own(), based_on="")
    by_hand = file.with_name("by-hand.jsonl")
    by_hand.touch()
    assert file.stat().st_mode == by_hand.stat().st_mode
    assert {one.name for one in file.parent.iterdir()} <= {file.name, by_hand.name, ".lock"}
