"""Tests of files that build hooks add to a generation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.build.hooks import ENTRY_POINT_GROUP
from ingest.configuration.settings import Settings
from ingest.errors import DamagedIndexError, IngestError
from ingest.index.checksums import CHECKSUM_FILE
from ingest.index.generation import current_name, generation_folder
from ingest.index.index import open_current
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings

ADDS = """
def add(index, encoder, unchanged):
    content = f"{len(index.passages)} {encoder.name} {encoder.encode_query('町').shape[0]}"
    (index.folder / "added.txt").write_text(content, "utf-8")
"""
COUNTS = """
def add(index, encoder, unchanged):
    before = (unchanged.folder / "added.txt").read_text("utf-8") if unchanged.folder else ""
    (index.folder / "added.txt").write_text(before + "[" + " ".join(sorted(unchanged.documents)) + "]", "utf-8")
"""
BREAKS = """
def add(index, encoder, unchanged):
    (index.folder / "added.txt").write_text("half", "utf-8")
    raise RuntimeError("no")
"""
Offer = Callable[[str], None]


@pytest.fixture
def offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Offer:
    def offer(module: str) -> None:
        folder = tmp_path / "installed"
        about = folder / "additions-1.0.dist-info"
        about.mkdir(parents=True)
        (folder / "additions_of_a_test.py").write_text(module, "utf-8")
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: additions\nVersion: 1.0\n", "utf-8")
        (about / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\naddition = additions_of_a_test:add\n", "utf-8")
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(__import__("sys").modules, "additions_of_a_test", raising=False)

    return offer


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def in_service(settings: Settings) -> Path:
    name = current_name(settings)
    assert name is not None
    return generation_folder(settings.data, name)


def test_a_build_hook_gets_the_index_and_its_encoder(settings: Settings, tmp_path: Path, offer: Offer) -> None:
    offer(ADDS)
    report = build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN)], encoder=LetterEncoder())
    assert (in_service(settings) / "added.txt").read_text("utf-8") == f"{report.passages} letters 64"


def test_a_build_hook_gets_the_unchanged_documents(settings: Settings, tmp_path: Path, offer: Offer) -> None:
    offer(COUNTS)
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)
    build(settings, [corpus], encoder=LetterEncoder())
    make_corpus(corpus, plan=PLAN, report=REPORT.replace("講座", "教室"))
    build(settings, [corpus], encoder=LetterEncoder())
    assert (in_service(settings) / "added.txt").read_text("utf-8") == "[][plan]"
    build(settings, [corpus], encoder=LetterEncoder(), full=True)
    assert (in_service(settings) / "added.txt").read_text("utf-8") == "[]"


def test_files_of_build_hooks_have_checksums(settings: Settings, tmp_path: Path, offer: Offer) -> None:
    offer(ADDS)
    build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN)], encoder=LetterEncoder())
    folder = in_service(settings)
    assert "  added.txt\n" in (folder / CHECKSUM_FILE).read_text("utf-8")
    open_current(settings).close()
    (folder / "added.txt").write_text("altered", "utf-8")
    with pytest.raises(DamagedIndexError):
        open_current(settings)


def test_a_failing_build_hook_leaves_the_current_index_unchanged(
    settings: Settings, tmp_path: Path, offer: Offer
) -> None:
    build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN)], encoder=LetterEncoder())
    before = current_name(settings)
    offer(BREAKS)
    with pytest.raises(RuntimeError, match="no"):
        build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)], encoder=LetterEncoder())
    assert current_name(settings) == before
    assert [folder.name for folder in in_service(settings).parent.iterdir()] == [before]


def test_the_error_for_a_missing_build_hook_names_the_remedy(settings: Settings, tmp_path: Path, offer: Offer) -> None:
    offer("elsewhere = 1")
    with pytest.raises(IngestError, match=r"additions_of_a_test:add.*make setup"):
        build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN)], encoder=LetterEncoder())
    assert current_name(settings) is None
