import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from bot.answering.rendering.cited_sections import render_sources
from bot.answering.state import Citation
from bot.running.server.api import create_app
from bot.running.service.document_state import DocumentState, OriginalFile, PagePictures
from bot.running.service.service import Service, open_service
from ingest.build.build import build, index_documents
from ingest.configuration.settings import Settings
from ingest.index.index import open_index
from ingest.lifecycle.library import remove_documents
from tests.bot.answer_assertions import TODAY
from tests.bot.answering.rendering.test_html import answer_citing
from tests.bot.fixed_service import DOCUMENT, StandIn
from tests.ingest.pdf_files import lines, nested, page, pdf, picture, scan

PDF = pdf(page(*lines("公園の清掃は年に六回行います。")), page(*lines("街路樹の剪定は五年ごとに行います。")))
SCAN = scan(picture(page(*lines("苗木の配布は春と秋に行います。", size=16))))
NOTE = "# 図書館\n\n図書館の開館時間は九時から七時です。\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("files")
    corpus = folder / "corpus"
    corpus.mkdir()
    (corpus / "緑の計画.pdf").write_bytes(PDF)
    (corpus / "scan.pdf").write_bytes(SCAN)
    (corpus / "note.md").write_text(NOTE, "utf-8")
    entries = (("緑の計画.pdf", "green", "緑の計画"), ("scan.pdf", "scan", "苗木の案内"), ("note.md", "note", "図書館"))
    (corpus / "manifest.toml").write_text(
        "".join(f'[[document]]\nfile = "{file}"\nid = "{id_}"\ntitle = "{title}"\n' for file, id_, title in entries),
        "utf-8",
    )
    made = Settings(_env_file=None, data=folder / "data", corpus=corpus)
    build(made, [corpus])
    return made


@pytest.fixture(scope="module")
def service(settings: Settings) -> Iterator[Service]:
    with open_service(settings, lambda: TODAY) as opened:
        yield opened


@pytest.fixture(scope="module")
def client(service: Service, settings: Settings) -> TestClient:
    return TestClient(create_app(service, settings))


def test_an_original_file_is_returned_unchanged(client: TestClient) -> None:
    got = client.get("/api/documents/green/file")
    assert got.content == PDF
    assert got.headers["content-type"] == "application/pdf"
    assert got.headers["content-disposition"].startswith("inline; filename*=utf-8''%E7%B7%91")
    assert client.get("/api/documents/green/file", headers={"range": "bytes=0-7"}).content == PDF[:8]


def test_text_is_shown_as_text_in_its_encoding(client: TestClient) -> None:
    got = client.get("/api/documents/note/file")
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.text == NOTE
    assert "sandbox" in got.headers["content-security-policy"]
    assert got.headers["x-content-type-options"] == "nosniff"


