"""Questions that a run repeats get the same answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.errors import RefusedError
from eval.robustness import is_identical, is_same_answer, repeat_case
from eval.scoring.run_record import load_run
from tests.eval.eval_command import ROOT
from tests.eval.examples import make_answer, make_case

CITY = ROOT / "tests" / "documents" / "minato"


def test_answers_with_equal_facts_and_passages_are_the_same() -> None:
    answer = make_answer("目標値は1,500人です[1]。")
    assert is_same_answer(answer, make_answer("お尋ねの目標値は1,500人です[1]。"))
    assert not is_identical(answer, make_answer("お尋ねの目標値は1,500人です[1]。"))
    assert not is_same_answer(answer, make_answer("目標値は1,655人です[1]。"))
    assert not is_same_answer(answer, make_answer(cite="other#節"))
    assert not is_same_answer(answer, make_answer(status="no_answer"))


def test_identical_answers_may_differ_only_in_ids_and_times() -> None:
    assert is_identical(make_answer(), make_answer() | {"answer_id": "b", "conversation_id": "d", "timings_ms": {}})


def test_a_question_is_repeated_in_the_same_and_in_a_new_conversation() -> None:
    answer = make_answer()
    other = make_answer("わかりません。", "no_answer")
    bodies: list[dict[str, Any]] = []

    def ask(body: dict[str, Any]) -> dict[str, Any]:
        bodies.append(body)
        return other if "conversation_id" in body else answer

    again = repeat_case(["again"], ask, make_case(), answer)["again"]
    assert again == [
        {"conversation": "new", "same": True},
        {"conversation": "same", "same": False, "status": "no_answer", "answer": "わかりません。"},
    ]
    assert [body.get("conversation_id") for body in bodies] == [None, "c"]


def test_a_follow_up_is_repeated_only_in_a_new_conversation() -> None:
    case = make_case(turns=["講座の人数は?", "目標は?"])
    again = repeat_case(["again"], lambda _: make_answer(), case, make_answer())["again"]
    assert [one["conversation"] for one in again] == ["new"]


def test_each_variant_is_asked_after_the_turns_before_it() -> None:
    def ask(body: dict[str, Any]) -> dict[str, Any]:
        if body["question"].startswith("すみません"):
            raise RefusedError("長すぎます。")
        return make_answer()

    case = make_case(turns=["講座の人数は?", "目標は?"])
    output = repeat_case(["variants"], ask, case, make_answer())["variants"]
    assert {one["question"]: one["same"] for one in output} == {
        "目標を教えてください。": True,
        "すみません、目標は?": False,
        "もくひょうは?": True,
        "目標は？": True,
    }


@pytest.mark.parametrize("more", [[], ["--robustness", "--twice"]])
def test_a_run_repeats_questions_only_on_request(
    more: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = make_case(
        turns=["第3次計画の期間は?"],
        must=[["令和7年度"]],
        cite=["minato-kotsu-3#1.4 計画の期間"],
        as_of="2026-06-01",
    )
    file = tmp_path / "cases.jsonl"
    file.write_text(case.model_dump_json(), "utf-8")
    out = tmp_path / "run"
    assert main(["run", "--cases", str(file), "--corpus", str(CITY), "--out", str(out), "--json", *more]) == 0
    output = json.loads(capsys.readouterr().out)
    assert (output["recall@10"], output["faithfulness"], output["rate"]) == (1, 1, 1), (
        load_run(out).rows[0].observations
    )
    assert ("robustness" in output) == bool(more)
    assert ("consistency" in output) == bool(more)
    (row,) = load_run(out).rows
    assert {"searched", "statements"} <= row.observations.keys()
