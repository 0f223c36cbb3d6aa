import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.__main__ import main
from ingest.build.build import build
from ingest.configuration.audit import read_events
from ingest.configuration.settings import Settings
from ingest.errors import DamagedIndexError, IngestError, ManifestError, NoIndexError
from ingest.index.checksums import CHECKSUM_FILE, altered_files
from ingest.index.generation import current_name, load_documents, load_generation
from ingest.index.index import open_index
from ingest.index.originals import archived_originals, original_path, prune_archive
from ingest.lifecycle.library import add_documents, remove_documents
from ingest.metadata.document_states import edit_entry, load_edited_documents
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings
from tests.tools.chaos import WAYS, Ground


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("chaos"), adapt=False)


# Every second file, each damaged in one way; `make chaos` tries all combinations.
def test_damaged_files_are_not_served_and_a_build_repairs_them(ground: Ground) -> None:
    ways = list(WAYS)
    turns = [(file, ways[i % len(ways)]) for i, file in enumerate(ground.files()[::2])]
    assert [trial for turn in turns if not (trial := ground.trial(*turn)).well] == []


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    build(make_settings(folder), [make_corpus(folder / "corpus", plan=PLAN)], encoder=LetterEncoder())
    return folder


@pytest.fixture
def settings(built: Path, tmp_path: Path) -> Settings:
    shutil.copytree(built, tmp_path, dirs_exist_ok=True)
    return make_settings(tmp_path)


def in_service(settings: Settings) -> Path:
    return settings.data / "generations" / str(current_name(settings))


def test_checksums_cover_all_files(settings: Settings) -> None:
    folder = in_service(settings)
    listed = [line.split("  ") for line in (folder / CHECKSUM_FILE).read_text("utf-8").splitlines()]
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUM_FILE)
    assert sorted((folder / name, checksum) for checksum, name in listed) == [
        (path, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files
    ]


def test_an_unlisted_file_counts_as_altered_unless_hidden(settings: Settings) -> None:
    folder = in_service(settings)
    (folder / ".DS_Store").write_bytes(b"desktop")
    assert altered_files(folder) == ()
    (folder / "more.npy").write_bytes(b"more")
    assert altered_files(folder) == ("more.npy",)


def test_the_error_names_damaged_files_and_the_command(settings: Settings) -> None:
    for name in ("arrays.npz", "passages.sqlite", "words.json", "zones.npy"):
        (in_service(settings) / name).write_bytes(b"")
    with pytest.raises(DamagedIndexError, match=r"arrays\.npz、passages\.sqlite、words\.json ほか1個.*ingest build`"):
        open_index(settings)


@pytest.mark.parametrize("content", [b"", b"\xff\x00\xfe", b"../../elsewhere", b"20260101-000000-00000000\n"], ids=repr)
def test_a_build_replaces_an_invalid_name_of_the_current_index(
    settings: Settings, tmp_path: Path, content: bytes
) -> None:
    (settings.data / "current").write_bytes(content)
    with pytest.raises(DamagedIndexError, match="`python -m ingest build`"):
        open_index(settings)
    report = build(settings, [tmp_path / "corpus"], encoder=LetterEncoder())
    assert (report.changed, report.read, report.embedded) == (True, 0, 0)
    open_index(settings).close()


READ: list[tuple[str, Callable[[Settings], object]]] = [
    ("generation.json", load_generation),
    ("passages.sqlite", lambda settings: load_documents(settings, load_generation(settings))),
]


@pytest.mark.parametrize(("file", "read"), READ)
def test_records_and_documents_are_verified_without_opening_the_index(
    settings: Settings, file: str, read: Callable[[Settings], object]
) -> None:
    path = in_service(settings) / file
    path.write_bytes(path.read_bytes().replace("計画".encode(), "企画".encode()).replace(b"corpus", b"corpse"))
    with pytest.raises(DamagedIndexError, match=file):
        read(settings)


# The second is as 0.29 wrote it.
@pytest.mark.parametrize(
    "content", ['{"format": 1, "name": "x"}', '{"format": 5, "basis": {"recipe": ""}, "moved": 0}']
)
def test_an_index_of_another_release_asks_for_a_build(settings: Settings, content: str) -> None:
    record = in_service(settings) / "generation.json"
    record.write_text(content, "utf-8")
    with pytest.raises(NoIndexError, match=r"別の版.*`python -m ingest build` を実行してください。$"):
        open_index(settings)
    assert record.read_text("utf-8") == content


ENTRY = {"title": "水辺の計画", "kind": "plan", "period": ["2026-04-01", "2030-03-31"], "published": "2026-03"}


@pytest.fixture
def stored(tmp_path: Path) -> Settings:
    stored = make_settings(tmp_path)
    build(stored, [make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)], encoder=LetterEncoder())
    return stored


