"""Tests of ZIP archives of documents."""

import tempfile
import zipfile
from pathlib import Path

import pytest

from ingest.build.corpus_reading import check_corpora
from ingest.errors import ManifestError, UnreadableDocumentError
from ingest.lifecycle.library import add_documents
from ingest.metadata.manifest import examine, read_corpus
from ingest.metadata.proposal import find_title
from ingest.passages.document_reading import read_document
from ingest.readers.zip_archive import unpack_members
from tests.conftest import ROOT
from tests.ingest.small_corpus import LetterEncoder, make_settings

PACKED = ROOT / "tests" / "documents" / "office" / "plan.zip"
TEXT = "# 案内\n\n朝8時までに出してください。\n"


def packed(path: Path, **files: str | bytes) -> Path:
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return path


def test_windows_archives_are_read_and_each_file_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "plan.zip").write_bytes(PACKED.read_bytes())
    corpus = read_corpus(tmp_path)
    assert [one.file for one in corpus.documents] == ["plan.zip/みどり/計画.docx", "plan.zip/決算.xlsx"]
    assert len({one.id for one in corpus.documents}) == 2
    assert find_title(corpus.entries[1].path) == "霧ヶ沢町 令和6年度決算の概要"
    assert all(read_document(one.path, one.document).passages for one in corpus.entries)


def test_a_manifest_can_name_a_file_in_an_archive(tmp_path: Path) -> None:
    packed(tmp_path / "a.zip", first__guide_md=TEXT)
    entry = '[[document]]\nfile = "a.zip/first/guide.md"\nid = "guide"\ntitle = "出し方"\n'
    (tmp_path / "manifest.toml").write_text(entry, encoding="utf-8")
    assert [(one.id, one.title) for one in read_corpus(tmp_path).documents] == [("guide", "出し方")]
    (tmp_path / "manifest.toml").write_text(entry.replace("guide.md", "none.md"), encoding="utf-8")
    with pytest.raises(ManifestError, match=r"none\.md」がありません"):
        read_corpus(tmp_path)


def test_an_archive_in_an_archive_is_named_with_what_to_do(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner" / "inner.zip", guide_md=TEXT).read_bytes()
    packed(tmp_path / "corpus" / "outer.zip", inner_zip=inner, guide_md=TEXT)
    corpus = examine(tmp_path / "corpus")
    assert [one.file for one in corpus.documents] == ["outer.zip/guide.md"]
    assert any("inner.zip" in one.file and "展開して、中の文書を" in one.text for one in corpus.unreadable)


def test_files_added_by_operating_systems_are_not_documents(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("__MACOSX/._guide.md", ".DS_Store", "~$plan.docx", "guide.md", "plan.jtd"):
            archive.writestr(name, TEXT)
    corpus = examine(tmp_path)
    assert [one.file for one in corpus.documents] == ["a.zip/guide.md"]
    assert any("plan.jtd" in one.file and "一太郎で開き、PDF" in one.text for one in corpus.unreadable)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda a: a.writestr("../../out.md", TEXT), "フォルダーの外を指す名前"),
        (lambda a: a.writestr("/etc/out.md", TEXT), "フォルダーの外を指す名前"),
        (lambda a: a.writestr("bomb.txt", b" " * (80 << 20)), "展開すると大きすぎる"),
        (lambda a: [a.writestr(f"{n}.md", "") for n in range(2_001)], "ファイルが多すぎ"),
        (lambda _: None, "文書が入っていません"),
    ],
)
def test_a_malicious_archive_is_refused(make: object, expected: str, tmp_path: Path) -> None:
    assert callable(make)
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        make(archive)
    with pytest.raises(UnreadableDocumentError, match=rf"a\.zip: .*{expected}"):
        unpack_members(tmp_path / "a.zip")


def test_a_refused_archive_leaves_no_files_and_is_unpacked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "unpacked").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "unpacked"))
    path = packed(tmp_path / "a.zip", guide_md=TEXT, **{"..__out_md": TEXT})
    for _ in range(2):
        with pytest.raises(UnreadableDocumentError, match=r"a\.zip: .*フォルダーの外を指す名前"):
            unpack_members(path)
        assert list(tmp_path.glob("unpacked/*")) == []
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))  # nothing can be unpacked any more


def test_links_in_an_archive_are_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.md")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("guide.md", TEXT)
    assert [one.name for one in unpack_members(tmp_path / "a.zip")] == ["guide.md"]


def test_an_unreadable_archive_is_reported_and_the_rest_is_read(tmp_path: Path) -> None:
    locked = bytearray(packed(tmp_path / "locked.zip", guide_md=TEXT).read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + place] |= 1
    (tmp_path / "locked.zip").write_bytes(bytes(locked))
    (tmp_path / "damaged.zip").write_bytes(PACKED.read_bytes()[:2000])
    (tmp_path / "guide.md").write_text(TEXT, encoding="utf-8")
    found = check_corpora(make_settings(tmp_path / "data"), [tmp_path]).corpus
    assert len(found.unreadable) == 2
    assert any("locked.zip: パスワードで保護" in str(one) for one in found.unreadable)
    assert any("damaged.zip: ZIP として読めません" in str(one) for one in found.unreadable)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_archive_of_any_compression_is_reported(method: int, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", method) as archive:
        archive.writestr("guide.md", "".join(map(chr, range(0x4E00, 0x5000))))
    broken = bytearray((tmp_path / "a.zip").read_bytes())
    broken[60:90] = b"\xff" * 30
    (tmp_path / "a.zip").write_bytes(bytes(broken))
    with pytest.raises(UnreadableDocumentError, match=r"a\.zip: ZIP として読めません"):
        unpack_members(tmp_path / "a.zip")


def test_an_archive_is_added_as_the_documents_in_it(tmp_path: Path) -> None:
    path = packed(tmp_path / "papers.zip", first__guide_md=TEXT, second__guide_md=TEXT.replace("8時", "9時"))
    _, ids = add_documents(make_settings(tmp_path), [path], {}, encoder=LetterEncoder())
    assert ids == ("papers.zip-first-guide", "papers.zip-second-guide")


def test_deleted_unpacked_files_are_unpacked_again(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", guide_md=TEXT)
    unpack_members(path)[0].path.unlink()
    assert unpack_members(path)[0].path.read_text(encoding="utf-8") == TEXT
