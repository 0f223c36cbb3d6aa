"""The office's own cases on disk and as a form, and the saved runs."""

from pathlib import Path

import pytest

from eval.dataset.case import Case, load_cases
from eval.errors import SetFileError
from eval.workbench.cases import CaseFiles, Written
from ingest.configuration.settings import Settings
from tests.conftest import ROOT
from tests.eval.examples import make_case


@pytest.fixture
def files(tmp_path: Path) -> CaseFiles:
    return CaseFiles(Settings(_env_file=None, data=tmp_path, corpus=ROOT / "corpus"))


def own(**changes: object) -> Case:
    return make_case(id="office-1", turns=["受講者の目標は?"], **changes)


def found(files: CaseFiles, case_id: str) -> Written:
    stored = files.find(case_id)
    assert stored is not None
    return stored


def test_a_new_case_is_appended_and_used_by_runs(files: CaseFiles) -> None:
    file = files.save(own(tags=("講座",)), based_on="")
    assert load_cases([file]) == (own(tags=("講座",)),)
    assert found(files, "office-1").set == "office"
    assert files.writes("office-1")
    by_hand = file.with_name("by-hand.jsonl")
    by_hand.touch()
    assert file.stat().st_mode == by_hand.stat().st_mode
    assert {one.name for one in file.parent.iterdir()} <= {file.name, by_hand.name, ".lock"}


def test_a_changed_case_replaces_its_line(files: CaseFiles) -> None:
    file = files.save(own(), based_on="")
    by_hand = '{"id": "by-hand",  "kind": "not_there", "turns": ["予算は?"], "behave": "abstain"}'
    file.write_text(f"{by_hand}\n{file.read_text('utf-8')}", "utf-8")
    files.save(own(note="直した"), found(files, "office-1").version)
    first, second = file.read_text("utf-8").splitlines()
    assert first == by_hand
    assert "直した" in second


def test_a_concurrent_change_of_a_case_is_not_overwritten(files: CaseFiles) -> None:
    files.save(own(), based_on="")
    opened = found(files, "office-1")
    files.save(own(note="先の人"), opened.version)
    with pytest.raises(SetFileError, match="ほかの人が変えました"):
        files.save(own(note="後の人"), opened.version)
    assert found(files, "office-1").case.note == "先の人"
