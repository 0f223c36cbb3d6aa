"""Tests of missing and altered files of an index: detection and repair."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import DamagedIndexError, NoIndexError
from ingest.index.checksums import CHECKSUM_FILE, altered_files
from ingest.index.generation import current_name, load_documents, load_generation
from ingest.index.index import open_current, open_index
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings
from tests.tools.chaos import WAYS, Ground


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    return Ground(tmp_path_factory.mktemp("chaos"), adapt=False)


# A quarter of the files, each damaged in one way, with or without a second index; `make chaos` tries all combinations.
def test_damaged_files_are_not_served_and_a_build_repairs_them(ground: Ground) -> None:
    ways = list(WAYS)
    turns = [(file, ways[i % len(ways)], i // len(ways) % 2 == 0) for i, file in enumerate(ground.files()[::4])]
    assert [trial for turn in turns if not (trial := ground.trial(turn[0], turn[1], alone=turn[2])).well] == []


def two_indexes(folder: Path) -> Settings:
    settings = make_settings(folder)
    build(settings, [make_corpus(folder / "corpus", plan=PLAN, report=REPORT)], encoder=LetterEncoder())
    build(settings, [make_corpus(folder / "corpus", plan=PLAN)], encoder=LetterEncoder())
    return settings


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    two_indexes(folder)
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
    for name in ("vectors.npy", "contexts.npy", "ids.npy", "keyword/rows.npy"):
        (in_service(settings) / name).write_bytes(b"")
    with pytest.raises(DamagedIndexError, match=r"contexts\.npy、ids\.npy、keyword/rows\.npy ほか1個.*ingest build`"):
        open_current(settings)


def test_the_previous_index_replaces_a_damaged_one(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    (in_service(settings) / "vectors.npy").unlink()
    with open_index(settings) as index:
        assert [document.id for document in index.documents] == ["plan", "report"]
        assert f"前の索引「{index.name}」で答えます" in caplog.text
    assert "vectors.npy" in caplog.text


def test_with_only_damaged_indexes_nothing_is_served(settings: Settings) -> None:
    for folder in (settings.data / "generations").iterdir():
        (folder / "letters" / "terms.npy").write_bytes(b"")
    with pytest.raises(DamagedIndexError, match=current_name(settings)):
        open_index(settings)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\x00\xfe", b"../../elsewhere", b"20260101-000000-00000000\n", None], ids=repr
)
def test_an_invalid_name_of_the_current_index_is_repaired(tmp_path: Path, content: bytes | None) -> None:
    settings = two_indexes(tmp_path)
    name = current_name(settings)
    if content is None:
        (settings.data / "current").unlink()
    else:
        (settings.data / "current").write_bytes(content)
    with open_index(settings) as index:
        assert index.name == name
    with pytest.raises(DamagedIndexError, match="`python -m ingest build`"):
        open_current(settings)
    report = build(settings, [settings.data.parent / "corpus"], encoder=LetterEncoder())
    assert report.name == name
    assert report.changed is True
    assert report.embedded == 0
    open_current(settings).close()


def test_a_repair_reuses_the_previous_index(settings: Settings, tmp_path: Path) -> None:
    damaged = in_service(settings)
    with_report = next(folder for folder in damaged.parent.iterdir() if folder != damaged)
    (damaged / "vectors.npy").write_bytes((damaged / "meanings.npy").read_bytes())
    encoder = LetterEncoder()
    report = build(settings, [tmp_path / "corpus"], encoder=encoder)
    assert report.changed is True
    assert report.embedded == 0
    assert encoder.asked == []
    assert {folder.name for folder in damaged.parent.iterdir()} == {report.name, with_report.name}
    with open_current(settings) as index:
        assert [document.id for document in index.documents] == ["plan"]


def test_a_failed_build_leaves_the_fallback_index(settings: Settings, tmp_path: Path) -> None:
    (in_service(settings) / "vectors.npy").unlink()
    (tmp_path / "corpus" / "plan.md").write_bytes(b"\x00\x01\x02")
    with pytest.raises(Exception, match=r"plan\.md"):
        build(settings, [tmp_path / "corpus"], encoder=LetterEncoder(), full=True)
    with open_index(settings) as index:
        assert len(index.documents) == 2


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
    shutil.rmtree(next(folder for folder in record.parent.parent.iterdir() if folder != record.parent))
    record.write_text(content, "utf-8")
    with pytest.raises(NoIndexError, match=r"別の版.*`python -m ingest build` を実行してください。$"):
        open_index(settings)
    assert record.read_text("utf-8") == content
