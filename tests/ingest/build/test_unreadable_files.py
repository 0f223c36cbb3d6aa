import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.__main__ import main
from ingest.build.build import build
from ingest.build.build_report import BuildReport
from ingest.build.corpus_reading import READ
from ingest.build.sandboxed_reading import read_with_limits, reading_limits
from ingest.configuration.settings import Settings
from ingest.corpus import content_digest, with_digest
from ingest.documents import Document, Period
from ingest.errors import UnreadableDocumentError
from ingest.index.index import open_index
from ingest.passages.document_reading import read_document
from tests.conftest import ROOT
from tests.ingest.pdf_files import lines, nested, page, pdf
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings

PAGE = page(*lines("見守りの計画", "見守りの計画は四年間で進めます。"))


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def build_corpus(settings: Settings, corpus: Path, **options: Any) -> BuildReport:
    return build(settings, [corpus], encoder=LetterEncoder(), **options)


def documents(settings: Settings) -> list[str]:
    with open_index(settings) as index:
        return [document.file for document in index.documents]


BAD: dict[str, tuple[str, bytes, str]] = {
    "truncated": ("bad.pdf", pdf(PAGE)[:300], "ファイルを取り直してください"),
    "zero bytes": ("bad.pdf", b"", "中身のある文書を置いてください"),
    "an unknown kind": ("bad.xyz", b"text", "読める形式は"),
}


@pytest.mark.parametrize(("name", "content", "message"), BAD.values(), ids=BAD)
def test_an_unreadable_file_is_skipped_and_reported(
    settings: Settings, corpus: Path, name: str, content: bytes, message: str
) -> None:
    (corpus / name).write_bytes(content)
    report = build_corpus(settings, corpus)
    (failure,) = report.failed
    assert failure.file == str(corpus / name)
    assert name in failure.message
    assert message in failure.message
    assert documents(settings) == ["plan.md", "report.md"]


