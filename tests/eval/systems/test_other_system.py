"""Other systems with an OpenAI-compatible API."""

import json
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.scoring.run_record import load_run
from eval.systems.other_system import infer_status
from tests.eval.answering_server import answering_server
from tests.eval.examples import make_case


def completion(text: str) -> dict[str, Any]:
    """Return a chat completion that says `text`."""
    return {"choices": [{"message": {"role": "assistant", "content": text}}], "usage": {"total_tokens": 7}}


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Return a file with a conversation to be answered, and a question to be declined."""
    file = tmp_path / "cases.jsonl"
    both = (
        make_case(turns=["講座の実績は?", "目標は?"], as_of="2026-06-01"),
        make_case(id="budget", kind="not_there", turns=["予算は?"], behave="abstain"),
    )
    file.write_text("\n".join(case.model_dump_json() for case in both), "utf-8")
    return file


def say(body: dict[str, Any]) -> dict[str, Any]:
    """Answer about the target, and decline the budget."""
    last = body["messages"][-1]["content"]
    return completion("予算については資料に記載がありません。" if "予算" in last else "目標値は1,500人です。")


def test_another_system_is_measured_on_the_same_cases(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIRUBE_EVAL_API_KEY", "sk-secret")
    out = tmp_path / "run"
    with answering_server(say) as (url, asked):
        command = ["run", "--cases", str(cases), "--openai", f"{url}/v1", "--model", "other", "--out", str(out)]
        assert main([*command, "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["n"] == 2
    assert figures["passed"] == 2
    assert figures["declined_where_due"] == 1
    assert not {"citations_right", "citation_precision", "citation_recall", "from_superseded"} & figures.keys()
    assert [one["path"] for one in asked] == ["/v1/chat/completions"] * 3
    assert {one["key"] for one in asked} == {"Bearer sk-secret"}
    roles = [message["role"] for message in asked[1]["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert "2026年06月01日" in asked[0]["messages"][0]["content"]
    assert "sk-secret" not in "".join(file.read_text("utf-8") for file in out.iterdir())
    assert load_run(out).config["door"] == "endpoint"


@pytest.mark.parametrize("reply", [{"hello": 1}, {"choices": []}, []])
def test_a_server_with_another_api_is_an_error(
    reply: Any, cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with answering_server(lambda _: reply) as (url, _):
        command = ["run", "--cases", str(cases), "--openai", url, "--model", "x", "--out", str(tmp_path / "run")]
        assert main(command) == 2
    assert "OpenAI 互換の API ではない" in capsys.readouterr().err


def test_a_model_without_url_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--model", "x"]) == 2
    assert "両方指定してください" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("目標値は1,500人です。", "answered"),
        ("申請は窓口ではできません。インターネットで申請してください。", "answered"),
        ("計画期間は4か年です。予算額については資料に記載がありません。財源も同じです。", "no_answer"),
        ("計画期間は4か年です。対象は全市民です。予算額は資料に記載がありません。", "answered"),
        ("申し訳ございませんが、その情報は見つかりませんでした。", "no_answer"),
        ("そのご依頼にはお答えできません。", "no_answer"),
        ("I could not find that in the documents.", "no_answer"),
        ("どの計画についてのご質問でしょうか。", "clarify"),
        ("", "no_answer"),
    ],
)
def test_the_status_is_inferred_from_the_text(text: str, status: str) -> None:
    assert infer_status(text) == status
