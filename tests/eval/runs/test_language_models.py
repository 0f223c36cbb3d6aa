"""Runs with a language model."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from eval.__main__ import main
from eval.errors import EvalError
from eval.metrics.run_metrics import model_ms, non_model_ms
from eval.runs.run_plan import with_language_model
from eval.scoring.run_record import load_run
from ingest.configuration.language_model import LanguageModel
from ingest.configuration.settings import Settings
from tests.bot import model_server as server
from tests.bot.answer_assertions import DOCUMENTS
from tests.bot.model_server import ModelServer, answer_of, held_reply, sentence
from tests.eval.examples import make_case, make_row

ROW = "目標値: 5,000本"


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a file with one case, which is asked over the invented city's documents."""
    monkeypatch.setenv("SHIRUBE_DATA", str(tmp_path / "data"))
    case = make_case(
        id="trees", turns=["植樹の本数の目標値は何本ですか?"], must=[["5,000本"]], cite=["kankyo-kaigi-r6-2#*"]
    )
    file = tmp_path / "cases.jsonl"
    file.write_text(case.model_dump_json() + "\n", "utf-8")
    return file


def says(*texts: str) -> Callable[[server.Request], dict[str, Any]]:
    def answer(request: server.Request) -> dict[str, Any]:
        n = next(n for n, passage in enumerate(server.passages(request), 1) if "植樹の本数" in passage)
        return answer_of(*(sentence(text, n, quotes=(ROW,)) for text in texts))

    return answer


def test_a_run_keeps_what_its_language_model_did(
    cases: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["run", "--cases", str(cases), "--corpus", str(DOCUMENTS), "--out", str(tmp_path / "run")]
    reply = says("植樹の本数の目標値は5,000本です。", "植樹の本数の実績は7,777本です。")
    with ModelServer(held_reply(reply)) as model:
        assert main([*command, "--llm", f"poor={model.url}", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["passed"], figures["stopped"]) == (1, 1)
    assert figures["tokens"] > 0
    assert figures["model_p50_ms"] > 0 < figures["own_p50_ms"]
    (row,) = load_run(tmp_path / "run").rows
    assert [one["text"] for one in row.observations["stopped"]] == ["植樹の本数の実績は7,777本です。"]


def test_a_configured_model_is_used_with_its_settings() -> None:
    first = LanguageModel(base_url="http://a/v1", model="first", api_key=SecretStr("k1"))
    priced = LanguageModel(base_url="http://b/v1", model="second", api_key=SecretStr("k2"), price="1/2")
    settings = Settings(_env_file=None, llm=(first, priced))
    second = with_language_model("second", settings)
    other = with_language_model("first=http://c/v1", settings)
    assert second.llm == (priced,)
    assert other.llm == (LanguageModel(base_url="http://c/v1", model="first"),)
    assert with_language_model("none", settings).llm == ()
    assert with_language_model(None, settings) == settings
    with pytest.raises(EvalError, match="third"):
        with_language_model("third", settings)


def test_our_time_is_the_time_without_a_model_call() -> None:
    tokens = {"prompt": 1, "completion": 1, "estimated": True}
    spans = [(10.0, 50.0), (30.0, 50.0), (100.0, 20.0)]
    calls = [{"begun_ms": begun, "milliseconds": ms, "tokens": tokens, "cost": None} for begun, ms in spans]
    without = make_row("one", passed=True)
    row = replace(without, observations={"timing": {"ms": 200.0}, "calls": calls})
    assert model_ms(row) == 90.0
    assert non_model_ms(row) == 110.0
    assert model_ms(without) is None
    assert non_model_ms(without) is None
