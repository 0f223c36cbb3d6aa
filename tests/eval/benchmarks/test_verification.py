"""Verification measured on scripted replies."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.verification.altered_answers import alter_text
from eval.benchmarks.verification.natural_replies import load_natural
from eval.benchmarks.verification.pairs import load_pairs
from eval.benchmarks.verification.scripted_replies import load_replies, reply_sets
from eval.errors import SetFileError

CASE = {
    "id": "a",
    "kind": "sum",
    "right": True,
    "written": "after",
    "question": "プラン2.0の期間は?",
    "passages": ["dx-action-plan-2.0#金沢市DXアクションプラン2.0の計画期間は"],
    "reply": "計画期間は4か年です[1]。",
}


def written(folder: Path, *cases: dict[str, object]) -> Path:
    """Return a file with these replies."""
    file = folder / "replies.jsonl"
    file.write_text("".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in cases), "utf-8")
    return file


def test_every_kind_of_error_has_five_replies() -> None:
    replies = [reply for one in reply_sets() for reply in load_replies(one.files)]
    wrong = [reply.kind for reply in replies if not reply.right]
    assert min(wrong.count(kind) for kind in set(wrong)) >= 5
    assert min(len(wrong), len(replies) - len(wrong)) >= 80


def test_figures_count_errors_caught_and_right_replies_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = written(
        tmp_path,
        CASE,
        CASE | {"id": "b", "reply": "計画期間は4か年です[1]。予算は3億円です[1]。"},
        CASE | {"id": "c", "right": False, "reply": "計画期間は5か年です[1]。"},
        CASE | {"id": "d", "right": False, "reply": "計画期間は4か年です[1]。", "wrong": "4か年"},
    )
    assert main(["verification", "--replies", str(file), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["caught"] == 0.5
    assert figures["caught_n"] == 2
    assert figures["wrongly_stopped"] == 0.5
    assert figures["wrongly_stopped_n"] == 2
    assert figures["by_kind"]["sum"]["wrongly_stopped_n"] == 2


def test_errors_are_caught_over_every_city(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verification", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert len(figures["by_set"]) == 7
    assert figures["caught"] >= 0.36
    assert figures["wrongly_stopped"] <= 0.06


NATURAL = {
    "id": "a",
    "set": "bulletins",
    "kind": "plain",
    "question": "定員は?",
    "passages": [
        {"title": "広報", "issuer": "青葉市", "published": "2025-07-01", "heading": "募集", "text": "定員は20人です。"},
        {"title": "広報", "issuer": "青葉市", "published": "2025-08-01", "heading": "催し", "text": "費用は無料です。"},
    ],
    "reply": [{"text": "定員は20人です。", "cites": [1], "quotes": ["定員は20人です"]}],
    "right": True,
}


def test_natural_replies_are_verified_against_their_passages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"right": False, "wrong": "30人", "wrong_sentence": 0, "kind": "number"}
    altered_reply = [{"text": "定員は30人です。", "cites": [1], "quotes": ["定員は20人です"]}]
    passing = [{"text": "定員は20人です。", "cites": [1], "quotes": ["定員は20人です"]}]
    file = written(
        tmp_path,
        NATURAL,
        NATURAL | wrong | {"id": "b", "reply": altered_reply},
        NATURAL | wrong | {"id": "c", "reply": passing},
    )
    assert main(["verification", "--replies", str(file), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["right_whole"] == 1.0
    assert figures["wrong_stopped"] == 0.5
    assert figures["wrong_sentence_stopped"] == 0.5
    assert figures["with_quotes"]["by_kind"]["number"]["wrong_stopped_n"] == 2


def test_pairs_are_verified_against_their_documents(tmp_path: Path) -> None:
    article = {"id": "a", "issue": "広報", "municipality": "青葉市", "date": "2025.07.01", "title": "募集"}
    documents = {
        "bulletins/articles.jsonl": article | {"body": "時間:10時半?12時"},
        "kiryu/speeches.jsonl": {"id": "s"},
        "pairs/pairs-1.jsonl": {
            "id": "p", "unit": "a", "question": "何時から?", "right": "10時からです。", "quote": ["10時半?12時"],
            "wrong": "12時からです。", "kind": "other_date", "false": "12時",
        },
        "pairs/pairs-2.jsonl": {"unit": "b"},
    }  # fmt: skip
    for name, line in documents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(line), "utf-8")
    right, wrong = load_pairs(tmp_path, tmp_path / "pairs")
    assert right.right is True
    assert right.reply[0].text == "10時からです。"
    assert wrong.right is False
    assert wrong.wrong == "12時"
    assert right.passages[0].as_source_text().has_quote(right.reply[0].quotes[0])


def test_the_error_for_an_invalid_natural_reply_names_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(SetFileError, match=r"replies\.jsonl:1"):
        load_natural([written(tmp_path, NATURAL | {"passages": []})])


@pytest.mark.parametrize(
    "case",
    [{"id": "a"}, CASE | {"kind": ""}, CASE | {"more": 1}],
    ids=["members missing", "an empty kind", "an unknown member"],
)
def test_the_error_for_an_invalid_line_names_file_and_line(tmp_path: Path, case: dict[str, object]) -> None:
    with pytest.raises(SetFileError, match=r"replies\.jsonl:1"):
        load_replies([written(tmp_path, case)])


def test_the_error_for_a_missing_passage_names_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path, CASE | {"passages": ["dx-action-plan-2.0#ない文"]})
    assert main(["verification", "--replies", str(file)]) == 2
    assert "ない文" in capsys.readouterr().err


def test_each_figure_date_and_name_of_an_answer_is_altered_in_turn() -> None:
    changes = list(alter_text("金沢市は2024年に40人を育成しました[1]。"))
    assert {change.kind for change in changes} == {"figure", "date", "name"}
    assert all(change.text.endswith("を育成しました[1]。") for change in changes)
    assert len({change.text for change in changes}) == len(changes)
