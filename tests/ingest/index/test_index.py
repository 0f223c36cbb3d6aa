from collections.abc import Iterator
from pathlib import Path

import chromadb
import numpy as np
import pytest
from numpy.typing import NDArray

from ingest.build.build import build, index_documents
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument, Passage
from ingest.errors import DamagedIndexError, EncoderChangedError
from ingest.index.index import Index, current_name, open_index
from ingest.index.vector_store import VectorStore
from ingest.japanese.tokenise import words
from tests.ingest.chroma_server import chroma_server
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings

ENCODER = LetterEncoder()
Vector = NDArray[np.float32]


def query_vectors(index: Index, text: str) -> tuple[Vector, Vector]:
    return ENCODER.encode_query(text), index.lexicon.pooled(words(text))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("index")
    settings = make_settings(folder)
    build(settings, [make_corpus(folder / "corpus", plan=PLAN, report=REPORT)], encoder=ENCODER)
    return settings


@pytest.fixture(scope="module")
def index(settings: Settings) -> Index:
    return open_index(settings)


def test_the_nearest_passage_comes_first(index: Index) -> None:
    rows, cosines = index.nearest_passages(*query_vectors(index, "講座に参加しました"), 3)
    assert index.passages[rows[0]].section == "講座"
    assert rows.shape == cosines.shape == (3,)
    assert (np.diff(cosines) <= 0).all()


def test_asking_for_more_passages_than_exist_returns_all(index: Index) -> None:
    rows, _ = index.nearest_passages(*query_vectors(index, "計画"), 100)
    assert sorted(rows) == [0, 1, 2, 3]
    assert index.nearest_passages(*query_vectors(index, "計画"), 0)[0].size == 0


def test_keywords_match_headings_and_bodies(index: Index) -> None:
    assert index.keyword.score_texts(words("講座")).argmax() == 2
    assert index.keyword.score_texts(words("市役所")).argmax() == 1
    assert index.keyword.score_texts(words("報告")).nonzero()[0].tolist() == [2, 3]


def test_another_encoder_asks_for_a_build(settings: Settings) -> None:
    with pytest.raises(EncoderChangedError, match="python -m ingest build"):
        open_index(settings.model_copy(update={"encoder": "others"}))


@pytest.mark.parametrize("size", [1, 2, 1001])
def test_opening_and_querying_change_no_file(tmp_path: Path, size: int) -> None:
    document = Document("rules", "規則", "rules.md")
    passages = tuple(Passage(f"rules-{n}", "rules", "text", (), f"第{n}条の定め", (n + 1,)) for n in range(size))
    settings = make_settings(tmp_path)
    index_documents(settings, [ParsedDocument(document, passages)], encoder=ENCODER)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for _ in range(2):
        with open_index(settings) as index:
            assert index.nearest_passages(index.vectors[0], index.word_vectors[0], 2)[0].size == min(size, 2)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_build_without_all_its_vectors_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(VectorStore, "add", lambda *_: None)
    settings = make_settings(tmp_path)
    with pytest.raises(DamagedIndexError):
        build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN)], encoder=ENCODER)
    assert current_name(settings) is None


def test_an_open_index_survives_later_builds(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    build(settings, [corpus], encoder=ENCODER)
    with open_index(settings) as old:
        make_corpus(corpus, report=REPORT)
        for _ in range(3):
            build(settings, [corpus], encoder=ENCODER, full=True)
        assert old.name != current_name(settings)
        rows, _ = old.nearest_passages(*query_vectors(old, "計画の期間"), 1)
        assert old.passages[rows[0]].section == "期間"
        assert old.keyword.score_texts(words("市役所")).any()
        assert old.folder.is_dir()
    build(settings, [corpus], encoder=ENCODER, full=True)
    assert not old.folder.exists()


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture
def remote(tmp_path: Path, url: str) -> Settings:
    return make_settings(tmp_path, chroma_url=url)


def collections(url: str) -> set[str]:
    host, port = url.removeprefix("http://").split(":")
    return {collection.name for collection in chromadb.HttpClient(host=host, port=int(port)).list_collections()}


def test_passages_are_found_on_the_server(remote: Settings, tmp_path: Path) -> None:
    encoder = LetterEncoder()
    name = build(remote, [make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)], encoder=encoder).name
    with open_index(remote) as index:
        text = "講座に参加しました"
        rows, cosines = index.nearest_passages(encoder.encode_query(text), index.lexicon.pooled(words(text)), 2)
        assert index.passages[rows[0]].section == "講座"
        assert cosines[0] > cosines[1]
    assert not (remote.data / "generations" / name / "chroma").exists()


def test_old_collections_are_removed(remote: Settings, tmp_path: Path, url: str) -> None:
    others = collections(url)
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    names = [build(remote, [corpus], encoder=LetterEncoder(), full=True).name for _ in range(4)]
    assert collections(url) - others == set(names[-2:])
    assert others <= collections(url)


def test_changing_from_server_to_folder_asks_for_a_build(remote: Settings, tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    build(remote, [corpus], encoder=LetterEncoder())
    local = remote.model_copy(update={"chroma_url": None})
    with pytest.raises(EncoderChangedError):
        open_index(local)
    assert build(local, [corpus], encoder=LetterEncoder()).embedded == 0
    with open_index(local) as index:
        assert index.stored_vector_count() == len(index.passages)
