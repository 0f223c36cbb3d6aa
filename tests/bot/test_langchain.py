from collections.abc import Iterator
from datetime import date

import pytest

from bot.langchain import ShirubeRetriever
from ingest.build.build import build
from ingest.configuration.settings import Settings
from ingest.embedding import Encoder, open_encoder
from ingest.index.index import Index, open_index

MANIFEST = """
[[document]]
file = "old.md"
id = "old"
title = "図書館計画"
published = "2020-01"
period = ["2020-04-01", "2024-03-31"]

[[document]]
file = "new.md"
id = "new"
title = "図書館計画2"
published = "2024-01"
period = ["2024-04-01", "2028-03-31"]
supersedes = ["old"]
url = "https://example.com/new"
"""


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return open_encoder(Settings(_env_file=None))


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Index]:
    folder = tmp_path_factory.mktemp("library")
    (folder / "manifest.toml").write_text(MANIFEST, "utf-8")
    (folder / "old.md").write_text(
        "# 1. 開館時間\n\n図書館は午前10時に開きます。\n\n# 2. 席\n\n席は80席です。\n", "utf-8"
    )
    (folder / "new.md").write_text(
        "# 1. 開館時間\n\n図書館は午前9時に開きます。\n\n# 2. 席\n\n席は120席です。\n", "utf-8"
    )
    settings = Settings(_env_file=None, data=folder / "data", corpus=folder)
    build(settings, [folder], encoder=encoder)
    with open_index(settings) as opened:
        yield opened


def test_passages_come_best_first_with_their_document(index: Index, encoder: Encoder) -> None:
    found = ShirubeRetriever(index=index, encoder=encoder, k=2).invoke("図書館は何時に開きますか")
    assert {document.metadata["section"] for document in found} == {"1. 開館時間"}
    assert found[0].metadata["score"] >= found[1].metadata["score"]
    new = next(document for document in found if document.metadata["doc_id"] == "new")
    assert new.metadata["title"] == "図書館計画2"
    assert new.metadata["source"] == "https://example.com/new"
    assert new.metadata["valid_from"] == "2024-04-01"
    assert new.metadata["valid_until"] == "2028-03-31"
    assert "午前9時" in new.page_content


def test_the_as_of_date_selects_the_document(index: Index, encoder: Encoder) -> None:
    found = ShirubeRetriever(index=index, encoder=encoder, as_of=date(2025, 1, 1)).invoke("席はいくつありますか")
    assert {(d.metadata["doc_id"], d.metadata["in_force"]) for d in found} == {("old", False), ("new", True)}
