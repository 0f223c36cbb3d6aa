"""Tests of a document of a corpus folder that is replaced by an added one."""

from pathlib import Path

from ingest.build.build import build
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.index.generation import load_documents, load_generation
from ingest.lifecycle.library import add_documents, remove_documents
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus

NEWER = PLAN.replace("4年間", "5年間")


def served(settings: Settings) -> dict[str, str]:
    items = load_documents(settings, load_generation(settings)).items
    return {item.document.id: "".join(passage.text for passage in item.load().passages) for item in items}


def test_an_added_document_replaces_that_of_the_folder(settings: Settings, tmp_path: Path) -> None:
    corpus, encoder = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT), LetterEncoder()
    build(settings, [corpus], encoder=encoder)
    (tmp_path / "new.md").write_text(NEWER, "utf-8")
    add_documents(settings, [tmp_path / "new.md"], {"id": "plan"}, by="安奈", encoder=encoder)
    assert sorted(served(settings)) == ["plan", "report"]
    assert "5年間" in served(settings)["plan"]
    (event,) = read_events(settings, "plan")
    assert event.by == "安奈"
    assert event.action == "replace"
    assert "planの文書" in event.detail
    assert (corpus / "plan.md").read_text("utf-8") == PLAN
    report = build(settings, [corpus], encoder=encoder)
    assert "5年間" in served(settings)["plan"]
    assert any("差し替えた文書を使います" in warning for warning in report.warnings)
    removal = remove_documents(settings, ["plan"], encoder=encoder)
    assert removal.returning == ("plan",)
    assert sorted(served(settings)) == ["report"]
    build(settings, [corpus], encoder=encoder)
    assert "4年間" in served(settings)["plan"]


def test_a_file_without_an_entry_is_replaced_too(settings: Settings, tmp_path: Path) -> None:
    corpus, encoder = make_corpus(tmp_path / "corpus", plan=PLAN), LetterEncoder()
    (corpus / "manifest.toml").unlink()
    build(settings, [corpus], encoder=encoder)
    (tmp_path / "new.md").write_text(NEWER, "utf-8")
    add_documents(settings, [tmp_path / "new.md"], {"id": "plan"}, encoder=encoder)
    assert list(served(settings)) == ["plan"]


def test_a_removed_document_comes_back_in_its_new_version(settings: Settings, tmp_path: Path) -> None:
    corpus, encoder = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT), LetterEncoder()
    build(settings, [corpus], encoder=encoder)
    remove_documents(settings, ["plan"], encoder=encoder)
    (tmp_path / "new.md").write_text(NEWER, "utf-8")
    add_documents(settings, [tmp_path / "new.md"], {"id": "plan"}, encoder=encoder)
    assert "5年間" in served(settings)["plan"]
