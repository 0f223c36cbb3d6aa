"""Verification measured on replies and pairs."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.benchmarks.verification import load_natural, load_pairs
from eval.errors import SetFileError


def written(folder: Path, *cases: dict[str, object]) -> Path:
    """Return a file with these replies."""
    file = folder / "replies.jsonl"
    file.write_text("".join(f"{json.dumps(case, ensure_ascii=False)}\n" for case in cases), "utf-8")
    return file


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
