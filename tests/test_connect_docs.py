"""What docs/connect.md promises is so: its examples run, and it names every metric and no other."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.running import Running
from tests.conftest import ROOT, without_records

pytestmark = pytest.mark.server
DOCS = (ROOT / "docs" / "connect.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)


@pytest.fixture(scope="module")
def running(corpus_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Yield a server process with every door open."""
    data = without_records(corpus_data, tmp_path_factory.mktemp("docs") / "data")
    server = Running("--port", "0", "--data", data, SHIRUBE_MCP="1")
    yield server
    server.end(signal.SIGKILL)


@pytest.mark.parametrize("example", EXAMPLES, ids=[text.splitlines()[0] for text in EXAMPLES])
def test_each_python_example_runs_as_it_stands(running: Running, example: str) -> None:
    """Only the address is another; each prints something of the plan that it asks about."""
    ended = subprocess.run(
        [sys.executable, "-c", example.replace("http://127.0.0.1:8000", running.url)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "プラン2.0" in ended.stdout


def test_every_metric_is_described_and_none_is_made_up(running: Running) -> None:
    """The table and the server name the same; those of language models show once one is asked."""
    running.ask("金沢市DXアクションプラン2.0の計画期間は?")
    text = running.get("/metrics").text
    # Prometheus' client names counters and info metrics with their suffix, histograms without.
    served = set(re.findall(r"^# TYPE (shirube_\w+) (?:counter|gauge|histogram)", text, re.MULTILINE))
    served = {name for name in served if not name.endswith("_created") or "timestamp" in name}
    described = set(re.findall(r"^\| `(shirube_\w+)`", DOCS, re.MULTILINE))
    assert described == served
