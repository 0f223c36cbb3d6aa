"""Tests of the reading of documents in a separate process with limits."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.build.sandboxed_reading import read_with_limits, reading_limits
from ingest.chunking.document_reading import read_document
from ingest.configuration.settings import Settings
from ingest.corpus import content_digest, with_digest
from ingest.documents import Document, Period
from ingest.errors import UnreadableDocumentError
from tests.conftest import ROOT
from tests.ingest.pdf_files import lines, nested, page, pdf
from tests.ingest.small_corpus import REPORT

LIMITS = reading_limits(Settings(_env_file=None))
TABLE = "# 料金\n\n| 区分 | 料金 |\n|---|---|\n| 市内の人 | 無料 |\n| 市外の人 | 年500円 |\n\n※学生を除く。\n"


def write_file(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.md", REPORT + TABLE), ("b.pdf", pdf(page(*lines("計画の期間", "計画の期間は4年間です。")), b""))],
)
def test_a_separate_process_reads_the_same_content(tmp_path: Path, name: str, content: str | bytes) -> None:
    path = write_file(tmp_path, name, content)
    period = Period(date(2026, 4, 1), date(2030, 3, 31))
    entry: dict[str, Any] = {"file": name, "id": "a", "title": "題名", "period": period, "aliases": ("呼び名",)}
    assert read_with_limits(path, entry, LIMITS) == read_document(
        path, with_digest(Document(**entry), content_digest(path))
    )


def test_a_missing_title_is_read_from_the_file(tmp_path: Path) -> None:
    entry = {"file": "a.md", "id": "a"}
    assert read_with_limits(write_file(tmp_path, "a.md", TABLE), entry, LIMITS).document.title == "料金"
    assert read_with_limits(write_file(tmp_path, "無題.md", "本文です。"), entry, LIMITS).document.title == "無題"


@pytest.mark.parametrize("less", [{"cpu_s": 2}, {"memory_bytes": 512 << 20}], ids=["time", "memory"])
def test_reading_a_malicious_file_is_stopped_at_its_limits(tmp_path: Path, less: dict[str, Any]) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"hostile\.pdf: .*途中でやめました.*書き出し直して"):
        read_with_limits(
            write_file(tmp_path, "hostile.pdf", nested()), {"file": "a.pdf", "id": "a"}, replace(LIMITS, **less)
        )


def test_an_added_file_is_read_only_in_separate_processes(tmp_path: Path) -> None:
    write_file(tmp_path, "a.pdf", pdf(page(*lines("計画の期間", "計画の期間は4年間です。"))))
    code = (
        "import sys; from ingest.__main__ import main; status = main(['add', 'a.pdf']); "
        "sys.exit(status or 'pypdfium2' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "追加しました: a" in done.stdout
