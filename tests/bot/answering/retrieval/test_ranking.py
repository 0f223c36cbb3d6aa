from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bot.answering.retrieval.features import compute_features, page_meaning_gain, page_word_score
from bot.answering.retrieval.query_representation import QueryRepresentation
from bot.answering.retrieval.ranking import CandidateRanking, Ranker
from bot.answering.retrieval.retrieve import default_ranker, search
from bot.errors import BotError
from ingest.build.build import index_documents
from ingest.documents import Document, ParsedDocument, Passage
from ingest.index.index import Index, open_index
from tests.bot.answering.retrieval.passages import ENCODER, document, opened
from tests.ingest.small_corpus import make_settings

# More than are candidates for any question.
CROWD = 300


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    crowd = document("crowd", *(f"駐輪場の料金は第{n}区で一日百円です。" for n in range(CROWD)))
    far = document("far", "図書館は月曜日に休みます。", "駅前の駐輪場を夏に塗り直しました。", "公園の芝生を刈ります。")
    with opened(tmp_path_factory.mktemp("ranking"), [crowd, far]) as opened_index:
        yield opened_index


def ranking(index: Index, text: str, ranker: Ranker | None = None) -> CandidateRanking:
    return CandidateRanking(QueryRepresentation(text, index, ENCODER), ranker or default_ranker())


@pytest.mark.parametrize("text", ["", " 　", "ゑ", "。"])
def test_a_text_without_evidence_has_no_hits(index: Index, text: str) -> None:
    assert ranking(index, text).top_hits(10) == []


def test_the_best_come_first(index: Index) -> None:
    found = ranking(index, "駅前の駐輪場はいつ塗り直しましたか").top_hits(20)
    assert found[0].passage.id == "far#1"
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert len({hit.passage.id for hit in found}) == len(found) == 20
    assert all({"words", "encoder", "meaning"} <= hit.scores.keys() for hit in found)


@pytest.mark.parametrize(
    ("text", "reach", "has_words"), [("駐輪場の料金は一日百円ですか", CROWD, True), ("自転車置き場の代金", 100, False)]
)
def test_a_filter_finds_passages_of_low_rank(index: Index, text: str, reach: int, *, has_words: bool) -> None:
    asked = ranking(index, text)
    assert "far" not in {hit.passage.doc_id for hit in asked.top_hits(reach)}
    found = asked.top_hits(10, {"far"})
    assert found[0].passage.id == "far#1"
    assert {hit.passage.doc_id for hit in found} == {"far"}
    assert (found[0].scores["words"] > 0) is has_words


def test_the_ranker_weighs_the_features(index: Index) -> None:
    found = ranking(index, "公園の芝生", Ranker({"trigram_overlap": 1.0})).top_hits(3)
    assert found[0].passage.id == "far#2"
    assert found[0].score == 1.0
    assert found[1].score < 1


@pytest.mark.parametrize(
    "content",
    [None, b"\xff\xfe", b"[]", b'{"weights": [1]}', b'{"weights": {"words": NaN}}', b'{"weights": {"heading": 1.0}}'],
)
def test_a_file_without_weights_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "ranker.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BotError, match="検索の重み") as caught:
        Ranker.load(file)
    assert all(part in str(caught.value) for part in (str(file), "SHIRUBE_RANKER", "python -m lab train ranker"))


Passages = Sequence[str | tuple[str, str]]


def feature_values(folder: Path, question: str, passages: Passages, name: str) -> list[float]:
    with opened(folder, [document("d", *passages)]) as opened_index:
        column: list[float] = compute_features(
            QueryRepresentation(question, opened_index, ENCODER), np.arange(len(passages))
        )[name].tolist()
    return column


def test_a_name_is_found_as_it_is_spelled(tmp_path: Path) -> None:
    passages = ("第20回の大会が開かれた。", "20人が大会を2回開いた。", "JCP と呼ぶ。", "図書館が開く。")
    assert feature_values(tmp_path, "第20回は", passages, "run_overlap") == [1, 0, 0, 0]
    assert feature_values(tmp_path, "ｊｃｐとは", passages, "run_overlap") == [0, 0, 1, 0]


Feature = Callable[[QueryRepresentation, NDArray[np.int64]], NDArray[np.float32]]
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
def opened_index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    passages = [Passage(f"p#{i}", "p", "text", (), text, (i,), page) for i, (page, text) in enumerate(PAGES)]
    settings = make_settings(tmp_path_factory.mktemp("pages"))
    index_documents(settings, [ParsedDocument(Document("p", "案内", "p.pdf"), tuple(passages))], encoder=ENCODER)
    with open_index(settings) as opened:
        yield opened


@pytest.fixture
def query(opened_index: Index) -> QueryRepresentation:
    return QueryRepresentation(ASKED, opened_index, ENCODER)


@pytest.mark.parametrize("feature", [page_word_score, page_meaning_gain])
def test_a_page_that_has_more_of_the_question_gives_more(query: QueryRepresentation, feature: Feature) -> None:
    more, less = feature(query, np.array([0, 2]))
    assert more > less


def test_a_passage_without_a_page_gets_zero(query: QueryRepresentation) -> None:
    assert page_word_score(query, np.array([5, 6])).tolist() == [0, 0]
    assert page_meaning_gain(query, np.array([4, 5, 6])) == pytest.approx([0, 0, 0], abs=1e-4)


@pytest.mark.parametrize("feature", ["page_bm25", "page_vector_gain"])
def test_the_page_distinguishes_similar_passages(opened_index: Index, feature: str) -> None:
    found = search(opened_index, ENCODER, ASKED, 10, ranker=Ranker({"bm25": 1.0, feature: 2.0}))
    places = [hit.passage.id for hit in found]
    assert places.index("p#0") < places.index("p#2")