class Keeping(StandIn):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def original(self, doc_id: str, version: str = "") -> OriginalFile:
        return OriginalFile(replace(DOCUMENT, id=doc_id, file=self.path.name), self.path, is_current=not version)


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "paper.docx", "unknown"])
def test_active_or_unknown_files_are_downloads(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("<script>alert(1)</script>", "utf-8")
    got = TestClient(create_app(Keeping(tmp_path / name), Settings(_env_file=None))).get("/api/documents/x/file")
    assert got.headers["content-disposition"] == f'attachment; filename="{name}"'
    assert got.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in got.headers["content-security-policy"]


def test_documents_and_citations_link_to_the_file(client: TestClient) -> None:
    assert client.get("/api/documents/green").json()["file_url"] == "/api/documents/green/file"
    told = client.post("/api/chat", json={"question": "街路樹の剪定は何年ごとですか"}).json()
    citation = told["citations"][0]
    assert citation["file_url"] == f"/api/documents/green/file?version={citation['version']}#page=2"
    assert not citation["read_by_ocr"]
    got = client.get(citation["page_url"])
    assert got.headers["content-type"] == "image/png"
    assert got.content != client.get("/api/documents/green/pages/2.png").content


def test_a_cached_picture_does_not_wait(tmp_path: Path) -> None:
    pictures = PagePictures()
    (tmp_path / "green.pdf").write_bytes(PDF)
    green = OriginalFile(replace(DOCUMENT, file="green.pdf", digest="green"), tmp_path / "green.pdf")
    drawn = pictures.render_page(green, 1, "")
    (tmp_path / "slow.pdf").write_bytes(nested(depth=4))
    slow = OriginalFile(replace(DOCUMENT, file="slow.pdf", digest="slow"), tmp_path / "slow.pdf")
    with ThreadPoolExecutor(1) as threads:
        waits = threads.submit(pictures.render_page, slow, 1, "")
        while not (active_children() or waits.done()):  # its page is drawn in a process of its own
            time.sleep(0.001)
        assert pictures.render_page(green, 1, "") == drawn
        assert not waits.done()


def test_text_from_ocr_is_marked(client: TestClient) -> None:
    told = client.post("/api/chat", json={"question": "苗木の配布はいつですか"}).json()
    assert told["citations"][0]["read_by_ocr"]
    assert "「苗木の案内」1ページは画像から読み取った文字です。原本を確かめてください。" in told["notices"]
    assert client.get(told["citations"][0]["page_url"]).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("nowhere/file", "「nowhere」は見つかりません"),
        ("nowhere/pages/1.png", "「nowhere」は見つかりません"),
        ("green/pages/3.png", "「緑の計画」に3ページはありません"),
        ("green/pages/0.png", "「緑の計画」に0ページはありません"),
        ("note/pages/1.png", "PDF の文書だけ"),
    ],
)
def test_a_missing_file_is_a_problem(address: str, detail: str, client: TestClient) -> None:
    got = client.get(f"/api/documents/{address}")
    assert got.status_code == 404
    assert got.headers["content-type"] == "application/problem+json"
    assert detail in got.json()["detail"]


def test_files_follow_the_index_build(settings: Settings, tmp_path: Path) -> None:
    own = settings.model_copy(update={"data": tmp_path / "data"})
    with open_index(settings) as index:
        index_documents(own, [index.load(document.id) for document in index.documents])
    with open_service(own, lambda: TODAY) as opened:
        client = TestClient(create_app(opened, own))
        assert client.get("/api/documents/green").json()["file_url"] is None
        got = client.get("/api/documents/green/file")
        assert got.status_code == 404
        assert "次に文書を取り込むと" in got.json()["detail"]
        build(own, [settings.corpus])
        opened.follow()
        assert client.get("/api/documents/green/file").content == PDF
        remove_documents(own, ["green"])
        opened.follow()
        assert "「green」は見つかりません" in client.get("/api/documents/green/file").json()["detail"]


def test_sources_are_links_if_the_server_is_known() -> None:
    citation = Citation(
        n=1, passage_id="p#1", doc_id="p", title="計画[案]", section="期間", page=2, quote="四年", in_force=None,
        file_url="/api/documents/p/file#page=2", url="https://city.example.jp/p",
    )  # fmt: skip
    under = render_sources(answer_citing(citations=(citation,)), "http://host:8000/")
    assert r"[計画\[案\]「期間」 2ページ](<http://host:8000/api/documents/p/file#page=2>)" in under
    assert "[公表元](<https://city.example.jp/p>)" in under
    unkept = citation.model_copy(update={"file_url": None, "url": "javascript:alert(1)"})
    assert "](" not in render_sources(answer_citing(citations=(unkept,)), "http://host:8000/")


def test_only_pages_of_a_pdf_have_addresses() -> None:
    kept = DocumentState(replace(DOCUMENT, file="plan.PDF"), has_file=True)
    assert kept.page_url(3, "plan-2#0001") == "/api/documents/plan-2/pages/3.png?passage=plan-2%230001"
    text = DocumentState(DOCUMENT, has_file=True)
    assert text.file_url(3) == "/api/documents/plan-2/file"
    assert text.page_url(3, "x") is None
    assert DocumentState(DOCUMENT).file_url() is None
    assert kept.page_url(None, "x") is None
