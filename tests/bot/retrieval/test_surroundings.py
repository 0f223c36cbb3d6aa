"""Tests of the features of the page around a passage: its words and its meaning."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.retrieval.features import compute_features, page_meaning_gain, page_word_score
from bot.retrieval.query_representation import QueryRepresentation
from bot.retrieval.ranking import Ranker
from bot.retrieval.retrieve import search
from ingest.build.build import index_documents
from ingest.documents import Document, ParsedDocument, Passage
from ingest.index.index import Index, open_index
from tests.ingest.small_corpus import LetterEncoder, make_settings

Feature = Callable[[QueryRepresentation, NDArray[np.int64]], NDArray[np.float32]]
ENCODER = LetterEncoder()
ASKED = "駐輪場の料金と申請の窓口"
PAGES = [
    (1, "駐輪場の料金は一日百円です。"),
    (1, "申請の窓口は市民課です。"),
    (2, "駐輪場の料金は無料です。"),
    (2, "図書館は月曜日に休みます。"),
    (3, "公園の芝生を夏に刈ります。"),
    (None, "駐輪場の料金を示す。"),
    (None, "防災無線を点検する。"),
    (4, "水道の検針は二か月に一度、検針員が家を訪ねて行います。留守でも構いません。"),
    (4, "火災予防。"),
]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """Yield an index of a PDF of four pages and of two notes without pages."""
    passages = [Passage(f"p#{i}", "p", "text", (), text, (i,), page) for i, (page, text) in enumerate(PAGES)]
    settings = make_settings(tmp_path_factory.mktemp("pages"))
    index_documents(settings, [ParsedDocument(Document("p", "案内", "p.pdf"), tuple(passages))], encoder=ENCODER)
    with open_index(settings) as opened:
        yield opened


@pytest.fixture
def query(index: Index) -> QueryRepresentation:
    return QueryRepresentation(ASKED, index, ENCODER)


@pytest.mark.parametrize("feature", [page_word_score, page_meaning_gain])
def test_a_page_that_has_more_of_the_question_gives_more(query: QueryRepresentation, feature: Feature) -> None:
    more, less = feature(query, np.array([0, 2]))
    assert more > less


@pytest.mark.parametrize("feature", [page_word_score, page_meaning_gain])
def test_all_passages_of_a_page_get_the_same(query: QueryRepresentation, feature: Feature) -> None:
    on_one_page = feature(query, np.array([1, 4, 0]))
    assert on_one_page[0] == pytest.approx(on_one_page[2], abs=1e-4) != on_one_page[1]
    assert feature(query, np.array([1]))[0] == pytest.approx(on_one_page[0], abs=1e-4)


def test_the_best_page_has_no_difference(query: QueryRepresentation) -> None:
    assert page_word_score(query, np.array([0])) == 0
    assert page_word_score(query, np.array([2])) < 0


def test_a_passage_without_a_page_gets_zero(query: QueryRepresentation) -> None:
    assert page_word_score(query, np.array([5, 6])).tolist() == [0, 0]
    assert page_meaning_gain(query, np.array([4, 5, 6])) == pytest.approx([0, 0, 0], abs=1e-4)


def test_longer_passages_weigh_more_in_the_vector_of_a_page(index: Index) -> None:
    long, short = (QueryRepresentation(index.passages[row].text, index, ENCODER) for row in (7, 8))
    assert page_meaning_gain(long, np.array([8])) > page_meaning_gain(short, np.array([7]))


def test_no_passages_have_no_surroundings(query: QueryRepresentation) -> None:
    assert all(column.shape == (0,) for column in compute_features(query, np.zeros(0, np.int64)).values())


@pytest.mark.parametrize("feature", ["page_bm25", "page_vector_gain"])
def test_the_page_distinguishes_similar_passages(index: Index, feature: str) -> None:
    found = search(index, ENCODER, ASKED, 10, ranker=Ranker({"bm25": 1.0, feature: 2.0}))
    places = [hit.passage.id for hit in found]
    assert places.index("p#0") < places.index("p#2")
