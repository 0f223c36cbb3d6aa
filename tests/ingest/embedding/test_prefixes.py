"""Tests of query and passage prefixes of encoders."""

import json
from pathlib import Path

import pytest

from ingest.configuration.settings import Settings
from ingest.embedding import Prefixes, encoder_prefixes

RURI_V3 = Prefixes("検索クエリ: ", "検索文書: ")
RURI = Prefixes("クエリ: ", "文章: ")
E5 = Prefixes("query: ", "passage: ")
NONE = Prefixes("", "")


def wanted(folder: Path | str, **overrides: str) -> Prefixes:
    return encoder_prefixes(Settings(_env_file=None, encoder=str(folder), **overrides))  # type: ignore[arg-type]


def model(folder: Path, *, prompts: object = None, config: object = None, card: str = "") -> Path:
    folder.mkdir(parents=True)
    if prompts is not None:
        (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}))
    (folder / "config.json").write_text(json.dumps(config or {}))
    (folder / "README.md").write_text(card)
    return folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ruri-v3-310m", RURI_V3),
        ("ruri-large-v2", RURI),
        ("ruri_small", RURI),
        ("multilingual-e5-base", E5),
        ("GLuCoSE-base-ja-v2", E5),
        ("GLuCoSE-base-ja", NONE),
        ("bge-m3", NONE),
        ("bge-base-en-v1.5", Prefixes("Represent this sentence for searching relevant passages: ", "")),
        ("gte-multilingual-base", NONE),
        ("plamo-embedding-1b", NONE),
        ("my-model", Prefixes()),
    ],
)
def test_a_model_family_is_recognised_by_folder_name(tmp_path: Path, name: str, expected: Prefixes) -> None:
    assert wanted(model(tmp_path / name)) == expected


def test_instruction_models_get_an_instruction(tmp_path: Path) -> None:
    output = wanted(model(tmp_path / "multilingual-e5-large-instruct"))
    assert output.query is not None
    assert output.query.startswith("Instruct: ")
    assert output.query.endswith("\nQuery: ")
    assert output.passage == ""


@pytest.mark.parametrize(
    "prompts",
    [
        {"query": "Q: ", "document": "D: "},
        {"query": "Q: ", "passage": "D: ", "classification": "C: "},
        {"query": "Q: ", "passage": "D: ", "document": ""},
        {"retrieval.query": "Q: ", "retrieval.passage": "D: "},
        {"Retrieval-query": "Q: ", "Retrieval-passage": "D: "},
        {"search_query": "Q: ", "search_document": "D: "},
    ],
)
def test_prompts_in_the_folder_override_those_of_the_family(tmp_path: Path, prompts: dict[str, str]) -> None:
    assert wanted(model(tmp_path / "ruri-v3-30m", prompts=prompts)) == Prefixes("Q: ", "D: ")


def test_a_query_prompt_alone_leaves_passages_without_prefix(tmp_path: Path) -> None:
    assert wanted(model(tmp_path / "e5-base", prompts={"query": "Q: "})) == Prefixes("Q: ", "")


@pytest.mark.parametrize("prompts", [{}, {"query": "", "document": ""}, {"STS": "S: "}, ["Q: "]])
def test_empty_prompts_do_not_override_the_family(tmp_path: Path, prompts: object) -> None:
    assert wanted(model(tmp_path / "e5-base", prompts=prompts)) == E5


@pytest.mark.parametrize(
    ("config", "card"),
    [
        ({"_name_or_path": "cl-nagoya/ruri-v3-30m"}, ""),
        ({}, 'model = SentenceTransformer("cl-nagoya/ruri-v3-30m")\n'),
        ({}, "tokenizer = AutoTokenizer.from_pretrained('cl-nagoya/ruri-v3-30m')\n"),
        (
            {},
            "---\nbase_model: cl-nagoya/ruri-v3-pt-30m\n---\n# Ruri, better than multilingual-e5\n",
        ),
    ],
)
def test_a_renamed_folder_is_recognised_by_its_content(tmp_path: Path, config: object, card: str) -> None:
    assert wanted(model(tmp_path / "encoder", config=config, card=card)) == RURI_V3


def test_only_the_first_model_in_a_model_card_counts(tmp_path: Path) -> None:
    card = 'SentenceTransformer("someone/new-model")\nSentenceTransformer("intfloat/multilingual-e5-base")\n'
    assert wanted(model(tmp_path / "encoder", card=card)) == Prefixes()


def test_a_folder_in_the_hub_cache_is_recognised(tmp_path: Path) -> None:
    assert wanted(model(tmp_path / "models--cl-nagoya--ruri-base" / "snapshots" / "1a2b3c")) == RURI


def test_a_hub_name_is_recognised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert wanted("intfloat/multilingual-e5-small") == E5


def test_settings_override_prefixes(tmp_path: Path) -> None:
    folder = model(tmp_path / "ruri-v3-30m", prompts={"query": "Q: ", "document": "D: "})
    assert wanted(folder, encoder_query_prefix="問: ") == Prefixes("問: ", "D: ")
    assert wanted(folder, encoder_query_prefix="問: ", encoder_passage_prefix=" ") == Prefixes("問: ", "")
