import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eval.__main__ import main
from eval.storage.run_folder import read_folder
from lab.benchmarks.speed import _opened

SENTENCES = [f"市は令和{n % 9 + 1}年度に第{n}期の計画を作り、{n}人の市民が窓口で相談した。" for n in range(400)]
FIGURES = {"passages_per_s", "p50_ms", "p95_ms", "p99_ms", "qps_1", "qps_8", "rss_mb", "start_s"}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    (folder / "minutes").mkdir(parents=True)
    (folder / "kaigi.md").write_text("\n".join(SENTENCES[:200]), "utf-8")
    (folder / "questions.jsonl").write_text('{"id": "1", "turns": ["何人?"]}\n', "utf-8")
    lines = (json.dumps({"meeting": "相談", "text": "".join(SENTENCES[200:210])}, ensure_ascii=False),)
    (folder / "minutes" / "speeches.jsonl").write_text("\n".join(lines), "utf-8")
    return folder


@contextmanager
def this_process() -> Iterator[Callable[..., Any]]:  # another would first import for seconds
    yield lambda function, *arguments: function(*arguments)
    if search := _opened.pop("search", None):
        search.__self__.close()  # type: ignore[attr-defined]


def test_a_size_is_measured_and_saved(
    texts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.benchmarks.speed._new_process", this_process)
    command = ["speed", "--texts", str(texts), "--passages", "30", "--queries", "6"]
    assert main([*command, "--out", str(tmp_path / "run"), "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    (size,) = output["sizes"]
    assert size["passages"] == 30 > size["real"] > 0
    assert all(output[name] == size[name] > 0 for name in FIGURES)
    assert size["p50_ms"] <= size["p95_ms"] <= size["p99_ms"]
    config, rows, figures = read_folder(tmp_path / "run")
    assert config["command"] == "speed"
    assert {row["passages"] for row in rows} == {30}
    assert figures["sizes"] == output["sizes"]
