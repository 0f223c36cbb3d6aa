"""Repeated questions, and the statements of answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import UnknownPassageError
from eval.__main__ import main
from eval.errors import RefusedError
from eval.robustness import is_identical, is_same_answer, repeat_case
from eval.scoring.run_record import load_run
from eval.scoring.statement_support import check_support
from ingest.documents import Document, Passage
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


def test_each_statement_is_verified_against_its_cited_passages() -> None:
    passage = Passage("p", "plan", "text", ("計画", "目標"), "参加者の目標は1,500人です。会場は3か所です。", (1,))
    answer = make_answer("参加者の目標は1,500人です[1]。会場は5か所です[1]。") | {"question_understood": "目標は?"}
    answer["citations"] = [
        {"n": 1, "doc_id": "plan", "section": "目標", "passage_id": "p", "quote": "会場は3か所です。"}
    ]
    output = check_support(answer, {"p": passage}.__getitem__, [Document("plan", "計画", "plan.md")])
    assert [one["text"] for one in output] == ["参加者の目標は1,500人です。", "会場は5か所です。"]
    assert output[0]["wrong"] == []
    assert any("5か所" in reason for reason in output[1]["wrong"])


def test_sentences_of_the_service_are_not_statements() -> None:
    words = "会場は3か所です。\nどれも駅の近くです。"
    passage = Passage("p", "plan", "text", ("計画", "会場"), words, (1,))
    lead = "「計画」の「会場」にこうあります。"
    unsure = "確かではありません。"
    answer = make_answer(f"{unsure}\n\n{lead}\n{words}[1]") | {"question_understood": "会場は?"}
    answer["citations"] = [
        {"n": 1, "doc_id": "plan", "section": "会場", "passage_id": "p", "quote": "会場は3か所です。"}
    ]
    answer["blocks"] = [
        {"type": "text", "text": unsure},
        {"type": "excerpt", "n": 1, "lead": lead, "text": words, "highlight": [0, 9]},
    ]
    documents = [Document("plan", "計画", "plan.md")]
    output = check_support(answer, {"p": passage}.__getitem__, documents)
    assert [(one["text"], one["wrong"]) for one in output] == [("会場は3か所です。", []), ("どれも駅の近くです。", [])]
    answer["answer"] += "\n会場は4か所に増えます。"
    assert any(one["wrong"] for one in check_support(answer, {"p": passage}.__getitem__, documents))
    answer |= {"answer": "会場は4か所です。", "blocks": [{"type": "text", "text": "会場は4か所です。"}]}
    assert any(one["wrong"] for one in check_support(answer, {"p": passage}.__getitem__, documents))


def test_verbatim_words_of_a_document_are_supported() -> None:
    item = "・見学者 2名"
    body = (
        "委員15名中12名出席(欠席3名)\n・会長 桐谷 一郎(海辺短期大学 准教授)\n・副会長 浜野 二郎(港組合 会長)\n"
        f"・委員 磯部 三郎(灯台保護者会)、岬 四郎(渚保育園 園長)、ほか5名\n・事務局 港湾課 課長 湊、同 係長 汐\n{item}"
    )
    passage = Passage("p", "plan", "list", ("計画", "出席者"), body, (1,))

    def unsupported(words: str) -> list[Any]:
        lead = "「計画」の「出席者」にこうあります。"
        block = {"type": "excerpt", "n": 1, "lead": lead, "text": words, "highlight": [0, 3]}
        answer = make_answer(f"{lead}\n{words}[1]") | {"question_understood": "出席者は?", "blocks": [block]}
        answer["citations"] = [{"n": 1, "doc_id": "plan", "section": "出席者", "passage_id": "p", "quote": words}]
        found = check_support(answer, {"p": passage}.__getitem__, [Document("plan", "計画", "plan.md")])
        return [one["wrong"] for one in found]

    assert unsupported(item) == [[]]
    assert unsupported("・見学者 9名") != [[]]


def test_a_statement_with_a_missing_source_is_unsupported() -> None:
    """A curated answer may outlive its passage."""

    def gone(passage_id: str) -> Passage:
        raise UnknownPassageError(f"箇所「{passage_id}」は今の文書にはありません。")

    answer = make_answer()
    answer["citations"][0]["passage_id"] = "old"
    (output,) = check_support(answer, gone, [])
    assert output["wrong"] == ["箇所「old」は今の文書にはありません。"]


def test_an_answer_without_sources_has_no_statements() -> None:
    """A refusal has no faithfulness."""
    passages: dict[str, Passage] = {}
    assert check_support(make_answer("ありません。", "no_answer"), passages.__getitem__, []) == []


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
    """目標は? after 目標は? would lean on itself."""
    case = make_case(turns=["講座の人数は?", "目標は?"])
    again = repeat_case(["again"], lambda _: make_answer(), case, make_answer())["again"]
    assert [one["conversation"] for one in again] == ["new"]


def test_each_variant_is_asked_after_the_turns_before_it() -> None:
    """Only the last turn is put otherwise, and a variant that is refused has another answer."""

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
