"""Tests of encoders and rerankers that are loaded from a folder of the operator."""

import json
import socket
from pathlib import Path

import numpy as np
import pytest

from bot.cli.doctor import Check, run_checks
from bot.errors import RerankerError
from bot.retrieval.retrieve import open_reranker
from bot.service import open_service
from bot.state import Question
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, open_encoder
from ingest.errors import EncoderChangedError, IngestError
from ingest.index.index import open_index
from tests.bot.answer_assertions import DOCUMENTS, TODAY
from tests.tiny_models import cross_encoder, plain_encoder, sentence_transformer

TEXTS = "".join(path.read_text("utf-8") for path in DOCUMENTS.glob("*.md")) + "クエリ検索文書: query passage"


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return plain_encoder(tmp_path_factory.mktemp("plain") / "encoder", TEXTS)


@pytest.fixture(scope="session")
def prompted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prompted")
    return sentence_transformer(folder, TEXTS, {"query": "検索クエリ: ", "passage": "検索文書: "})


@pytest.fixture(scope="session")
def reranker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("reranker"), TEXTS)


@pytest.fixture(scope="session")
def own_index(tmp_path_factory: pytest.TempPathFactory, prompted: Path) -> Settings:
    settings = Settings(_env_file=None, data=tmp_path_factory.mktemp("own"), encoder=str(prompted))
    build(settings, [DOCUMENTS])
    return settings


def opened(folder: Path, **said: str) -> Encoder:
    return open_encoder(Settings(_env_file=None, encoder=str(folder), **said))  # type: ignore[arg-type]


def check(settings: Settings, name: str) -> Check:
    (found,) = (one for one in run_checks(settings).checks if one.name == name)
    return found


def test_a_plain_folder_gives_the_mean_of_its_tokens(plain: Path) -> None:
    encoder = opened(plain)
    vectors = encoder.encode_documents(["計画の期間", "本部"])
    assert vectors.shape == (2, encoder.dimension) == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)
    np.testing.assert_allclose(encoder.encode_query("本部"), vectors[1], atol=1e-4)


def test_the_prompts_of_a_folder_precede_texts(plain: Path, prompted: Path) -> None:
    bare, encoder = opened(plain), opened(prompted)
    question = bare.encode_query("検索クエリ: 計画の期間")
    passage = bare.encode_query("検索文書: 計画の期間")
    np.testing.assert_allclose(encoder.encode_query("計画の期間"), question, atol=1e-4)
    np.testing.assert_allclose(encoder.encode_documents(["計画の期間"])[0], passage, atol=1e-4)
    assert not np.allclose(question, passage, atol=1e-3)


def test_configured_prefixes_replace_those_of_the_folder(plain: Path, prompted: Path) -> None:
    encoder = opened(prompted, encoder_query_prefix="query: ", encoder_passage_prefix=" ")
    bare = opened(plain)
    np.testing.assert_allclose(encoder.encode_query("計画"), bare.encode_query("query: 計画"), atol=1e-4)
    np.testing.assert_allclose(encoder.encode_documents(["計画"])[0], bare.encode_query("計画"), atol=1e-4)


def test_code_in_a_folder_is_not_run(plain: Path, tmp_path: Path) -> None:
    folder, trace = tmp_path / "foreign", tmp_path / "ran"
    folder.mkdir()
    for file in plain.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    config = json.loads((folder / "config.json").read_text("utf-8"))
    config |= {"model_type": "foreign", "auto_map": {"AutoConfig": "code.Config", "AutoModel": "code.Model"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code.py").write_text(f"open({str(trace)!r}, 'w')\n")
    with pytest.raises(IngestError, match="SHIRUBE_ENCODER"):
        opened(folder)
    assert not trace.exists()


def test_local_models_need_no_connection(plain: Path, reranker: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refused)
    opened(plain).encode_query("計画")
    loaded = open_reranker(str(reranker))
    assert loaded is not None
    assert len(loaded.scores("計画", ["期間", "本部"])) == 2


def test_loading_writes_nothing_into_the_log(plain: Path, reranker: Path, capfd: pytest.CaptureFixture[str]) -> None:
    capfd.readouterr()
    opened(plain)
    open_reranker(str(reranker))
    assert capfd.readouterr() == ("", "")


def test_another_passage_prefix_needs_another_index(own_index: Settings) -> None:
    changed = own_index.model_copy(update={"encoder_passage_prefix": "passage: "})
    with pytest.raises(EncoderChangedError, match="SHIRUBE_ENCODER_PASSAGE_PREFIX"):
        open_index(changed)


def test_a_build_with_another_passage_prefix_embeds_all_again(prompted: Path, tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data=tmp_path, encoder=str(prompted))
    first = build(settings, [DOCUMENTS])
    asked = build(settings.model_copy(update={"encoder_query_prefix": "query: "}), [DOCUMENTS])
    told = build(settings.model_copy(update={"encoder_passage_prefix": "passage: "}), [DOCUMENTS])
    assert asked.changed is False
    assert told.embedded == first.embedded


@pytest.fixture(scope="session")
def both_ways(own_index: Settings, reranker: Path) -> tuple[Settings, Settings]:
    return own_index, own_index.model_copy(update={"reranker": str(reranker)})


def test_a_reranker_orders_what_a_search_finds(both_ways: tuple[Settings, Settings]) -> None:
    without, with_reranker = both_ways
    with open_service(without, lambda: TODAY) as service:
        fused = [hit.passage.id for hit in service.search("植樹の本数", 30)]
    with open_service(with_reranker, lambda: TODAY) as service:
        found = service.search("植樹の本数", 30)
    scores = [hit.scores["reranker"] for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert sorted(hit.passage.id for hit in found) == sorted(fused)
    assert [hit.passage.id for hit in found] != fused


def test_a_reranker_that_breaks_leaves_the_answer(
    own_index: Settings, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    # It knows fewer words than its tokenizer has.
    folder = cross_encoder(tmp_path, TEXTS, words=8)
    question = Question(question="環境プラン2.0の計画期間は?")
    with open_service(own_index, lambda: TODAY) as service:
        without = service.ask(question)
    with open_service(own_index.model_copy(update={"reranker": str(folder)}), lambda: TODAY) as service:
        answer = service.ask(question)
    assert str(folder) in caplog.text
    assert answer.answer == without.answer
    assert answer.citations == without.citations


def test_the_service_does_not_start_without_its_reranker(own_index: Settings, tmp_path: Path) -> None:
    missing = own_index.model_copy(update={"reranker": str(tmp_path / "none")})
    with pytest.raises(RerankerError, match="SHIRUBE_RERANKER"), open_service(missing, lambda: TODAY):
        pass


def test_a_model_that_gives_no_score_is_no_reranker(plain: Path, tmp_path: Path) -> None:
    classes = cross_encoder(tmp_path, TEXTS, labels=3)
    for folder in (plain, classes):
        with pytest.raises(RerankerError, match="SHIRUBE_RERANKER"):
            open_reranker(str(folder))


def test_doctor_shows_encoder_and_reranker(both_ways: tuple[Settings, Settings], tmp_path: Path) -> None:
    settings = both_ways[1]
    found = check(settings, "埋め込みモデル").found
    assert all(told in found for told in (settings.encoder, "32次元", "検索クエリ: ", "検索文書: "))
    assert check(settings, "並べ替えのモデル") == Check("並べ替えのモデル", well=True, found=str(settings.reranker))
    missing = check(settings.model_copy(update={"reranker": str(tmp_path / "none")}), "並べ替えのモデル")
    assert not missing.well
    assert "SHIRUBE_RERANKER" in missing.mend
