"""Tests of the work of public pages with expensive documents, in units of a fixed computation."""

import gc
import re
import tomllib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from time import process_time
from urllib.parse import quote

import numpy as np
import pytest
from fastapi.testclient import TestClient
from numpy.typing import NDArray

from bot.running.server.api import create_app
from bot.running.service.service import Service
from ingest.build.build import build
from ingest.embedding import to_unit_length
from tests.bot.channels.pages.reading.hostile import documents
from tests.ingest.small_corpus import LetterEncoder, make_settings

# In units of `unit_s`, which takes as long as the pages do on a slow or busy machine; .5 s on a fast one.
MOST_UNITS = 16
BRIEF_S = 0.02  # far below `MOST_UNITS`: a unit takes about .02 s
ASKED = "目標" * 150
# What the address of a route is called with; a route of which nothing is said is called as it stands.
QUERIES = {
    "/api/search": f"?q={ASKED}&k=100",
    "/documents": f"?q={'a ' * 150}",
    "/documents/{doc_id}": "?furigana=1",
    "/documents/{doc_id}/search": f"?q={ASKED}",
    "/documents/{doc_id}/section": "?passage={passage}",
}


class CountedLetters(LetterEncoder):
    """Encodes by the letters of a text: what is measured is to be ours."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """Return (dimension,)."""
        return to_unit_length(np.bincount([ord(letter) % self.dimension for letter in text], minlength=self.dimension))


def unit_s() -> float:
    """Return the CPU seconds of a computation that is the same everywhere, as long as the machine now takes for it."""
    start = process_time()
    "".join(re.sub(r"\d", "", str(number)) for number in range(30_000))
    return process_time() - start


def public() -> list[str]:
    """Return the public GET addresses of the access table."""
    table = tomllib.loads(files("bot.running.auth").joinpath("access.toml").read_text("utf-8"))
    return [route.removeprefix("GET ") for route in table["routes"]["citizen"] if route.startswith("GET ")]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """Yield a client over an index of all hostile documents, and a passage of each document by its id."""
    folder = tmp_path_factory.mktemp("hostile")
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, content in documents():
        (corpus / name).write_bytes(content)
    settings = make_settings(folder, corpus=corpus, requests_per_minute_address=100_000)
    encoder = CountedLetters()
    with pytest.MonkeyPatch.context() as patched:
        build(settings, [corpus], encoder=encoder)
        patched.setattr("bot.running.service.active_pipeline.open_encoder", lambda _settings: encoder)
        service = Service(settings, lambda: date(2026, 4, 1))
        try:
            passages = {state.document.id: service.passages(state.document.id)[-1].id for state in service.documents()}
            service.warm()
            yield TestClient(create_app(service, settings), follow_redirects=False), passages
        finally:
            service.close()


def addresses(passages: dict[str, str]) -> Iterator[str]:
    """Yield each public address, those of a document for every one, the last passage and the last page of it."""
    first = next(iter(passages))
    for route in public():
        of_each = passages if "{doc_id}" in route or "{passage_id" in route else {first: passages[first]}
        for doc_id, passage in of_each.items():
            whole = route + QUERIES.get(route, "")
            for name, value in {
                "{doc_id}": doc_id,
                "{other_id}": "same" if doc_id != "same" else "headings",
                "{passage_id:path}": passage,
                "{passage}": passage,
                "{page:int}": "1",
                "{n}": "1",
                "{model}": "shirube",
            }.items():
                whole = whole.replace(name, quote(value, safe=""))
            assert "{" not in whole, f"say in this test what stands for {whole}"
            yield whole


def test_no_public_address_is_expensive(hostile: tuple[TestClient, dict[str, str]]) -> None:
    client, passages = hostile
    assert len(passages) >= 25
    gc.collect()
    gc.freeze()
    took: dict[str, float] = {}
    for address in addresses(passages):
        for _ in range(2):  # the first may have waited for the collector of garbage
            start = process_time()
            answer = client.get(address)
            seconds = process_time() - start
            units = seconds / unit_s() if seconds > BRIEF_S else 0.0
            took[address] = min(units, took.get(address, 1000.0))
            if took[address] < MOST_UNITS:
                break
        assert answer.status_code < 500 or answer.status_code == 503, address
    slow = {address: round(units, 1) for address, units in took.items() if units >= MOST_UNITS}
    assert not slow


def test_a_long_document_is_shown_in_parts(hostile: tuple[TestClient, dict[str, str]]) -> None:
    client, passages = hostile
    client.cookies.clear()
    first = client.get("/documents/headings")
    assert "この文書の続き" in first.text
    assert "見出し519" not in first.text
    moved = client.get(f"/documents/headings?passage={quote(passages['headings'], safe='')}")
    assert moved.status_code == 303
    last = client.get(moved.headers["location"].partition("#")[0])
    assert f'id="{moved.headers["location"].partition("#")[2]}"' in last.text
    assert "見出し519" in last.text
    assert '"/documents/headings?at=1"' in last.text
