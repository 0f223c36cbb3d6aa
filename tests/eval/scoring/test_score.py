"""Scores of answers, what no answer may have, and rows as they are stored."""

from pathlib import Path
from typing import Any

import pytest

from eval.errors import RunFolderError
from eval.scoring.run_record import RunRow, load_run, save_run
from eval.scoring.score import failed_score, score_answer
from tests.eval.examples import CITE, make_answer, make_case, make_row, make_run

WRONG = "目標値は1,655人、実績は1,500人です[1]。"


@pytest.mark.parametrize(
    ("case", "answer", "expected"),
    [
        ({}, {}, ()),
        ({}, {"status": "partial"}, ()),
        ({"must": [["千五百人", "1,500人"]]}, {}, ()),
        ({"must": [["1,500人"], ["令和4年度", "2023年3月"]]}, {}, ("「令和4年度」「2023年3月」のどれも無い",)),
        ({"must_not": ["目標値は1,655人"]}, {"text": WRONG}, ("「目標値は1,655人」がある",)),
        ({"cite": ["other#節", CITE]}, {}, ()),
        ({}, {"cite": "dx-kaigi-r4-4#KPI達成状況（市民サービスの向上）"}, ()),
        ({}, {"cite": "dx-kaigi-r4-4#節"}, ("出典が違う(回答の出典: dx-kaigi-r4-4#節)",)),
        ({}, {"cite": "other#KPI達成状況"}, ("出典が違う(回答の出典: other#KPI達成状況)",)),
        (
            {"behave": "abstain", "must_not": ["億円"]},
            {"text": "予算は3億円ですが、文書にはありません。", "status": "no_answer"},
            ("「億円」がある",),
        ),
    ],
)
def test_an_answer_passes_with_every_fact_nothing_forbidden_and_an_accepted_source(
    case: dict[str, Any], answer: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert score_answer(make_case(**case), make_answer(**answer)).reasons == expected


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


TARGET = "目標値は1,500人です[1]。"


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
    (reason,) = score_answer(make_case(), make_answer(text)).reasons
    assert message in reason


@pytest.mark.parametrize("text", [TARGET, f"{TARGET}お問い合わせは076-220-2111へ。", f"{TARGET}x < y です。"])
def test_allowed_contents_are_no_violations(text: str) -> None:
    assert score_answer(make_case(), make_answer(text)).passed


def test_a_run_is_loaded_as_it_was_saved(tmp_path: Path) -> None:
    refused = RunRow(make_case(id="b", as_of="2024-06-01"), None, failed_score("HTTP 422"), "own")
    run = make_run(make_row("a", passed=True), refused)
    save_run(tmp_path / "new" / "run", run)
    assert load_run(tmp_path / "new" / "run") == run


def test_the_error_for_a_folder_without_a_readable_run_names_it(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=rf"{tmp_path.name}.*--out"):
        load_run(tmp_path)
    save_run(tmp_path, make_run(make_row("a", passed=True)))
    rows = tmp_path / "rows.jsonl"
    rows.write_text(rows.read_text("utf-8")[:-20], "utf-8")
    with pytest.raises(RunFolderError, match="読めません"):
        load_run(tmp_path)


def test_the_error_for_an_unwritable_folder_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(RunFolderError, match=r"別のフォルダーに.*--out"):
        save_run(tmp_path / "file" / "run", make_run())
