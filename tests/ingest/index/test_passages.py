"""Tests of documents and passages on disk, loaded on access."""

from pathlib import Path

import pytest

from ingest.build.build import index_documents
from ingest.documents import Cell, Document, DroppedLines, ParsedDocument, Passage
from ingest.errors import StorageError
from ingest.index.index import open_index
from ingest.index.passages import ParsedDocuments, PassageStore
from tests.ingest.small_corpus import LetterEncoder, make_settings

FERRY = ParsedDocument(
    Document("ferry", "渡し船の案内", "ferry.md", "notice", "波止町", "2026-04", aliases=("渡し",)),
    (
        Passage("ferry#1", "ferry", "text", ("渡し船", "時刻"), "渡し船とは、\n岸と岸を結ぶ「船」です。", (1, 2), 3),
        Passage("ferry#2", "ferry", "row", ("渡し船",), "便: 朝", (4,), 3, (Cell("便", "朝"),), ("※雨の日",)),
        Passage("ferry#3", "ferry", "list", (), "・朝\n・夕", (5,), items=("朝", "夕"), confidence=0.5),
    ),
    (DroppedLines((9,), "3ページ", "ページ番号"),),
)
BLANK = ParsedDocument(Document("blank", "白紙", "blank.md"), ())
LAMPS = ParsedDocument(
    Document("lamps", "街灯の計画", "lamps.md", "plan", supersedes=("old",)),
    (Passage("lamps#1", "lamps", "text", ("街灯",), "街灯を増やします。", (1,)),),
)
ALL = (FERRY, BLANK, LAMPS)
PASSAGES = (*FERRY.passages, *LAMPS.passages)


@pytest.fixture(params=[4096, 2], ids=["all stay made", "few stay made"])
def stored(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> PassageStore:
    monkeypatch.setattr("ingest.index.passages._CACHE_SIZE", request.param)
    return PassageStore.write(tmp_path, ALL)


def test_documents_and_passages_are_loaded_as_they_were_stored(stored: PassageStore) -> None:
    assert tuple(stored.parsed_documents) == ALL
    assert stored.documents == stored.parsed_documents.documents == tuple(reading.document for reading in ALL)
    assert [kept.passage_count for kept in stored.parsed_documents.items] == [3, 0, 1]
    assert stored.pages.tolist() == [3, 3, 0, 0]


def test_passages_are_a_sequence(stored: PassageStore) -> None:
    passages = stored.passages
    assert len(passages) == 4
    assert tuple(passages) == passages[:] == PASSAGES
    assert passages[-1] == PASSAGES[3]
    assert passages[1] == PASSAGES[1]
    assert passages[2:] == PASSAGES[2:]
    with pytest.raises(IndexError):
        passages[4]


def test_a_passage_is_found_by_its_id(stored: PassageStore) -> None:
    assert [stored.passages.row_of(passage.id) for passage in PASSAGES] == [0, 1, 2, 3]
    with pytest.raises(KeyError):
        stored.passages.row_of("ferry#4")


def test_ids_with_equal_digests_are_distinguished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.index.passages._key", len)
    passages = PassageStore.write(tmp_path, ALL).passages
    assert [passages.row_of(passage.id) for passage in PASSAGES] == [0, 1, 2, 3]
    with pytest.raises(KeyError):
        passages.row_of("ferry#9")


def test_documents_can_be_found_and_their_metadata_changed(stored: PassageStore) -> None:
    assert stored.parsed_documents.load("lamps") == LAMPS
    assert stored.parsed_documents.load("unknown") is None
    renamed = ParsedDocuments.from_memory(ALL).map_documents(
        lambda document: Document(document.id, "新しい題名", document.file)
    )
    assert {reading.document.title for reading in renamed} == {"新しい題名"}
    assert [reading.passages for reading in renamed] == [reading.passages for reading in ALL]


def test_repeated_passage_ids_are_refused(tmp_path: Path) -> None:
    twice = ParsedDocument(LAMPS.document, (*LAMPS.passages, *LAMPS.passages))
    with pytest.raises(StorageError):
        index_documents(make_settings(tmp_path), [twice], encoder=LetterEncoder())


def test_an_index_returns_the_passages_of_a_document(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    index_documents(settings, ALL, encoder=LetterEncoder())
    with open_index(settings) as index:
        assert (
            index.document_passages("lamps") == index.excluding(["lamps"]).document_passages("lamps") == LAMPS.passages
        )
        assert index.passage_rows("lamps") == range(3, 4)
        assert tuple(index.document_passages("blank")) == ()
        assert tuple(index.document_passages("old")) == ()
