"""Which words an encoder gets before questions and passages."""

import json
from pathlib import Path

import pytest

from ingest.configuration.settings import Settings
from ingest.embedding import Prefixes, encoder_prefixes

RURI_V3 = Prefixes("検索クエリ: ", "検索文書: ")
RURI = Prefixes("クエリ: ", "文章: ")
E5 = Prefixes("query: ", "passage: ")
NONE = Prefixes("", "")


def wanted(folder: Path | str, **said: str) -> Prefixes:
    return encoder_prefixes(Settings(_env_file=None, encoder=str(folder), **said))  # type: ignore[arg-type]


def model(folder: Path, *, prompts: object = None, config: object = None, card: str = "") -> Path:
    """Write what a model's folder says of the model, without the model."""
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
def test_a_family_is_known_by_the_name_of_its_folder(tmp_path: Path, name: str, expected: Prefixes) -> None:
    """A model gets what its family was trained with; of an unknown one nothing is said."""
    assert wanted(model(tmp_path / name)) == expected


def test_models_that_take_an_instruction_get_one(tmp_path: Path) -> None:
    """An instruction stands before questions only."""
    told = wanted(model(tmp_path / "multilingual-e5-large-instruct"))
    assert told.query is not None
    assert told.query.startswith("Instruct: ")
    assert told.query.endswith("\nQuery: ")
    assert told.passage == ""


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
def test_the_prompts_of_the_folder_come_before_its_family(tmp_path: Path, prompts: dict[str, str]) -> None:
    """However a folder calls them, its own prompts for searching are taken."""
    assert wanted(model(tmp_path / "ruri-v3-30m", prompts=prompts)) == Prefixes("Q: ", "D: ")


def test_a_prompt_for_questions_alone_leaves_passages_bare(tmp_path: Path) -> None:
    """A folder that names one of the two has said all."""
    assert wanted(model(tmp_path / "e5-base", prompts={"query": "Q: "})) == Prefixes("Q: ", "")


@pytest.mark.parametrize("prompts", [{}, {"query": "", "document": ""}, {"STS": "S: "}, ["Q: "]])
def test_prompts_that_say_nothing_leave_it_to_the_family(tmp_path: Path, prompts: object) -> None:
    """Empty prompts, as the library saves them unasked, do not hide the family."""
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
def test_a_renamed_folder_is_known_by_what_is_in_it(tmp_path: Path, config: object, card: str) -> None:
    """Configuration and model card name the model where the folder does not; other names in the card's text do not."""
    assert wanted(model(tmp_path / "encoder", config=config, card=card)) == RURI_V3


def test_a_model_that_a_card_compares_with_is_not_the_model(tmp_path: Path) -> None:
    """Of the models that a card loads the first is the card's own."""
    card = 'SentenceTransformer("someone/new-model")\nSentenceTransformer("intfloat/multilingual-e5-base")\n'
    assert wanted(model(tmp_path / "encoder", card=card)) == Prefixes()


def test_a_folder_of_the_hubs_cache_is_known(tmp_path: Path) -> None:
    """The cache keeps a model below its name."""
    assert wanted(model(tmp_path / "models--cl-nagoya--ruri-base" / "snapshots" / "1a2b3c")) == RURI


def test_a_name_on_the_hub_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the name tells the family."""
    monkeypatch.chdir(tmp_path)
    assert wanted("intfloat/multilingual-e5-small") == E5


def test_the_settings_win(tmp_path: Path) -> None:
    """What is set is taken, each for itself; blank text takes a prefix away."""
    folder = model(tmp_path / "ruri-v3-30m", prompts={"query": "Q: ", "document": "D: "})
    assert wanted(folder, encoder_query_prefix="問: ") == Prefixes("問: ", "D: ")
    assert wanted(folder, encoder_query_prefix="問: ", encoder_passage_prefix=" ") == Prefixes("問: ", "")


def test_the_default_encoder_gets_no_prefixes() -> None:
    """It was trained without, whatever is set for another."""
    assert wanted("use-multilingual", encoder_query_prefix="問: ") == Prefixes()
