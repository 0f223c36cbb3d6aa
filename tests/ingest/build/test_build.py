import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.build.build import build
from ingest.build.build_report import BuildReport
from ingest.build.cache import READING_SOURCES
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder
from ingest.errors import IngestError, ManifestError, StorageError, UnreadableDocumentError
from ingest.index.generation import load_generation
from ingest.index.index import current_name, open_index
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)


def generations(settings: Settings) -> set[str]:
    return {folder.name for folder in (settings.data / "generations").iterdir()}


def test_a_first_and_a_full_build_read_and_embed_everything(settings: Settings, corpus: Path) -> None:
    for full in (False, True):
        encoder = LetterEncoder()
        report = build(settings, [corpus], encoder=encoder, full=full)
        assert (report.documents, report.read, report.reused, report.changed) == (2, 2, 0, True)
        assert report.passages == report.embedded == len(encoder.asked) > 3
        assert report.name == current_name(settings)


def test_a_deleted_document_leaves_the_index(settings: Settings, corpus: Path) -> None:
    build(settings, [corpus], encoder=LetterEncoder())
    make_corpus(corpus, plan=PLAN)
    build(settings, [corpus], encoder=LetterEncoder())
    with open_index(settings) as index:
        assert {passage.doc_id for passage in index.passages} == {"plan"}
        assert index.stored_vector_count() == len(index.passages)


def test_the_new_generation_and_the_one_that_it_replaced_are_kept(settings: Settings, corpus: Path) -> None:
    names = [build(settings, [corpus], encoder=LetterEncoder(), full=True).name for _ in range(3)]
    (settings.data / "generations" / "leftover").mkdir()
    assert generations(settings) == {*names[1:], "leftover"}
    assert not build(settings, [corpus], encoder=LetterEncoder()).changed
    assert generations(settings) == {names[-1]}


def broken_manifest(corpus: Path) -> None:
    (corpus / "manifest.toml").write_text("[[document]\n", encoding="utf-8")


def binary_document(corpus: Path) -> None:
    (corpus / "plan.md").write_bytes(bytes(range(256)))
    (corpus / "report.md").write_bytes(b"\0\0")


@pytest.mark.parametrize(
    ("breaks", "error", "message"),
    [
        (broken_manifest, ManifestError, "manifest.toml"),
        (binary_document, UnreadableDocumentError, r"plan\.md[\s\S]*report\.md"),
        (shutil.rmtree, ManifestError, "文書フォルダー"),
        (make_corpus, ManifestError, "文書がありません"),
        (lambda corpus: make_corpus(corpus, plan=""), UnreadableDocumentError, "plan.md"),
    ],
    ids=["manifest", "binary", "no folder", "no documents", "empty document"],
)
def test_an_invalid_corpus_leaves_the_current_index_unchanged(
    settings: Settings, corpus: Path, breaks: Callable[[Path], object], error: type[IngestError], message: str
) -> None:
    name = build(settings, [corpus], encoder=LetterEncoder()).name
    breaks(corpus)
    with pytest.raises(error, match=message):
        build(settings, [corpus], encoder=LetterEncoder())
    with open_index(settings) as index:
        assert index.name == name
        assert len(index.documents) == 2


def test_a_second_build_at_the_same_time_is_refused(settings: Settings, corpus: Path) -> None:
    with lock_data_folder(settings.data), pytest.raises(StorageError, match="ほかの取り込み"):
        build(settings, [corpus], encoder=LetterEncoder())
    assert build(settings, [corpus], encoder=LetterEncoder()).changed


