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
from ingest.index.index import open_index
from tests.ingest.small_corpus import PLAN, LetterEncoder, make_corpus, make_settings
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
