"""The replies of a saved run are given again to the same requests."""

import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import uvicorn

from eval.__main__ import main
from eval.errors import RunFolderError
from eval.scoring.run_record import Run, load_run
from eval.systems.stored_replies import StoredReplies, create_replay_app
from tests.bot.answer_assertions import DOCUMENTS
from tests.bot.model_server import ModelServer, Request, answer_of, held_reply, passages, sentence
from tests.eval.examples import make_case, make_row


def answer(request: Request) -> dict[str, Any]:
    n = next(n for n, passage in enumerate(passages(request), 1) if "植樹の本数" in passage)
    return answer_of(sentence("植樹の本数の目標値は5,000本です。", n))


def run_with(url: str, folder: Path, name: str) -> Run:
    """Ask one case with the model at `url`."""
    case = make_case(id="trees", turns=["植樹の本数の目標値は何本ですか?"], must=[["5,000本"]])
    (folder / "cases.jsonl").write_text(case.model_dump_json() + "\n", "utf-8")
    chosen = ["--cases", str(folder / "cases.jsonl"), "--corpus", str(DOCUMENTS)]
    main(["run", *chosen, "--llm", f"試験用={url}", "--out", str(folder / name)])
    return load_run(folder / name)


def test_a_run_is_repeated_without_its_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHIRUBE_DATA", str(tmp_path / "data"))
    with ModelServer(held_reply(answer)) as model:
        (first,) = run_with(model.url, tmp_path, "first").rows
    replies = StoredReplies([first])
    server = uvicorn.Server(uvicorn.Config(create_replay_app(replies), port=0, log_level="warning"))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    (second,) = run_with(f"http://127.0.0.1:{port}/v1", tmp_path, "second").rows
    server.should_exit = True
    thread.join()
    assert first.answer is not None
    assert second.answer is not None
    assert second.answer["answer"] == first.answer["answer"]
    assert second.answer["generator"] == first.answer["generator"] == "試験用"
    assert replies.missing == 0
    assert replies.find(["別の質問"]) is None


def test_a_run_without_replies_is_refused() -> None:
    with pytest.raises(RunFolderError, match="返事が残っていません"):
        StoredReplies([make_row("a", passed=True)])
