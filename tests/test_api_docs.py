import re
import subprocess
import sys

import httpx2
import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.server
DOCS = (ROOT / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=[text.splitlines()[0] for text in EXAMPLES])
def test_each_python_example_runs(server: str, example: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", example.replace("http://127.0.0.1:8000", server)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "プラン2.0" in ended.stdout


def test_every_metric_is_described_and_none_is_made_up(server: str) -> None:
    with httpx2.Client(base_url=server, trust_env=False, timeout=60) as client:
        client.post("/api/chat", json={"question": "金沢市DXアクションプラン2.0の計画期間は?"}).raise_for_status()
        text = client.get("/metrics").text
    # Prometheus' client names counters and info metrics with their suffix, histograms without.
    served = set(re.findall(r"^# TYPE (shirube_\w+) (?:counter|gauge|histogram)", text, re.MULTILINE))
    served = {name for name in served if not name.endswith("_created") or "timestamp" in name}
    described = set(re.findall(r"^\| `(shirube_\w+)`", DOCS, re.MULTILINE))
    assert described == served
