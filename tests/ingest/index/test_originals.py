"""Tests of original files of documents, stored with the generation."""

from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.index.checksums import altered_files
from ingest.index.generation import generation_folder
from ingest.index.index import open_index
from ingest.index.originals import original_path
from ingest.lifecycle.library import add_documents, remove_documents
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


def stored_originals(settings: Settings) -> dict[str, Path]:
    with open_index(settings) as index:
        return {d.id: original_path(index.folder, d) for d in index.documents if d.id in index.originals}


def test_a_generation_stores_the_original_files(settings: Settings, tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)
    name = build(settings, [corpus], encoder=LetterEncoder()).name
    found = stored_originals(settings)
    assert {doc_id: path.read_text("utf-8") for doc_id, path in found.items()} == {"plan": PLAN, "report": REPORT}
    found["plan"].write_text("x", "utf-8")
    assert len(altered_files(generation_folder(settings.data, name))) == 1


def test_changing_a_corpus_file_does_not_change_the_stored_original(settings: Settings, tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    build(settings, [corpus], encoder=LetterEncoder())
    with (corpus / "plan.md").open("a", encoding="utf-8") as file:
        file.write("\n追記です。\n")
    assert stored_originals(settings)["plan"].read_text("utf-8") == PLAN


def test_unchanged_originals_are_linked(settings: Settings, tmp_path: Path) -> None:
    build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN)], encoder=LetterEncoder())
    before = stored_originals(settings)["plan"].stat().st_ino
    report = tmp_path / "new.md"
    report.write_text(REPORT, "utf-8")
    add_documents(settings, [report], {"id": "report"}, encoder=LetterEncoder())
    assert stored_originals(settings)["plan"].stat().st_ino == before
    assert stored_originals(settings)["report"].read_text("utf-8") == REPORT


def test_removing_a_document_removes_its_original(settings: Settings, tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)
    build(settings, [corpus], encoder=LetterEncoder())
    remove_documents(settings, ["report"], encoder=LetterEncoder())
    found = stored_originals(settings)
    assert list(found) == ["plan"]
    assert [path.name for path in found["plan"].parent.iterdir()] == [found["plan"].name]
