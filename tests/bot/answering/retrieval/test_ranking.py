from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.answering.retrieval.query_representation import QueryRepresentation
from bot.answering.retrieval.ranking import CandidateRanking, Ranker
from bot.answering.retrieval.retrieve import default_ranker
from bot.errors import BotError
from ingest.index.index import Index
from tests.bot.answering.retrieval.passages import ENCODER, document, opened

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
