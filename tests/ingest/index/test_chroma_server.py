from collections.abc import Iterator
from pathlib import Path

import chromadb
import pytest

from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.errors import EncoderChangedError
from ingest.index.index import open_index
from ingest.japanese.tokenise import words
from tests.ingest.chroma_server import chroma_server
from tests.ingest.small_corpus import PLAN, REPORT, LetterEncoder, make_corpus, make_settings


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with chroma_server(tmp_path_factory.mktemp("chroma")) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Path, url: str) -> Settings:
    return make_settings(tmp_path, chroma_url=url)


def collections(url: str) -> set[str]:
    host, port = url.removeprefix("http://").split(":")
    return {collection.name for collection in chromadb.HttpClient(host=host, port=int(port)).list_collections()}


def test_passages_are_found_on_the_server(settings: Settings, tmp_path: Path) -> None:
    encoder = LetterEncoder()
    name = build(settings, [make_corpus(tmp_path / "corpus", plan=PLAN, report=REPORT)], encoder=encoder).name
    with open_index(settings) as index:
        text = "講座に参加しました"
        rows, cosines = index.nearest_passages(encoder.encode_query(text), index.lexicon.pooled(words(text)), 2)
        assert index.passages[rows[0]].section == "講座"
        assert cosines[0] > cosines[1]
    assert not (settings.data / "generations" / name / "chroma").exists()


def test_old_collections_are_removed(settings: Settings, tmp_path: Path, url: str) -> None:
    others = collections(url)
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    names = [build(settings, [corpus], encoder=LetterEncoder(), full=True).name for _ in range(4)]
    assert collections(url) - others == set(names[-2:])
    assert others <= collections(url)


def test_changing_from_server_to_folder_asks_for_a_build(settings: Settings, tmp_path: Path) -> None:
    corpus = make_corpus(tmp_path / "corpus", plan=PLAN)
    build(settings, [corpus], encoder=LetterEncoder())
    local = settings.model_copy(update={"chroma_url": None})
    with pytest.raises(EncoderChangedError):
        open_index(local)
    assert build(local, [corpus], encoder=LetterEncoder()).embedded == 0
    with open_index(local) as index:
        assert index.stored_vector_count() == len(index.passages)
