import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.configuration.storage import lock_data_folder
from ingest.errors import IngestError, ManifestError, StorageError, UnreadableDocumentError
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


def test_a_first_build_indexes_everything(settings: Settings, corpus: Path) -> None:
    encoder = LetterEncoder()
    report = build(settings, [corpus], encoder=encoder)
    assert report.documents == 2
    assert report.read == 2
    assert report.reused == 0
    assert report.passages == report.embedded == len(encoder.asked) > 3
    assert report.name == current_name(settings)


def test_a_full_build_reads_and_embeds_everything(settings: Settings, corpus: Path) -> None:
    first = build(settings, [corpus], encoder=LetterEncoder())
    report = build(settings, [corpus], encoder=LetterEncoder(), full=True)
    assert report.read == 2
    assert report.embedded == first.passages
    assert report.changed is True


def test_a_deleted_document_leaves_the_index(settings: Settings, corpus: Path) -> None:
    build(settings, [corpus], encoder=LetterEncoder())
    make_corpus(corpus, plan=PLAN)
    build(settings, [corpus], encoder=LetterEncoder())
    with open_index(settings) as index:
        assert {passage.doc_id for passage in index.passages} == {"plan"}
        assert index.stored_vector_count() == len(index.passages)


def test_only_the_last_two_generations_are_kept(settings: Settings, corpus: Path) -> None:
    names = [build(settings, [corpus], encoder=LetterEncoder(), full=True).name for _ in range(3)]
    (settings.data / "generations" / "leftover").mkdir()
    assert generations(settings) == {*names[1:], "leftover"}
    build(settings, [corpus], encoder=LetterEncoder())
    assert generations(settings) == set(names[1:])


def test_progress_reaches_the_total_of_each_stage(tmp_path: Path, corpus: Path) -> None:
    output: dict[str, tuple[int, int]] = {}
    settings = make_settings(tmp_path, adapt=True)
    build(settings, [corpus], encoder=LetterEncoder(), progress=lambda stage, *counts: output.update({stage: counts}))
    assert len(output) == 7
    assert all(done == total > 0 for done, total in output.values())


def test_a_file_without_entry_is_indexed_with_a_warning(settings: Settings, corpus: Path) -> None:
    (corpus / "extra.md").write_text("# 追加\n\n追加の文書です。\n", encoding="utf-8")
    report = build(settings, [corpus], encoder=LetterEncoder())
    assert report.documents == 3
    assert "extra.md" in report.warnings[0]


def broken_manifest(corpus: Path) -> None:
    (corpus / "manifest.toml").write_text("[[document]\n", encoding="utf-8")


def binary_document(corpus: Path) -> None:
    (corpus / "plan.md").write_bytes(bytes(range(256)))
    (corpus / "report.md").write_bytes(b"\0\0")


@pytest.mark.parametrize(
    ("breaks", "error", "message"),
    [
        (broken_manifest, ManifestError, "manifest.toml"),
        (binary_document, UnreadableDocumentError, "report.md"),
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
