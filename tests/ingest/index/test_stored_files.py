import json
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.build.build import build
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.errors import IngestError, ManifestError
from ingest.index.index import open_index
from ingest.index.originals import archived_originals, original_path, prune_archive
from ingest.lifecycle.library import add_documents, remove_documents
from ingest.metadata.document_states import edit_entry, load_edited_documents
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings

ENTRY = {"title": "水辺の計画", "kind": "plan", "period": ["2026-04-01", "2030-03-31"], "published": "2026-03"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = make_settings(tmp_path)
    build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)], encoder=LetterEncoder())
    return settings


def title(settings: Settings) -> str:
    return next(one.title for one in load_edited_documents(settings).documents if one.id == "plan")


def test_an_edit_takes_effect_without_a_build(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    before = (settings.data / "current").read_text("utf-8")
    was = title(settings)
    edit_entry(settings, "plan", ENTRY, "安奈")
    assert (settings.data / "current").read_text("utf-8") == before
    main(["list", "--json", "--data", str(settings.data)])
    (listed,) = (one for one in json.loads(capsys.readouterr().out) if one["id"] == "plan")
    assert listed["title"] == "水辺の計画"
    (act,) = read_events(settings, "plan")
    assert act.by == "安奈"
    assert act.action == "edit"
    assert f"題名: {was} → 水辺の計画" in act.detail
    assert "2026-04-01〜2030-03-31" in act.detail


def test_an_edit_survives_builds_and_can_be_reverted(settings: Settings, tmp_path: Path) -> None:
    was = title(settings)
    edit_entry(settings, "plan", ENTRY, "安奈")
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT, more=REPORT.replace("報告", "追加"))
    report = build(settings, [corpus], encoder=LetterEncoder())
    assert title(settings) == "水辺の計画"
    assert report.read == 1
    build(settings, [corpus], full=True, encoder=LetterEncoder())
    assert title(settings) == "水辺の計画"
    edit_entry(settings, "plan", {"title": was}, "安奈")
    build(settings, [corpus], full=True, encoder=LetterEncoder())
    assert title(settings) == was


def test_adding_a_document_again_discards_its_edits(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "plan.md"
    file.write_text(PLAN.replace("# 計画", "# 川の計画"), "utf-8")
    add_documents(settings, [file], {"id": "river"}, encoder=LetterEncoder())
    edit_entry(settings, "river", {"title": "直した題名"}, "安奈")
    add_documents(settings, [file], {"id": "river", "title": "新しい版"}, encoder=LetterEncoder())
    assert [one.title for one in load_edited_documents(settings).documents if one.id == "river"] == ["新しい版"]


@pytest.mark.parametrize(
    ("doc_id", "entry", "expected"),
    [
        ("plan", {"title": " "}, "title"),
        ("plan", {"title": "計画", "period": ["2030-01-01", "2026-01-01"]}, "より後"),
        ("none", {"title": "計画"}, "none"),
    ],
)
def test_an_invalid_edit_changes_nothing(
    settings: Settings, doc_id: str, entry: dict[str, object], expected: str
) -> None:
    was = title(settings)
    with pytest.raises((IngestError, ManifestError), match=expected):
        edit_entry(settings, doc_id, entry, "安奈")
    assert title(settings) == was


def stored_originals(settings: Settings) -> dict[str, Path]:
    with open_index(settings) as index:
        return {d.id: original_path(settings.data, d) for d in index.documents if d.id in index.originals}


def test_a_build_stores_the_original_files(settings: Settings, tmp_path: Path) -> None:
    found = stored_originals(settings)
    assert {doc_id: path.read_text("utf-8") for doc_id, path in found.items()} == {"plan": PLAN, "report": REPORT}
    with (tmp_path / "corpus" / "plan.md").open("a", encoding="utf-8") as file:
        file.write("\n追記です。\n")
    assert stored_originals(settings)["plan"].read_text("utf-8") == PLAN


def test_removing_a_document_removes_its_original_once_nothing_cites_it(settings: Settings) -> None:
    remove_documents(settings, ["report"], encoder=LetterEncoder())
    assert list(stored_originals(settings)) == ["plan"]
    prune_archive(settings, lambda _: False)
    assert [one.doc_id for one in archived_originals(settings.data)] == ["plan"]
