"""The office's own cases on disk and as a form, and the saved runs."""

from pathlib import Path

import pytest

from bot.errors import UnknownAnswerError
from bot.http.form_fields import Fields
from eval.dataset.case import Case, load_cases
from eval.errors import SetFileError
from eval.workbench.bench import open_bench
from eval.workbench.cases import CaseFiles, Written, case_from_form, form_values, survives_form
from eval.workbench.saved_runs import SavedRuns
from eval.workbench.tabs.cases_tab import propose_case
from ingest.configuration.settings import Settings
from ingest.lifecycle.library import add_documents
from ingest.metadata.document_states import withdraw
from tests.bot.fixed_service import StandIn
from tests.conftest import ROOT, without_records
from tests.eval.examples import make_case, make_row
from tests.eval.workbench.workbench_server import save_rows


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


def test_a_used_id_is_refused_and_a_case_of_the_product_cannot_be_changed(files: CaseFiles) -> None:
    files.save(own(), based_on="")
    for case in (own(), make_case(id="fact-measures-count")):
        with pytest.raises(SetFileError, match="もう使われています"):
            files.save(case, based_on="")
    of_product = found(files, "fact-measures-count")
    assert not files.writes("fact-measures-count")
    with pytest.raises(SetFileError, match="製品に付いてくる"):
        files.save(of_product.case, of_product.version)


def test_a_case_is_checked_before_it_is_run(corpus_data: Path) -> None:
    files = CaseFiles(Settings(_env_file=None, data=corpus_data, corpus=ROOT / "tests" / "documents" / "minato"))
    problems = files.problems(own(cite=["dx-kaigi-r4-4#無い節"]), based_on="")
    assert any("無い節" in problem for problem in problems)
    right = make_case(id="office-2", kind="list", turns=["電子申請講座の受講者の目標値を教えて"])
    assert files.problems(right, based_on="") == []


def test_a_case_can_cite_documents_of_the_current_index(corpus_data: Path, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=without_records(corpus_data, tmp_path / "data"), corpus=ROOT / "corpus")
    handed_in = tmp_path / "kaikan.md"
    handed_in.write_text("# 会館の利用案内\n\n## 休館日\n\n会館の休館日は毎週火曜日です。\n", "utf-8")
    add_documents(settings, [handed_in], {"id": "kaikan"})
    files = CaseFiles(settings)
    case = own(must=[["火曜日"]], cite=["kaikan#休館日"])
    assert files.problems(case, based_on="") == []
    withdraw(settings, ["kaikan"], "誤り", "安奈")
    assert any("kaikan" in problem for problem in files.problems(case, based_on=""))


def test_a_case_is_checked_without_an_index(files: CaseFiles) -> None:
    assert files.problems(own(), based_on="") == []
    assert files.problems(own(kind="fakt"), based_on="") != []


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\x0b"])
def test_only_a_line_feed_ends_a_case(files: CaseFiles, mark: str) -> None:
    first = own(note=f"前{mark}後")
    file = files.save(first, based_on="")
    files.save(make_case(id="office-2", turns=["予算は?"]), based_on="")
    assert load_cases([file])[0] == first
    assert len(load_cases([file])) == 2


def test_a_question_of_two_lines_stays_one_turn() -> None:
    known = {"id": "asked-1", "kind": "vague", "turns": ["子育て\n支援は?", "いつから?"], "behave": "clarify"}
    assert case_from_form(Fields(form_values(known).items())).turns == ("子育て 支援は?", "いつから?")


def test_a_case_that_the_form_would_change_does_not_fit() -> None:
    assert survives_form(make_case(note="覚え"))
    assert not survives_form(make_case(turns=["子育て\n支援は?"]))
    assert not survives_form(make_case(must=[["A|B"]]))


def test_a_conversation_without_a_question_is_an_error(tmp_path: Path) -> None:
    service = StandIn()
    service.told_in["empty"] = []
    bench = open_bench(service, Settings(_env_file=None, data=tmp_path))
    with pytest.raises(UnknownAnswerError, match="まだ質問がありません"):
        propose_case(bench, Fields([("conversation", "empty"), ("answer", "a")]))


@pytest.mark.parametrize("figures", ["[]", "[1]", "1", "null", '{"n": 1}', "{"])
def test_a_run_with_broken_figures_is_left_out_of_the_list(tmp_path: Path, figures: str) -> None:
    save_rows(tmp_path, "whole", make_row("a", passed=True))
    save_rows(tmp_path, "broken", make_row("a", passed=True))
    (tmp_path / "eval" / "broken" / "figures.json").write_text(figures, "utf-8")
    assert [run.name for run in SavedRuns(Settings(_env_file=None, data=tmp_path)).all()] == ["whole"]