def test_a_file_over_its_limits_is_skipped_and_not_retried(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(tmp_path)
    monkeypatch.setattr("ingest.build.sandboxed_reading.READ_S", 1)
    (corpus / "a-hostile.pdf").write_bytes(nested())
    (corpus / "b.pdf").write_bytes(pdf(PAGE))
    (corpus / "c.pdf").write_bytes(pdf(PAGE, PAGE))
    (failure,) = build_corpus(settings, corpus).failed
    assert "上限は1秒" in failure.message
    assert documents(settings) == ["plan.md", "report.md", "b.pdf", "c.pdf"]
    steps: list[tuple[str, int, int]] = []
    again = build_corpus(settings, corpus, progress=lambda *step: steps.append(step))
    assert [done for stage, done, _ in steps if stage == READ] == [5]
    assert again.failed == (failure,)
    assert again.changed is False
    monkeypatch.setattr("ingest.build.sandboxed_reading.READ_S", 2)
    steps.clear()
    build_corpus(settings, corpus, progress=lambda *step: steps.append(step))
    assert [done for stage, done, _ in steps if stage == READ] == [4, 5]


def test_a_document_that_became_unreadable_is_no_longer_served(settings: Settings, corpus: Path) -> None:
    build_corpus(settings, corpus)
    (corpus / "report.md").write_bytes(b"\0\1\2")
    (failure,) = build_corpus(settings, corpus).failed
    assert "前に取り込んだ内容も答えに使いません" in failure.message
    assert documents(settings) == ["plan.md"]


def test_links_out_of_the_corpus_folder_are_not_followed(settings: Settings, corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("# 秘密\n\n内部の文書です。\n", encoding="utf-8")
    (tmp_path / "elsewhere").mkdir()
    (corpus / "linked.md").symlink_to(tmp_path / "secret.md")
    (corpus / "folder").symlink_to(tmp_path / "elsewhere")
    (corpus / "circle.md").symlink_to(corpus / "circle.md")
    (corpus / "inside.md").symlink_to(corpus / "plan.md")
    failed = {Path(failure.file).name: failure.message for failure in build_corpus(settings, corpus).failed}
    assert failed.keys() == {"linked.md", "folder", "circle.md"}
    assert "リンク" in failed["linked.md"]
    assert documents(settings) == ["plan.md", "report.md", "inside.md"]


def test_a_pipe_does_not_block_the_build(settings: Settings, corpus: Path) -> None:
    os.mkfifo(corpus / "pipe.md")
    assert build_corpus(settings, corpus).failed == ()
    with (corpus / "manifest.toml").open("a", encoding="utf-8") as manifest:
        manifest.write('\n[[document]]\nfile = "pipe.md"\nid = "pipe"\ntitle = "管"\n')
    (failure,) = build_corpus(settings, corpus).failed
    assert "ファイルではありません" in failure.message


@pytest.mark.parametrize(
    "name",
    ["報告\u202egpj.md", os.fsdecode(b"\xff\xfe.md"), "改\n行.md", f"{'長' * 80}.md", "a" * 240 + ".md", "-.md"],
    ids=["right to left", "no UTF-8", "a new line", "long", "longer", "a dash"],
)
def test_unusual_file_names_are_indexed_and_printable(
    tmp_path: Path, corpus: Path, name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (corpus / name).write_text("# 追加\n\n追加の文です。\n", encoding="utf-8")
    monkeypatch.setenv("SHIRUBE_ENCODER", "shirube-words")
    monkeypatch.chdir(tmp_path)
    assert main(["build", "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out.encode().decode())["documents"] == 3
    assert "\u202e" not in out
    assert main(["build"]) == main(["list"]) == main(["check"]) == 0


def test_a_file_that_changes_while_it_is_read_is_read_again(settings: Settings, corpus: Path) -> None:
    report = corpus / "report.md"

    def write(_stage: str, done: int, _total: int) -> None:
        if not done:
            report.write_text(REPORT.replace("講座", "教室"), encoding="utf-8")

    build_corpus(settings, corpus, progress=write)
    with open_index(settings) as index:
        assert any("教室" in passage.text for passage in index.passages)
    assert build_corpus(settings, corpus).changed is False


def test_a_file_that_keeps_changing_is_skipped_and_reported(settings: Settings, corpus: Path) -> None:
    growing = corpus / "growing.txt"
    growing.write_text("行です。\n" * 2000, encoding="utf-8")
    stop = threading.Event()

    def grow() -> None:
        with growing.open("ab", buffering=0) as file:
            while not stop.is_set():
                file.write("行です。\n".encode())
                stop.wait(0.001)

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        (failure,) = build_corpus(settings, corpus).failed
    finally:
        stop.set()
        writer.join()
    assert "読んでいる間に書き換えられました" in failure.message


def test_documents_read_before_an_interruption_are_reused(settings: Settings, tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    papers.mkdir()
    for n, name in enumerate("abc"):
        (papers / f"{name}.pdf").write_bytes(pdf(*[PAGE] * (n + 1)))

    def interrupt(_stage: str, done: int, _total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_corpus(settings, papers, progress=interrupt)
    report = build_corpus(settings, papers)
    assert (report.documents, report.read) == (3, 1)
    assert not (settings.data / "unfinished").exists()


def test_adding_several_files_is_atomic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIRUBE_ENCODER", "shirube-words")
    make_corpus(tmp_path / "corpus", plan=PLAN)
    (tmp_path / "corpus" / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    (tmp_path / "good.md").write_text(REPORT, encoding="utf-8")
    (tmp_path / "worse.pdf").write_bytes(b"%PDF-1.7 broken")
    assert main(["build"]) == 1
    assert main(["add", "good.md", "worse.pdf"]) == 2
    assert not list((tmp_path / "var" / "added").rglob("*.md"))
    assert main(["add", "good.md"]) == 0


def test_the_build_command_lists_skipped_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SHIRUBE_ENCODER", "shirube-words")
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    for n in range(8):
        (corpus / f"empty{n}.md").write_bytes(b"")
        (corpus / f"more{n}.md").write_text(f"# 追加{n}\n\n追加{n}の文です。\n", encoding="utf-8")
    (corpus / "zz.pdf").write_bytes(b"%PDF-1.7 broken")
    (corpus / "zzz.md").write_bytes((corpus / "plan.md").read_bytes())
    for command in ("build", "check"):
        assert main([command]) == 1
        output = "".join(capsys.readouterr())
        assert output.count("中身のある文書") == 5
        assert "ほかに3件" in output
        assert "zz.pdf" in output
        assert output.count("に書かれていません") == 5
        assert "ほかに4件" in output
        assert output.index("同じ中身") < output.index("に書かれていません")
    assert main(["build", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert len(report["failed"]) == 9
    assert len(report["warnings"]) == 10
    assert report["failed"][0].keys() == {"file", "message"}


LIMITS = reading_limits()
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


@pytest.mark.parametrize("less", [{"cpu_s": 1}, {"memory_bytes": 512 << 20}], ids=["time", "memory"])
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
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SHIRUBE_ENCODER": "shirube-words"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "追加しました: a" in done.stdout
