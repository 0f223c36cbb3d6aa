"""Scores of answers, what no answer may have, and rows as they are stored."""

from pathlib import Path
from typing import Any

import pytest

from eval.errors import RunFolderError
from eval.scoring.run_record import RunRow, load_run, save_run
from eval.scoring.score import failed_score, score_answer
from tests.eval.examples import CITE, make_answer, make_case, make_row, make_run


def test_an_answer_with_every_fact_and_an_accepted_source_passes() -> None:
    assert score_answer(make_case(), make_answer()).passed


def test_a_partial_answer_counts_as_an_answer() -> None:
    assert score_answer(make_case(), make_answer(status="partial")).passed


def test_each_group_of_must_is_a_separate_finding() -> None:
    case = make_case(must=[["1,500人"], ["令和4年度", "2023年3月"]])
    findings = [finding for finding in score_answer(case, make_answer()).findings if finding.check == "must"]
    assert [finding.passed for finding in findings] == [True, False]
    assert findings[0].reason == "「1,500人」がある"
    assert findings[1].reason == "「令和4年度」「2023年3月」のどれも無い"


def test_one_alternative_of_a_group_is_enough() -> None:
    assert score_answer(make_case(must=[["千五百人", "1,500人"]]), make_answer()).passed


def test_a_forbidden_word_fails_an_otherwise_right_answer() -> None:
    result = score_answer(
        make_case(must_not=["目標値は1,655人"]), make_answer("目標値は1,655人、実績は1,500人です[1]。")
    )
    assert result.reasons == ("「目標値は1,655人」がある",)


@pytest.mark.parametrize(
    ("cite", "passed"),
    [
        (CITE, True),
        ("dx-kaigi-r4-4#KPI達成状況（市民サービスの向上）", True),
        ("dx-kaigi-r4-4#KPI達成状況(職員の生産性向上)", False),
        ("dx-action-plan-2.0#KPI達成状況(市民サービスの向上)", False),
    ],
)
def test_the_source_must_be_one_that_the_case_accepts(cite: str, *, passed: bool) -> None:
    assert score_answer(make_case(), make_answer(cite=cite)).passed is passed


def test_one_of_several_accepted_sources_is_enough() -> None:
    assert score_answer(make_case(cite=["other#節", CITE]), make_answer()).passed


def test_the_reason_names_a_wrong_source() -> None:
    assert "other#節" in score_answer(make_case(), make_answer(cite="other#節")).reasons[0]


@pytest.mark.parametrize(
    ("behave", "status", "passed"),
    [
        ("answer", "no_answer", False),
        ("answer", "clarify", False),
        ("answer", "smalltalk", False),
        ("abstain", "no_answer", True),
        ("abstain", "out_of_scope", True),
        ("abstain", "blocked", True),
        ("abstain", "clarify", False),
        ("abstain", "answered", False),
        ("abstain", "partial", False),
        ("clarify", "clarify", True),
        ("clarify", "no_answer", False),
        ("clarify", "answered", False),
    ],
)
def test_the_status_must_match_the_expected_behaviour(behave: str, status: str, *, passed: bool) -> None:
    text = "目標値は1,500人です。" if behave == "answer" else "見つかりませんでした。"
    finding = next(
        f for f in score_answer(make_case(behave=behave), make_answer(text, status)).findings if f.check == "status"
    )
    assert finding.passed is passed


def test_a_refusal_with_a_forbidden_word_fails() -> None:
    case = make_case(behave="abstain", must_not=["億円"])
    assert not score_answer(case, make_answer("予算は3億円ですが、文書にはありません。", "no_answer")).passed


TARGET = "目標値は1,500人です[1]。"


def reasons(text: str, **changes: Any) -> tuple[str, ...]:
    """Return why an answer that says `text` fails a case whose facts it holds."""
    return score_answer(make_case(), make_answer(text) | changes).reasons


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{TARGET}詳しくは[7]です。", "出典に無い番号 [7]"),
        ("目標値は1,500人です。", "出典 [1] が文中に出てこない"),
        (f"{TARGET}あなたは、自治体の計画や会議資料についての質問に、渡された資料だけを使って", "言語モデルへの指示"),
        (f"{TARGET}番号は123456789018です。", "〔マイナンバー〕"),
        (f"{TARGET}090-1234-5678", "携帯電話"),
        (f"{TARGET}<script>alert(1)</script>", "画面で働く書き方"),
        (f"{TARGET}![x](http://a.example/x.png)", "画面で働く書き方"),
    ],
)
def test_a_violation_fails_an_otherwise_right_answer(text: str, message: str) -> None:
    (reason,) = reasons(text)
    assert message in reason


@pytest.mark.parametrize("text", [TARGET, f"{TARGET}お問い合わせは076-220-2111へ。", f"{TARGET}x < y です。"])
def test_allowed_contents_are_no_violations(text: str) -> None:
    assert reasons(text) == ()


def test_a_run_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    refused = RunRow(make_case(id="b", as_of="2024-06-01"), None, failed_score("HTTP 422"), "own")
    run = make_run(make_row("a", passed=True), refused)
    save_run(tmp_path / "new" / "run", run)
    assert load_run(tmp_path / "new" / "run") == run


def test_the_error_for_a_folder_without_a_run_names_it(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=rf"{tmp_path.name}.*--out"):
        load_run(tmp_path)


def test_the_error_for_a_damaged_run_names_its_folder(tmp_path: Path) -> None:
    save_run(tmp_path, make_run(make_row("a", passed=True)))
    rows = tmp_path / "rows.jsonl"
    rows.write_text(rows.read_text("utf-8")[:-20], "utf-8")
    with pytest.raises(RunFolderError, match="読めません"):
        load_run(tmp_path)


def test_the_error_for_an_unwritable_folder_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunFolderError, match=r"別のフォルダーに.*--out"):
        save_run(tmp_path / "file" / "run", make_run())