def title(stored: Settings) -> str:
    return next(one.title for one in load_edited_documents(stored).documents if one.id == "plan")


def test_an_edit_takes_effect_without_a_build(stored: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    before = (stored.data / "current").read_text("utf-8")
    was = title(stored)
    edit_entry(stored, "plan", ENTRY, "安奈")
    assert (stored.data / "current").read_text("utf-8") == before
    main(["list", "--json", "--data", str(stored.data)])
    (listed,) = (one for one in json.loads(capsys.readouterr().out) if one["id"] == "plan")
    assert listed["title"] == "水辺の計画"
    (act,) = read_events(stored, "plan")
    assert act.by == "安奈"
    assert act.action == "edit"
    assert f"題名: {was} → 水辺の計画" in act.detail
    assert "2026-04-01〜2030-03-31" in act.detail


def test_an_edit_survives_builds_and_can_be_reverted(stored: Settings, tmp_path: Path) -> None:
    was = title(stored)
    edit_entry(stored, "plan", ENTRY, "安奈")
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT, more=REPORT.replace("報告", "追加"))
    report = build(stored, [corpus], encoder=LetterEncoder())
    assert title(stored) == "水辺の計画"
    assert report.read == 1
    build(stored, [corpus], full=True, encoder=LetterEncoder())
    assert title(stored) == "水辺の計画"
    edit_entry(stored, "plan", {"title": was}, "安奈")
    build(stored, [corpus], full=True, encoder=LetterEncoder())
    assert title(stored) == was


def test_adding_a_document_again_discards_its_edits(stored: Settings, tmp_path: Path) -> None:
    file = tmp_path / "plan.md"
    file.write_text(PLAN.replace("# 計画", "# 川の計画"), "utf-8")
    add_documents(stored, [file], {"id": "river"}, encoder=LetterEncoder())
    edit_entry(stored, "river", {"title": "直した題名"}, "安奈")
    add_documents(stored, [file], {"id": "river", "title": "新しい版"}, encoder=LetterEncoder())
    assert [one.title for one in load_edited_documents(stored).documents if one.id == "river"] == ["新しい版"]


@pytest.mark.parametrize(
    ("doc_id", "entry", "expected"),
    [
        ("plan", {"title": " "}, "title"),
        ("plan", {"title": "計画", "period": ["2030-01-01", "2026-01-01"]}, "より後"),
        ("none", {"title": "計画"}, "none"),
    ],
)
def test_an_invalid_edit_changes_nothing(
    stored: Settings, doc_id: str, entry: dict[str, object], expected: str
) -> None:
    was = title(stored)
    with pytest.raises((IngestError, ManifestError), match=expected):
        edit_entry(stored, doc_id, entry, "安奈")
    assert title(stored) == was


def stored_originals(stored: Settings) -> dict[str, Path]:
    with open_index(stored) as index:
        return {d.id: original_path(stored.data, d) for d in index.documents if d.id in index.originals}


def test_a_build_stores_the_original_files(stored: Settings, tmp_path: Path) -> None:
    found = stored_originals(stored)
    assert {doc_id: path.read_text("utf-8") for doc_id, path in found.items()} == {"plan": PLAN, "report": REPORT}
    with (tmp_path / "corpus" / "plan.md").open("a", encoding="utf-8") as file:
        file.write("\n追記です。\n")
    assert stored_originals(stored)["plan"].read_text("utf-8") == PLAN


def test_removing_a_document_removes_its_original_once_nothing_cites_it(stored: Settings) -> None:
    remove_documents(stored, ["report"], encoder=LetterEncoder())
    assert list(stored_originals(stored)) == ["plan"]
    prune_archive(stored, lambda _: False)
    assert [one.doc_id for one in archived_originals(stored.data)] == ["plan"]
