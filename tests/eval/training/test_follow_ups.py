"""Follow-up conversations, training of the model, and its measurement."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from eval.training.follow_up_training import WRITTEN, load_conversations, make_follow_ups
from tests.eval.eval_command import evaluate_here

# PyTorch takes a second to import, which every worker would pay that collects the tests.
# ruff: noqa: PLC0415

ARTICLES = (
    ("a1", "灯台の見学会", "灯台の見学会を開きます。\n日時: 6月1日\n参加費: 300円"),
    ("a2", "潮だまり観察会", "磯の潮だまりで生き物を観察します。\n日時: 6月8日\n参加費: 無料"),
)
CONVERSATION = {
    "id": "c1",
    "turns": [
        {
            "text": "灯台の見学会はいつですか",
            "whole": "灯台の見学会はいつですか",
            "kind": "first",
            "answer": "6月1日",
            "doc": "a1",
        },
        {
            "text": "いくらかかりますか",
            "whole": "灯台の見学会はいくらかかりますか",
            "kind": "about",
            "carried": ["灯台の見学会"],
            "answer": "300円",
            "doc": "a1",
        },
        {
            "text": "潮だまり観察会だと?",
            "whole": "潮だまり観察会はいくらかかりますか",
            "kind": "swap",
            "carried": ["いくらかかりますか"],
            "replaced": "灯台の見学会",
            "by": "潮だまり観察会",
            "answer": "無料",
            "doc": "a2",
        },
        {
            "text": "港の朝市は何時からですか",
            "whole": "港の朝市は何時からですか",
            "kind": "alone",
            "answer": "",
            "doc": "",
        },
    ],
}


def lines(file: Path, *values: dict[str, Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values), "utf-8")
    return file


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    """Return a folder of public sets that has two articles, with an empty corpus beside it."""
    folder = tmp_path / "data"
    about = {"issue": "潮だより6月号", "municipality": "汐見町", "date": "2026.06.01"}
    lines(
        folder / "bulletins" / "articles.jsonl",
        *({"id": name, "title": title, "body": body, **about} for name, title, body in ARTICLES),
    )
    lines(folder / "kiryu" / "speeches.jsonl")
    lines(tmp_path / "corpus" / "manifest.toml")
    return folder


def test_annotated_parts_occur_in_their_conversation() -> None:
    asked = load_conversations(WRITTEN)
    assert {one.kind for one in asked} == {"about", "swap", "alone"}
    for one in asked:
        assert all(run in one.previous_question for run in (*one.carried, one.replaced)), one
        assert one.replacement in one.text


def test_follow_ups_are_generated_from_questions_with_a_common_start() -> None:
    asked = [("a", "灯台の見学会の参加費はいくらですか"), ("a", "灯台の見学会の集合は何時ですか")]
    asked += [("b", "観察会の参加費は大人はいくらですか"), ("b", "観察会の参加費は中学生はいくらですか")]
    found = {(one.kind, one.text, *one.carried, one.replaced) for one in make_follow_ups(asked, ["だと?"], Random(0))}
    assert ("about", "集合は何時ですか", "灯台の見学会", "") in found
    assert ("swap", "中学生だと?", "大人") in found


def test_a_served_model_gives_the_logits_of_training(tmp_path: Path) -> None:
    import torch

    from bot.conversation.follow_up_model import FollowUpModel as Served
    from eval.training.follow_up_model import (
        TrainableFollowUpModel,
        export_followup_model,
        make_followup_inputs,
    )
    from eval.training.follow_up_training import make_sample, pack_samples, train_followup_model

    asked = load_conversations([lines(tmp_path / "one.jsonl", CONVERSATION)])
    alone = [("a", "灯台の見学会の参加費はいくらですか"), ("a", "灯台の見学会の集合は何時ですか")]
    alone += [("b", "観察会の参加費は大人はいくらですか"), ("b", "観察会の参加費は中学生はいくらですか")]
    state, parts = train_followup_model(asked, alone, steps=2)
    net = TrainableFollowUpModel(len(parts), 0.0)
    net.load_state_dict(state)
    with torch.no_grad():
        kinds, of_before, of_text = net.eval()(*make_followup_inputs(pack_samples([make_sample(asked[1])], parts)))
    output = Served(export_followup_model(state, parts)).logits(asked[1].text, asked[1].previous_question)
    assert output[0] == pytest.approx(kinds[0].numpy(), abs=1e-2)
    assert output[1] == pytest.approx(of_before[0, 1:].numpy(), abs=1e-2)
    assert output[2] == pytest.approx(of_text[0].numpy(), abs=1e-2)


def test_conversations_are_measured_by_kind(tmp_path: Path, shared: Path) -> None:
    file = lines(tmp_path / "conversations.jsonl", CONVERSATION)
    done = evaluate_here("follow-ups", "--conversations", file, "--shared", shared, "--json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    output = json.loads(done.stdout)
    assert output["n"] == 3
    assert output["about_carried"] == 1
    assert output["swap_document@1"] == 1
    assert output["alone_kept"] == 1
    assert {"about_known_se", "about_document@3_whole", "swap_document@3_text"} <= output.keys()


@pytest.mark.parametrize("conversation", [{"id": "c1"}, {"id": "c1", "turns": [{}, {}]}])
def test_an_invalid_conversation_is_an_error(tmp_path: Path, conversation: dict[str, Any]) -> None:
    file = lines(tmp_path / "broken.jsonl", conversation)
    done = evaluate_here("follow-ups", "--conversations", file, "--shared", tmp_path, folder=tmp_path)
    assert done.returncode == 2
    assert "broken.jsonl" in done.stderr