def test_the_error_for_an_impossible_data_folder_names_it(tmp_path: Path, corpus: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    settings = make_settings(tmp_path, data=tmp_path / "file" / "data")
    with pytest.raises(StorageError, match="SHIRUBE_DATA"):
        build(settings, [corpus], encoder=LetterEncoder())


def test_the_error_for_an_unreachable_chroma_server_names_it(tmp_path: Path, corpus: Path) -> None:
    settings = make_settings(tmp_path, chroma_url="http://127.0.0.1:9")
    with pytest.raises(StorageError, match="SHIRUBE_CHROMA_URL"):
        build(settings, [corpus], encoder=LetterEncoder())
    assert current_name(settings) is None


PLACES = ("港", "丘", "川", "森", "橋", "駅")
GUIDES = {f"guide{n}": f"# 案内\n\n## {place}\n\n{place}の案内です。\n" for n, place in enumerate(PLACES)}


class TiredEncoder(LetterEncoder):
    def __init__(self, place: str) -> None:
        super().__init__()
        self._place = place

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if any(self._place in text for text in texts):
            raise IngestError("疲れました。")
        return super().encode_documents(texts)


def rebuild(settings: Settings, corpus: Path, encoder: LetterEncoder | None = None) -> tuple[BuildReport, list[str]]:
    encoder = encoder or LetterEncoder()
    return build(settings, [corpus], encoder=encoder), encoder.asked


def index_files(settings: Settings) -> dict[str, bytes]:
    folder = settings.data / "generations" / load_generation(settings).name
    return {name: (folder / name).read_bytes() for name in ("passages.sqlite", "words.json", "arrays.npz")}


def flip_last_byte(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_only_a_changed_document_is_read_and_embedded(settings: Settings, corpus: Path) -> None:
    rebuild(settings, corpus)
    make_corpus(corpus, plan=PLAN.replace("市役所", "支所"), report=REPORT)
    report, embedded = rebuild(settings, corpus)
    assert (report.read, report.embedded) == (1, 2)
    assert not any("講座" in text for text in embedded)
    with open_index(settings) as index:
        assert any("支所" in passage.text for passage in index.passages)


def test_a_changed_manifest_entry_embeds_nothing(settings: Settings, corpus: Path) -> None:
    rebuild(settings, corpus)
    assert not rebuild(settings, corpus)[0].changed
    manifest = corpus / "manifest.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace("planの文書", "新しい題"), encoding="utf-8")
    report, embedded = rebuild(settings, corpus)
    assert (report.read, embedded) == (1, [])
    with open_index(settings) as index:
        assert index.documents[0].title == "新しい題"


@pytest.mark.parametrize("damage", [None, flip_last_byte, Path.unlink, lambda path: path.write_bytes(b"")])
def test_an_index_is_the_same_with_a_cache_without_and_with_a_damaged_one(
    settings: Settings, corpus: Path, damage: Callable[[Path], object] | None
) -> None:
    rebuild(settings, corpus)
    make_corpus(corpus, plan=PLAN, report=REPORT.replace("講座", "教室"), guide=GUIDES["guide0"])
    for path in sorted((settings.data / "cache").iterdir()) if damage else ():
        damage(path)  # type: ignore[misc]
    report, _ = rebuild(settings, corpus)
    assert report.read == (3 if damage else 2)
    with_cache = index_files(settings)
    build(settings, [corpus], encoder=LetterEncoder(), full=True)
    assert index_files(settings) == with_cache


def test_an_interrupted_build_is_resumed(settings: Settings, corpus: Path) -> None:
    make_corpus(corpus, **GUIDES)
    with pytest.raises(IngestError, match="疲れ"):
        rebuild(settings, corpus, TiredEncoder(PLACES[-1]))
    report, embedded = rebuild(settings, corpus)
    assert report.read == 0
    assert 1 <= len(embedded) < len(PLACES)
    with open_index(settings) as index:
        texts = [f"案内 > {place}\n{place}の案内です。" for place in PLACES]
        np.testing.assert_allclose(index.vectors, LetterEncoder().encode_documents(texts), atol=1e-3)


def test_the_recipe_covers_all_code_that_reads_a_file() -> None:
    code = "import sys, ingest.build.sandboxed_reading; print(*(m for m in sys.modules if m.startswith('ingest.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    covered = tuple(f"ingest.{source.removesuffix('.py').replace('/', '.')}" for source in READING_SOURCES)
    others = {"build", "sandbox", "configuration", "errors"}
    assert {name for name in loaded if not f"{name}.".startswith(tuple(f"{one}." for one in covered))} <= {
        name for name in loaded if name.split(".")[1] in others
    } | {"ingest.metadata"}
